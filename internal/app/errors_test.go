package app_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/starlinghq/starling/internal/app/apptest"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/router"
	"github.com/starlinghq/starling/subgraphs"
)

// codesOf lists the codes of one section of docs/errors.md.
func codesOf(t *testing.T, section string) []string {
	t.Helper()
	b, err := os.ReadFile("../../docs/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(b), "## "+section+"\n")
	if !ok {
		t.Fatalf("docs/errors.md has no section %q", section)
	}
	text, _, _ = strings.Cut(text, "\n## ")
	var codes []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([A-Z_]+)`").FindAllStringSubmatch(text, -1) {
		codes = append(codes, m[1])
	}
	slices.Sort(codes)
	return codes
}

// TestCodesAreDocumented compares docs/errors.md with the constants.
func TestCodesAreDocumented(t *testing.T) {
	fromSubgraphs, userErrors := subgraphs.Codes()
	errors := append(router.Codes(), fromSubgraphs...)
	slices.Sort(errors)
	slices.Sort(userErrors)
	if diff := cmp.Diff(slices.Compact(errors), codesOf(t, "Top-level errors")); diff != "" {
		t.Errorf("top-level errors (-constants +docs/errors.md):\n%s", diff)
	}
	if diff := cmp.Diff(userErrors, codesOf(t, "userErrors")); diff != "" {
		t.Errorf("userErrors (-constants +docs/errors.md):\n%s", diff)
	}
}

// scene is what the cases of bad input speak about.
type scene struct {
	sys              *apptest.System
	ann, bob, nobody *apptest.Client
	tweet, gone      string // ann's: one that is there, one that is deleted
	comment          string // ann's, on tweet
	young, future    string // snowflakes that nobody minted
}

func newScene(t *testing.T) *scene {
	t.Helper()
	sys := apptest.Start(t)
	s := &scene{sys: sys, ann: sys.SignUp(t, "ann"), bob: sys.SignUp(t, "bob"), nobody: sys.Anonymous()}
	s.tweet = s.ann.Posts(t, "a tweet")
	s.gone = s.ann.Posts(t, "a mistake")
	s.ann.Deletes(t, s.gone)
	s.comment = s.ann.Comments(t, s.tweet, "a comment")
	s.young = snowflake.Make(snowflake.MillisOf(time.Now()), snowflake.Nodes-1, 999).String()
	s.future = snowflake.FirstAt(time.Now().Add(time.Hour)).String()
	return s
}

// TestUserErrors provokes every code of userErrors.
func TestUserErrors(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	type input = apptest.Input
	long := strings.Repeat("a", 281)
	cases := []struct {
		code, field string
		who         *apptest.Client
		mutation    string
		in          input
	}{
		{"HANDLE_TAKEN", "handle", s.nobody, "signUp", input{"handle": "ann", "password": "another password"}},
		{"HANDLE_TAKEN", "handle", s.nobody, "signUp", input{"handle": "ANN", "password": "another password"}},
		{"HANDLE_INVALID", "handle", s.nobody, "signUp", input{"handle": "", "password": "long enough"}},
		{"HANDLE_INVALID", "handle", s.nobody, "signUp", input{"handle": strings.Repeat("a", 16), "password": "long enough"}},
		{"HANDLE_INVALID", "handle", s.nobody, "signUp", input{"handle": "two words", "password": "long enough"}},
		{"HANDLE_INVALID", "handle", s.nobody, "signUp", input{"handle": "jürgen", "password": "long enough"}},
		{"HANDLE_INVALID", "handle", s.nobody, "signUp", input{"handle": "@ann", "password": "long enough"}},
		{"PASSWORD_WEAK", "password", s.nobody, "signUp", input{"handle": "new", "password": ""}},
		{"PASSWORD_WEAK", "password", s.nobody, "signUp", input{"handle": "new", "password": "1234567"}},
		{"PASSWORD_WEAK", "password", s.nobody, "signUp", input{"handle": "new", "password": strings.Repeat("a", 1025)}},
		{"WRONG_CREDENTIALS", "password", s.nobody, "logIn", input{"handle": "ann", "password": "wrong password"}},
		{"WRONG_CREDENTIALS", "password", s.nobody, "logIn", input{"handle": "nobody", "password": "long enough"}},
		{"WRONG_CREDENTIALS", "password", s.nobody, "logIn", input{"handle": "no body", "password": "long enough"}},
		{"WRONG_CREDENTIALS", "password", s.nobody, "logIn", input{"handle": "ann", "password": ""}},
		{"TEXT_EMPTY", "text", s.ann, "postTweet", input{"text": ""}},
		{"TEXT_EMPTY", "text", s.ann, "postTweet", input{"text": " \t\n "}},
		{"TEXT_EMPTY", "text", s.ann, "commentOnTweet", input{"text": "", "tweetId": s.tweet}},
		{"TEXT_TOO_LONG", "text", s.ann, "postTweet", input{"text": long}},
		{"TEXT_TOO_LONG", "text", s.ann, "postTweet", input{"text": strings.Repeat("字", 141)}},
		{"TEXT_TOO_LONG", "text", s.ann, "commentOnTweet", input{"text": long, "tweetId": s.tweet}},
		{"NOT_FOUND", "userId", s.ann, "follow", input{"userId": "u1"}},
		{"NOT_FOUND", "userId", s.ann, "follow", input{"userId": "u" + s.future}},
		{"NOT_FOUND", "userId", s.ann, "unfollow", input{"userId": "u1"}},
		{"NOT_FOUND", "inReplyToId", s.ann, "postTweet", input{"text": "x", "inReplyToId": "t1"}},
		{"NOT_FOUND", "inReplyToId", s.ann, "postTweet", input{"text": "x", "inReplyToId": "t" + s.future}},
		{"NOT_FOUND", "tweetId", s.ann, "likeTweet", input{"tweetId": "t1"}},
		{"NOT_FOUND", "tweetId", s.ann, "likeTweet", input{"tweetId": "t9223372036854775807"}},
		{"NOT_FOUND", "tweetId", s.ann, "unlikeTweet", input{"tweetId": "t1"}},
		{"NOT_FOUND", "tweetId", s.ann, "commentOnTweet", input{"tweetId": "t1", "text": "x"}},
		{"NOT_FOUND", "tweetId", s.ann, "deleteTweet", input{"tweetId": "t1"}},
		{"NOT_FOUND", "tweetId", s.ann, "deleteTweet", input{"tweetId": "t" + s.future}},
		{"NOT_FOUND", "commentId", s.ann, "deleteComment", input{"commentId": "c1"}},
		{"NOT_FOUND", "commentId", s.ann, "deleteComment", input{"commentId": "c" + s.future}},
		{"DELETED", "inReplyToId", s.bob, "postTweet", input{"text": "x", "inReplyToId": s.gone}},
		{"DELETED", "tweetId", s.bob, "likeTweet", input{"tweetId": s.gone}},
		{"DELETED", "tweetId", s.bob, "unlikeTweet", input{"tweetId": s.gone}},
		{"DELETED", "tweetId", s.bob, "commentOnTweet", input{"tweetId": s.gone, "text": "x"}},
		{"NOT_YOURS", "tweetId", s.bob, "deleteTweet", input{"tweetId": s.tweet}},
		{"NOT_YOURS", "tweetId", s.bob, "deleteTweet", input{"tweetId": s.gone}},
		{"NOT_YOURS", "commentId", s.bob, "deleteComment", input{"commentId": s.comment}},
		{"SELF_FOLLOW", "userId", s.ann, "follow", input{"userId": s.ann.UserID}},
		{"SELF_FOLLOW", "userId", s.ann, "unfollow", input{"userId": s.ann.UserID}},
	}
	seen := map[string]bool{}
	for _, tt := range cases {
		began := time.Now()
		o := tt.who.Act(t, tt.mutation, tt.in)
		took := time.Since(began)
		if len(o.Errors) > 0 || len(o.UserErrors) != 1 || o.ID != "" {
			t.Errorf("%s %.80v gave %+v, want one userError %s", tt.mutation, tt.in, o, tt.code)
			continue
		}
		got := o.UserErrors[0]
		if got.Code != tt.code || !slices.Equal(got.Field, []string{"input", tt.field}) || !strings.HasSuffix(got.Message, ".") {
			t.Errorf("%s %.80v gave %+v, want %s of input.%s and a sentence", tt.mutation, tt.in, got, tt.code, tt.field)
		}
		if tt.code == "NOT_FOUND" && took > 800*time.Millisecond {
			t.Errorf("%s %v took %s: it waited for an id that cannot come", tt.mutation, tt.in, took)
		}
		seen[tt.code] = true
	}
	seen["TOO_MANY_FOLLOWEES"] = true // TestTooManyFollowees
	for _, code := range codesOf(t, "userErrors") {
		if !seen[code] {
			t.Errorf("no case provokes %s", code)
		}
	}
	for _, text := range []string{strings.Repeat("a", 280), strings.Repeat("字", 140), "https://example.com/" + strings.Repeat("a", 400)} {
		if o := s.ann.Act(t, "postTweet", input{"text": text}); o.Code() != "" {
			t.Errorf("a text within the limit is refused: %+v", o)
		}
	}
}

// topLevel is one way to provoke a top-level error.
type topLevel struct {
	code   string
	status int
	name   string
	ask    func(t apptest.TB) apptest.Answer
}

// document asks a document with variables.
func document(c *apptest.Client, doc string, vars map[string]any) func(apptest.TB) apptest.Answer {
	return func(t apptest.TB) apptest.Answer { return c.Ask(t, doc, vars) }
}

func rawBody(c *apptest.Client, body, contentType string) func(apptest.TB) apptest.Answer {
	return func(t apptest.TB) apptest.Answer { return c.Post(t, []byte(body), contentType) }
}

func act(c *apptest.Client, mutation string, in apptest.Input) func(apptest.TB) apptest.Answer {
	return document(c, apptest.Mutation(mutation), map[string]any{"in": in})
}

// badInput lists what must be refused whatever the state of the system.
func (s *scene) badInput(t *testing.T) []topLevel {
	const j = "application/json"
	cases := []topLevel{
		{"BAD_USER_INPUT", 400, "no JSON", rawBody(s.ann, `{"query": "{ viewer`, j)},
		{"BAD_USER_INPUT", 400, "empty body", rawBody(s.ann, ``, j)},
		{"BAD_USER_INPUT", 400, "a list", rawBody(s.ann, `[{"query":"{viewer{id}}"}]`, j)},
		{"BAD_USER_INPUT", 400, "a string", rawBody(s.ann, `"{viewer{id}}"`, j)},
		{"BAD_USER_INPUT", 400, "no query", rawBody(s.ann, `{}`, j)},
		{"BAD_USER_INPUT", 400, "query is a number", rawBody(s.ann, `{"query": 1}`, j)},
		{"BAD_USER_INPUT", 400, "variables are a list", rawBody(s.ann, `{"query": "{viewer{id}}", "variables": []}`, j)},
		{"BAD_USER_INPUT", 413, "body too large", rawBody(s.ann, `{"query": "{viewer{id}}", "x": "`+strings.Repeat("a", 2<<20)+`"}`, j)},
		{"BAD_USER_INPUT", 415, "another content type", rawBody(s.ann, `{"query": "{viewer{id}}"}`, "text/plain")},
		{"BAD_USER_INPUT", 415, "a form", rawBody(s.ann, `query=%7Bviewer%7Bid%7D%7D`, "application/x-www-form-urlencoded")},
		{"PERSISTED_QUERY_NOT_FOUND", 200, "a hash of a query", rawBody(s.ann, `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"ab"}}}`, j)},
		{"GRAPHQL_PARSE_FAILED", 200, "no GraphQL", document(s.ann, `{ viewer { id }`, nil)},
		{"GRAPHQL_PARSE_FAILED", 200, "too many tokens", document(s.ann, `{ `+strings.Repeat("viewer { id } ", 5_000)+`}`, nil)},
		{"GRAPHQL_VALIDATION_FAILED", 200, "unknown field", document(s.ann, `{ viewer { nope } }`, nil)},
		{"GRAPHQL_VALIDATION_FAILED", 200, "unknown argument", document(s.ann, `{ viewer(x: 1) { id } }`, nil)},
		{"GRAPHQL_VALIDATION_FAILED", 200, "wrong type of a literal", document(s.ann, `{ feed(first: "many") { edges { cursor } } }`, nil)},
		{"GRAPHQL_VALIDATION_FAILED", 200, "unknown input field", document(s.ann, `mutation { postTweet(input: {text: "x", mood: "good"}) { tweet { id } } }`, nil)},
		{"GRAPHQL_VALIDATION_FAILED", 200, "no such operation", document(s.ann, `subscription { feedUpdated { newCount } }`, nil)},
		{"GRAPHQL_VALIDATION_FAILED", 200, "too deep", document(s.ann, deep(60), nil)},
		{"GRAPHQL_VALIDATION_FAILED", 200, "too many aliases", document(s.ann, `{ viewer { `+aliases(600)+` } }`, nil)},
		{"GRAPHQL_VALIDATION_FAILED", 200, "too many root fields", document(s.ann, `{ `+roots(101)+` }`, nil)},
		{"GRAPHQL_VALIDATION_FAILED", 200, "a fragment in itself", document(s.ann, `{ viewer { ...A } } fragment A on User { ...B } fragment B on User { ...A }`, nil)},
		{"BAD_USER_INPUT", 200, "wrong type of a variable", document(s.ann, `query($n: Int) { feed(first: $n) { edges { cursor } } }`, map[string]any{"n": "many"})},
		{"BAD_USER_INPUT", 200, "missing variable", document(s.ann, `query($id: ID!) { tweet(id: $id) { id } }`, nil)},
		{"BAD_USER_INPUT", 200, "unknown input field in a variable", act(s.ann, "postTweet", apptest.Input{"text": "x", "mood": "good"})},
		{"BAD_USER_INPUT", 200, "missing input field in a variable", act(s.ann, "postTweet", apptest.Input{})},
		{"BAD_USER_INPUT", 200, "empty idempotency key", act(s.ann, "postTweet", apptest.Input{"text": "x", "idempotencyKey": ""})},
		{"BAD_USER_INPUT", 200, "long idempotency key", act(s.ann, "postTweet", apptest.Input{"text": "x", "idempotencyKey": strings.Repeat("k", 129)})},
		{"BAD_USER_INPUT", 200, "forbidden character in a tweet", act(s.ann, "postTweet", apptest.Input{"text": "x\uFFFEy"})},
		{"BAD_USER_INPUT", 200, "forbidden character in a comment", act(s.ann, "commentOnTweet", apptest.Input{"tweetId": s.tweet, "text": "x\uFEFFy"})},
		{"BAD_USER_INPUT", 200, "long name", act(s.ann, "updateProfile", apptest.Input{"name": strings.Repeat("n", 51)})},
		{"BAD_USER_INPUT", 200, "long bio", act(s.ann, "updateProfile", apptest.Input{"bio": strings.Repeat("b", 161)})},
		{"BAD_USER_INPUT", 200, "long name at sign-up", act(s.nobody, "signUp", apptest.Input{"handle": "new", "password": "long enough", "name": strings.Repeat("n", 51)})},
	}
	for _, first := range []int{-1, 0, 101} {
		cases = append(cases, topLevel{"BAD_USER_INPUT", 200, fmt.Sprintf("feed first %d", first), document(s.ann, `query($n: Int) { feed(first: $n) { edges { cursor } } }`, map[string]any{"n": first})})
	}
	return append(append(cases, s.badIDs()...), s.badCursors(t)...)
}

func (s *scene) badIDs() []topLevel {
	var cases []topLevel
	for _, id := range []string{"", "1", "t", "t0", "t-1", "t+1", "t01", "t1 ", " t1", "T1", "x1", "t9223372036854775808", "t1t", s.ann.UserID, s.comment} {
		cases = append(cases,
			topLevel{"BAD_USER_INPUT", 200, fmt.Sprintf("tweet %q", id), document(s.ann, `query($id: ID!) { tweet(id: $id) { id } }`, map[string]any{"id": id})},
			topLevel{"BAD_USER_INPUT", 200, fmt.Sprintf("like %q", id), act(s.ann, "likeTweet", apptest.Input{"tweetId": id})},
			topLevel{"BAD_USER_INPUT", 200, fmt.Sprintf("reply to %q", id), act(s.ann, "postTweet", apptest.Input{"text": "x", "inReplyToId": id})},
			topLevel{"BAD_USER_INPUT", 200, fmt.Sprintf("comment on %q", id), act(s.ann, "commentOnTweet", apptest.Input{"text": "x", "tweetId": id})},
			topLevel{"BAD_USER_INPUT", 200, fmt.Sprintf("delete %q", id), act(s.ann, "deleteTweet", apptest.Input{"tweetId": id})},
		)
	}
	return append(cases,
		topLevel{"BAD_USER_INPUT", 200, "node", document(s.ann, `{ node(id: "x1") { id } }`, nil)},
		topLevel{"BAD_USER_INPUT", 200, "user of a tweet's id", document(s.ann, `query($id: ID!) { user(id: $id) { id } }`, map[string]any{"id": s.tweet})},
		topLevel{"BAD_USER_INPUT", 200, "follow a tweet", act(s.ann, "follow", apptest.Input{"userId": s.tweet})},
		topLevel{"BAD_USER_INPUT", 200, "unfollow a comment", act(s.ann, "unfollow", apptest.Input{"userId": s.comment})},
		topLevel{"BAD_USER_INPUT", 200, "delete a tweet as a comment", act(s.ann, "deleteComment", apptest.Input{"commentId": s.tweet})},
	)
}

// badCursors takes a good cursor of every list and gives it to all others.
func (s *scene) badCursors(t *testing.T) []topLevel {
	lists := []struct{ of, list string }{
		{s.ann.UserID, "followers"},
		{s.ann.UserID, "followees"},
		{s.ann.UserID, "tweets"},
		{s.ann.UserID, "likes"},
		{s.tweet, "likers"},
		{s.tweet, "comments"},
	}
	s.bob.Follows(t, s.ann)
	s.ann.Follows(t, s.bob)
	s.ann.Likes(t, s.tweet)
	s.sys.Settled(t)
	cursors := map[string]string{"feed": *s.ann.FeedPage(t, 1, nil).PageInfo.EndCursor}
	for _, l := range lists {
		p := s.ann.ListPage(t, l.of, l.list, 1, nil)
		if p.PageInfo.EndCursor == nil {
			t.Fatalf("%s has no cursor", l.list)
		}
		cursors[l.list] = *p.PageInfo.EndCursor
	}
	broken := map[string]string{
		"empty": "", "no base64": "!!!", "short": "AQEAAAA", "padded": cursors["feed"] + "=", "another version": "Ag" + cursors["feed"][2:],
		"a tweet's id": s.tweet, "zero": "AQEAAAAAAAAAAA", "negative": "AQH__________w",
	}
	var cases []topLevel
	add := func(list, name, cursor string) {
		doc := `query($a: String) { feed(after: $a) { edges { cursor } } }`
		for _, l := range lists {
			if l.list == list {
				kind := map[byte]string{'u': "User", 't': "Tweet"}[l.of[0]]
				doc = fmt.Sprintf(`query($a: String) { node(id: %q) { ... on %s { %s(after: $a) { edges { cursor } } } } }`, l.of, kind, list)
			}
		}
		cases = append(cases, topLevel{"BAD_USER_INPUT", 200, list + " after " + name, document(s.ann, doc, map[string]any{"a": cursor})})
	}
	for list := range cursors {
		for other, cursor := range cursors {
			if other != list {
				add(list, "a cursor of "+other, cursor)
			}
		}
		for name, cursor := range broken {
			add(list, name, cursor)
		}
	}
	cases = append(cases, topLevel{"BAD_USER_INPUT", 200, "newCount since another list", document(s.ann, `query($c: String!) { feed { newCount(since: $c) } }`, map[string]any{"c": cursors["tweets"]})})
	return cases
}

func deep(n int) string {
	return `{ viewer { ` + strings.Repeat(`tweets { edges { node { author { `, n/4) + `id` + strings.Repeat(` } } } }`, n/4) + ` } }`
}

func aliases(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "a%d: id ", i)
	}
	return b.String()
}

