package app_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/account"
	"github.com/starlinghq/starling/internal/app"
	"github.com/starlinghq/starling/internal/app/apptest"
	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
	"github.com/starlinghq/starling/internal/testenv"
	"github.com/starlinghq/starling/router"
	"github.com/starlinghq/starling/subgraphs/users"
)

// TestEveryTopLevelCode walks the closed list: each code is provoked in a
// running product, with what it needs planted.
func TestEveryTopLevelCode(t *testing.T) {
	t.Parallel()
	provoke := map[string]func(t *testing.T){
		"GRAPHQL_PARSE_FAILED":      func(t *testing.T) { provokeAsked(t, "GRAPHQL_PARSE_FAILED", `{`) },
		"GRAPHQL_VALIDATION_FAILED": func(t *testing.T) { provokeAsked(t, "GRAPHQL_VALIDATION_FAILED", `{ nope }`) },
		"BAD_USER_INPUT":            func(t *testing.T) { provokeAsked(t, "BAD_USER_INPUT", `{ tweet(id: "x") { id } }`) },
		"UNAUTHENTICATED":           func(t *testing.T) { provokeAsked(t, "UNAUTHENTICATED", `{ feed { edges { cursor } } }`) },
		"FORBIDDEN":                 provokeForbidden,
		"RATE_LIMITED":              provokeRateLimited,
		"OVERLOADED":                provokeOverloaded,
		"TIMEOUT":                   provokeTimeout,
		"DOWNSTREAM_SERVICE_ERROR":  provokeDownstream,
		"INTERNAL":                  provokeInternal,
		"PERSISTED_QUERY_NOT_FOUND": provokePersisted,
	}
	for _, code := range codesOf(t, "Top-level errors") {
		f, ok := provoke[code]
		if !ok {
			t.Errorf("no case provokes %s", code)
			continue
		}
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			f(t)
		})
	}
}

func provokeAsked(t *testing.T, code, doc string) {
	topLevel{code, 200, doc, document(apptest.Start(t).Anonymous(), doc, nil)}.check(t)
}

func provokePersisted(t *testing.T) {
	hash := `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"ab"}}}`
	topLevel{"PERSISTED_QUERY_NOT_FOUND", 200, "a hash", rawBody(apptest.Start(t).Anonymous(), hash, "application/json")}.check(t)
}

// provokeForbidden: accounts are made elsewhere.
func provokeForbidden(t *testing.T) {
	deps := apptest.Start(t).Server().Deps()
	ask := routerOver(t, users.New(deps, users.Accounts{}))
	for _, m := range []string{"signUp", "logIn"} {
		doc := `mutation { ` + m + `(input: {handle: "ann", password: "long enough"}) { userErrors { code } } }`
		topLevel{"FORBIDDEN", 200, m, func(t apptest.TB) apptest.Answer { return ask(t, doc, "127.0.0.1:4711") }}.check(t)
	}
}