func roots(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "a%d: viewer { id } ", i)
	}
	return b.String()
}

// check provokes the error and looks at everything that it must have.
func (c topLevel) check(t *testing.T) {
	t.Helper()
	a := c.ask(t)
	if len(a.Errors) == 0 {
		t.Errorf("%s: no error, data %s; want %s", c.name, a.Data, c.code)
		return
	}
	e := a.Errors[0]
	trace, _ := e.Extensions["traceId"].(string)
	if e.Code() != c.code || a.Status != c.status {
		t.Errorf("%s: got %d %s (%s), want %d %s", c.name, a.Status, e.Code(), e.Message, c.status, c.code)
	}
	if len(trace) != 32 {
		t.Errorf("%s: the trace id is %q", c.name, trace)
	}
	if e.Message == "" || strings.HasPrefix(e.Message, "input:") {
		t.Errorf("%s: the message is %q", c.name, e.Message)
	}
	_, after := e.Extensions["retryAfter"].(float64)
	if wants := c.code == "OVERLOADED" || c.code == "RATE_LIMITED"; after != wants {
		t.Errorf("%s: retryAfter is %v", c.name, e.Extensions["retryAfter"])
	}
	if _, ok := e.Extensions["serviceName"].(string); ok != (c.code == "DOWNSTREAM_SERVICE_ERROR") && c.code != "TIMEOUT" {
		t.Errorf("%s: serviceName is %v", c.name, e.Extensions["serviceName"])
	}
}

// TestBadInput provokes what no state of the system can mend.
func TestBadInput(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for _, c := range s.badInput(t) {
		c.check(t)
	}
	if got := s.ann.List(t, s.ann.UserID, "tweets", 20); !slices.Equal(got, []string{s.tweet}) {
		t.Errorf("bad input changed ann's tweets: %v", got)
	}
}

// TestYoungIDsAreWaitedFor: an id that may be on its way is never NOT_FOUND.
func TestYoungIDsAreWaitedFor(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for _, ask := range []func(apptest.TB) apptest.Answer{
		document(s.ann, `{ tweet(id: "t`+s.young+`") { id } }`, nil),
		act(s.ann, "likeTweet", apptest.Input{"tweetId": "t" + s.young}),
		act(s.ann, "deleteComment", apptest.Input{"commentId": social.CommentID(snowflake.Make(snowflake.MillisOf(time.Now()), snowflake.Nodes-1, 999)).String()}),
	} {
		topLevel{"OVERLOADED", 200, "a young id", ask}.check(t)
	}
}