// routerOver runs a router whose services are all one handler.
func routerOver(t *testing.T, service http.Handler) func(t apptest.TB, doc, from string) apptest.Answer {
	t.Helper()
	sdl, err := app.Supergraph(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r, err := router.New(router.Config{
		Source:    router.Static(sdl),
		Transport: func(string) http.RoundTripper { return router.InProcess(service) },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	testenv.Eventually(t, 10*time.Second, r.Ready)
	return func(t apptest.TB, doc, from string) apptest.Answer { return handle(t, r, doc, from) }
}

// handle asks a handler as a client at an address does.
func handle(t apptest.TB, h http.Handler, doc, from string) apptest.Answer {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": doc})
	if err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Forwarded-For", "127.0.0.1") // whoever says so himself is not believed
	req.RemoteAddr = from
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	a := apptest.Answer{Status: w.Code}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// provokeRateLimited: too many sign-ups of one address, whatever it says of itself.
func provokeRateLimited(t *testing.T) {
	sys := apptest.Start(t, func(c *app.Config) { c.Auth.Throttle = app.ThrottleConfig{PerMinute: 2} })
	from := func(address string) apptest.Answer {
		return handle(t, sys.Server().Handler(), `mutation { logIn(input: {handle: "ann", password: "long enough"}) { userErrors { code } } }`, address)
	}
	limited := topLevel{"RATE_LIMITED", 200, "one address", func(apptest.TB) apptest.Answer { return from("203.0.113.9:4711") }}
	for range 100 {
		if a := limited.ask(t); len(a.Errors) > 0 {
			limited.check(t)
			if a := from("203.0.113.10:4711"); len(a.Errors) > 0 {
				t.Errorf("another address is limited too: %v", a.Errors)
			}
			return
		}
	}
	t.Error("a hundred log-ins of one address at once were let through")
}

// provokeOverloaded: the queue of a family is full. Nothing is accepted, not
// even the idempotency key, and reads go on.
func provokeOverloaded(t *testing.T) {
	p := &plant{}
	sys := apptest.StartWith(t, p.opener(), func(c *app.Config) { c.Limits.QueueDepth = 3 })
	ann := sys.SignUp(t, "ann")
	sys.Settled(t)
	p.pause()
	in := apptest.Input{"text": "x"}
	for i := 0; ann.Act(t, "postTweet", in).Code() == ""; i++ {
		if i > 10 {
			t.Fatal("a full queue takes more")
		}
	}
	in["idempotencyKey"] = "k"
	topLevel{"OVERLOADED", 200, "a full queue", act(ann, "postTweet", in)}.check(t)
	ann.Do(t, `{ viewer { tweets { edges { node { text } } } } }`, nil)
	for i := 0; ann.Act(t, "updateProfile", apptest.Input{"bio": "x"}).Code() == ""; i++ {
		if i > 10 {
			t.Fatal("a full queue takes more")
		}
	}
	carl := apptest.Input{"handle": "carl", "password": "long enough"}
	topLevel{"OVERLOADED", 200, "a sign-up", act(ann, "signUp", carl)}.check(t)
	p.resume()
	sys.Settled(t)
	in["text"] = "y" // the key was not taken
	ann.Must(t, "postTweet", in)
	carl["password"] = "of somebody else" // nor was the handle
	ann.Must(t, "signUp", carl)
}

// provokeTimeout: the confirmation is missing. The change may be applied, and
// a retry with the same key finds out.
func provokeTimeout(t *testing.T) {
	p := &plant{}
	sys := apptest.StartWith(t, p.opener())
	ann := sys.SignUp(t, "ann")
	p.set(func() { p.publish = func([]queue.Message) error { return errors.New("the confirmation is lost") } })
	in := apptest.Input{"text": "x", "idempotencyKey": "k"}
	topLevel{"TIMEOUT", 200, "no confirmation", act(ann, "postTweet", in)}.check(t)
	topLevel{"TIMEOUT", 200, "no confirmation of a like", act(ann, "updateProfile", apptest.Input{"bio": "x"})}.check(t)
	p.set(func() { p.publish = nil })
	tweet := ann.Must(t, "postTweet", in)
	if again := ann.Must(t, "postTweet", in); again != tweet {
		t.Errorf("the key gave %s, then %s", tweet, again)
	}
	sys.Settled(t)
	if got := ann.Feed(t, 20); !slices.Equal(got, []string{tweet}) {
		t.Errorf("the feed is %v, want one tweet %s", got, tweet)
	}
}

// provokeDownstream: one service is broken, the others go on.
func provokeDownstream(t *testing.T) {
	ask := routerOver(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	topLevel{"DOWNSTREAM_SERVICE_ERROR", 200, "a broken service", func(t apptest.TB) apptest.Answer {
		a := ask(t, `{ __typename viewer { id } }`, "127.0.0.1:4711")
		if !bytes.Contains(a.Data, []byte(`"__typename":"Query"`)) {
			t.Errorf("the rest of the page is gone: %s", a.Data)
		}
		return a
	}}.check(t)
}

// provokeInternal: a fault nobody thought of. Its words stay inside.
func provokeInternal(t *testing.T) {
	p := &plant{}
	sys := apptest.StartWith(t, p.opener())
	ann := sys.SignUp(t, "ann")
	faults := map[string]func([]social.TweetID) error{
		"an error": func([]social.TweetID) error { return errors.New("secret: row 7 of table tweets") },
		"a panic":  func([]social.TweetID) error { panic("secret: nil map") },
	}
	for name, f := range faults {
		p.set(func() { p.tweets = f })
		ask := func(t apptest.TB) apptest.Answer {
			a := ann.Ask(t, `{ tweet(id: "t1") { id } viewer { handle } }`, nil)
			for _, e := range a.Errors {
				if all := fmt.Sprint(e); strings.Contains(all, "secret") || strings.Contains(all, "goroutine") {
					t.Errorf("%s: our insides are told: %s", name, all)
				}
			}
			if !bytes.Contains(a.Data, []byte(`"viewer":{"handle":"ann"}`)) {
				t.Errorf("%s: the rest of the page is gone: %s", name, a.Data)
			}
			return a
		}
		topLevel{"INTERNAL", 200, name, ask}.check(t)
	}
}

// TestAStoreThatIsAwayIsOverload: surely nothing was changed, come back.
func TestAStoreThatIsAwayIsOverload(t *testing.T) {
	t.Parallel()
	p := &plant{}
	sys := apptest.StartWith(t, p.opener())
	ann := sys.SignUp(t, "ann")
	p.set(func() {
		p.tweets = func([]social.TweetID) error { return fmt.Errorf("reading: %w", store.ErrUnavailable) }
	})
	topLevel{"OVERLOADED", 200, "a read", document(ann, `{ tweet(id: "t1") { id } }`, nil)}.check(t)
	topLevel{"OVERLOADED", 200, "a mutation", act(ann, "likeTweet", apptest.Input{"tweetId": "t1"})}.check(t)
}

// TestMutationsNeedAViewer: all but signUp and logIn.
func TestMutationsNeedAViewer(t *testing.T) {
	t.Parallel()
	sys := apptest.Start(t)
	for m, in := range map[string]apptest.Input{
		"updateProfile": {"bio": "x"}, "follow": {"userId": "u1"}, "unfollow": {"userId": "u1"},
		"postTweet": {"text": "x"}, "deleteTweet": {"tweetId": "t1"}, "likeTweet": {"tweetId": "t1"}, "unlikeTweet": {"tweetId": "t1"},
		"commentOnTweet": {"tweetId": "t1", "text": "x"}, "deleteComment": {"commentId": "c1"},
	} {
		topLevel{"UNAUTHENTICATED", 200, m, act(sys.Anonymous(), m, in)}.check(t)
	}
}

// TestBadTokensAreRefused: a request with a bad token is refused as a whole,
// even where none is needed.
func TestBadTokensAreRefused(t *testing.T) {
	t.Parallel()
	sys := apptest.Start(t)
	ann := sys.SignUp(t, "ann")
	ours, err := account.Load(filepath.Join(sys.Dir, "signing-key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := account.NewIssuer()
	if err != nil {
		t.Fatal(err)
	}
	issue := func(i *account.Issuer, subject string, at time.Time) string {
		token, _, err := i.Issue(subject, nil, at)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	now := time.Now()
	parts := strings.Split(ann.Token, ".")
	encode := base64.RawURLEncoding.EncodeToString
	forged := bytes.Replace(must(base64.RawURLEncoding.DecodeString(parts[1])), []byte(ann.UserID), []byte("u7"), 1)
	tokens := map[string]string{
		"garbage":              "garbage",
		"three parts":          "a.b.c",
		"unsigned":             encode([]byte(`{"alg":"none"}`)) + "." + parts[1] + ".",
		"unsigned, signed":     encode([]byte(`{"alg":"none"}`)) + "." + parts[1] + "." + parts[2],
		"another algorithm":    encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + parts[1] + "." + parts[2],
		"another payload":      parts[0] + "." + encode(forged) + "." + parts[2],
		"no signature":         parts[0] + "." + parts[1] + ".",
		"cut":                  ann.Token[:len(ann.Token)-8],
		"expired":              issue(ours, ann.UserID, now.Add(-25*time.Hour)),
		"of tomorrow":          issue(ours, ann.UserID, now.Add(24*time.Hour)),
		"a foreign key":        issue(foreign, ann.UserID, now),
		"a foreign issuer":     issue(ours.With(account.IssuerConfig{Issuer: "other"}), ann.UserID, now),
		"another audience":     issue(ours.With(account.IssuerConfig{Audience: "other"}), ann.UserID, now),
		"another kind of user": issue(ours, "somebody", now),
		"a tweet as user":      issue(ours, "t1", now),
	}
	for name, token := range tokens {
		a := ann.With(token).Ask(t, `{ viewer { id } }`, nil)
		if codes := a.Codes(); len(codes) != 1 || codes[0] != "UNAUTHENTICATED" || bytes.Contains(a.Data, []byte(ann.UserID)) {
			t.Errorf("%s: got %d %s %v", name, a.Status, a.Data, a.Errors)
		} else if trace, _ := a.Errors[0].Extensions["traceId"].(string); len(trace) != 32 {
			t.Errorf("%s: no trace id: %v", name, a.Errors[0])
		}
	}
	for _, header := range []string{"Basic YTpi", "Bearer", "Bearer ", "garbage"} {
		c := sys.Anonymous()
		c.Header = map[string]string{"Authorization": header}
		if a := c.Ask(t, `{ viewer { id } }`, nil); len(a.Errors) != 1 || a.Errors[0].Code() != "UNAUTHENTICATED" {
			t.Errorf("Authorization %q: got %d %s %v", header, a.Status, a.Data, a.Errors)
		}
	}
	if a := ann.With(issue(ours, ann.UserID, now)).Ask(t, `{ viewer { id } }`, nil); !bytes.Contains(a.Data, []byte(ann.UserID)) {
		t.Errorf("a good token is refused: %v", a.Errors)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestTooManyFollowees plants the count: an account that follows ten thousand.
func TestTooManyFollowees(t *testing.T) {
	t.Parallel()
	p := &plant{counts: func(r store.Relation, counts []store.Count) {
		for i := range counts {
			if r == store.Followees {
				counts[i].N = social.MaxFollowees
			}
		}
	}}
	sys := apptest.StartWith(t, p.opener())
	ann, bob := sys.SignUp(t, "ann"), sys.SignUp(t, "bob")
	o := ann.Act(t, "follow", apptest.Input{"userId": bob.UserID})
	if len(o.UserErrors) != 1 || o.UserErrors[0].Code != "TOO_MANY_FOLLOWEES" || o.ID != "" {
		t.Errorf("got %+v", o)
	}
	if o := ann.Act(t, "unfollow", apptest.Input{"userId": bob.UserID}); o.Code() != "" {
		t.Errorf("unfollowing is refused: %+v", o)
	}
}

// TestGetIsForQueries: GET carries queries, never mutations.
func TestGetIsForQueries(t *testing.T) {
	t.Parallel()
	sys := apptest.Start(t)
	ann := sys.SignUp(t, "ann")
	for _, tt := range []struct {
		method, query, code string
		status              int
	}{
		{http.MethodGet, `{viewer{handle}}`, "", 200},
		{http.MethodGet, `mutation{postTweet(input:{text:"x"}){tweet{id}}}`, "GRAPHQL_VALIDATION_FAILED", 405},
		{http.MethodGet, ``, "BAD_USER_INPUT", 400},
		{http.MethodPut, `{viewer{handle}}`, "BAD_USER_INPUT", 405},
	} {
		req := must(http.NewRequestWithContext(t.Context(), tt.method, sys.URL+"/graphql", nil))
		req.URL.RawQuery = "query=" + urlEscape(tt.query)
		req.Header.Set("Authorization", "Bearer "+ann.Token)
		req.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body := must(io.ReadAll(resp.Body))
		resp.Body.Close()
		var a apptest.Answer
		if err := json.Unmarshal(body, &a); err != nil {
			t.Fatalf("%s %q: %v: %s", tt.method, tt.query, err, body)
		}
		code := ""
		if len(a.Errors) > 0 {
			code = a.Errors[0].Code()
		}
		if resp.StatusCode != tt.status || code != tt.code {
			t.Errorf("%s %q: got %d %s, want %d %s", tt.method, tt.query, resp.StatusCode, body, tt.status, tt.code)
		}
	}
	if got := ann.Feed(t, 20); len(got) != 0 {
		t.Errorf("a GET posted: %v", got)
	}
}

func urlEscape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "%%%02X", s[i])
	}
	return b.String()
}
