package router

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// guardedSDL is the social graph with rules on some fields.
func guardedSDL() string {
	return strings.NewReplacer(
		`@link(url: "https://specs.apollo.dev/join/v0.4", for: EXECUTION)`, `@link(url: "https://specs.apollo.dev/join/v0.4", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)
  @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY)
  @link(url: "https://specs.apollo.dev/policy/v0.1", for: SECURITY)`,
		`scalar link__Import`, `scalar link__Import
scalar requiresScopes__Scope
scalar policy__Policy
directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @requiresScopes(scopes: [[requiresScopes__Scope!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @policy(policies: [[policy__Policy!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM`,
		`mail: String @join__field(graph: USERS)`, `mail: String @join__field(graph: USERS) @requiresScopes(scopes: [["mail", "read"], ["admin"]])`,
		`handle: String! @join__field(graph: USERS)`, `handle: String! @join__field(graph: USERS) @authenticated`,
		`likeCount: Int @join__field(graph: ENGAGEMENT)`, `likeCount: Int @join__field(graph: ENGAGEMENT) @policy(policies: [["counts"]])`,
		`likeTweet(id: ID!): Tweet @join__field(graph: ENGAGEMENT)`, `likeTweet(id: ID!): Tweet @join__field(graph: ENGAGEMENT) @authenticated`,
	).Replace(socialSDL)
}

// byName authenticates by a header that holds the scopes.
type byName struct{}

func (byName) Authenticate(r *http.Request) (*Principal, error) {
	switch h := r.Header.Get("X-Test"); h {
	case "":
		return nil, nil
	case "bad":
		return nil, ErrUnauthenticated
	case "often":
		return nil, fmt.Errorf("count: %w", &Error{
			Code: CodeRateLimited, Message: "Slow down.", RetryAfter: 2500 * time.Millisecond, Extensions: map[string]json.RawMessage{"limit": []byte("5")},
		})
	default:
		return &Principal{Subject: "s", Scopes: strings.Fields(h), Claims: map[string]any{"policies": []any{"counts"}}}, nil
	}
}

func guarded(t *testing.T) (*Router, *fakes) {
	f := newFakes(t)
	f.on("users", `{"data":{"user":{"__typename":"User","id":"u1","name":"n","mail":"m","handle":"h"}}}`)
	f.on("tweets", `{"data":{"tweet":{"__typename":"Tweet","id":"t1","text":"one","author":{"__typename":"User","id":"u1"}}}}`)
	f.on("engagement", `{"data":{"_entities":[{"__typename":"Tweet","likeCount":1}]}}`)
	return start(t, Config{Source: Static(guardedSDL()), Transport: f.transport, Authenticator: byName{}}), f
}

// TestDenied: a denied field is null with an error, is not asked for, and
// nothing that only it needs is either.
func TestDenied(t *testing.T) {
	r, f := guarded(t)
	got := post(t, r, `{ user(id: "u1") { name mail } }`, "", "X-Test", "read")
	if want := `{"user":{"name":"n","mail":null}}`; string(got.Data) != want {
		t.Errorf("data %s, want %s", got.Data, want)
	}
	wantProblems(t, got, `["user","mail"] FORBIDDEN`)
	if q := f.to("users")[0].Query; strings.Contains(q, "mail") {
		t.Errorf("the denied field was asked for: %s", q)
	}
	wantData(t, post(t, r, `{ user(id: "u1") { name mail } }`, "", "X-Test", "admin"), `{"user":{"name":"n","mail":"m"}}`)
	wantData(t, post(t, r, `{ user(id: "u1") { name mail } }`, "", "X-Test", "read mail"), `{"user":{"name":"n","mail":"m"}}`)

	anonymous := post(t, r, `{ user(id: "u1") { name mail } }`, "")
	wantProblems(t, anonymous, `["user","mail"] UNAUTHENTICATED`)

	before := len(f.to("engagement"))
	got = post(t, r, `{ tweet(id: "t1") { text likeCount } }`, "")
	if want := `{"tweet":{"text":"one","likeCount":null}}`; string(got.Data) != want {
		t.Errorf("data %s, want %s", got.Data, want)
	}
	if len(f.to("engagement")) != before {
		t.Error("a subgraph was asked for a denied field only")
	}
	wantData(t, post(t, r, `{ tweet(id: "t1") { text likeCount } }`, "", "X-Test", "x"), `{"tweet":{"text":"one","likeCount":1}}`)
}

// TestDeniedNonNull: a denied field that must not be null blanks its parent.
func TestDeniedNonNull(t *testing.T) {
	r, f := guarded(t)
	got := post(t, r, `{ user(id: "u1") { name handle } }`, "")
	if want := `{"user":null}`; string(got.Data) != want {
		t.Errorf("data %s, want %s", got.Data, want)
	}
	wantProblems(t, got, `["user","handle"] UNAUTHENTICATED`)
	if q := f.to("users")[0].Query; strings.Contains(q, "handle") {
		t.Errorf("the denied field was asked for: %s", q)
	}
}

// TestDeniedMutation: a denied mutation is not sent.
func TestDeniedMutation(t *testing.T) {
	r, f := guarded(t)
	got := post(t, r, `mutation { likeTweet(id: "t1") { id } }`, "")
	if want := `{"likeTweet":null}`; string(got.Data) != want {
		t.Errorf("data %s, want %s", got.Data, want)
	}
	wantProblems(t, got, `["likeTweet"] UNAUTHENTICATED`)
	if n := len(f.to("engagement")); n != 0 {
		t.Errorf("the subgraph was called %d times", n)
	}
}

// TestDeniedOnInterface: a field of an interface is denied unless every
// possible type allows it; a fragment asks one type.
func TestDeniedOnInterface(t *testing.T) {
	sdl := strings.Replace(guardedSDL(), `type User implements Node
`, `type User implements Node @authenticated
`, 1)
	f := newFakes(t)
	f.on("tweets", `{"data":{"node":{"__typename":"Tweet","id":"t1"}}}`)
	r := start(t, Config{Source: Static(sdl), Transport: f.transport, Authenticator: byName{}})
	got := post(t, r, `{ node(id: "t1") { __typename ... on Tweet { id } } }`, "")
	wantData(t, got, `{"node":{"__typename":"Tweet","id":"t1"}}`)
	got = post(t, r, `{ node(id: "t1") { __typename id } }`, "")
	wantProblems(t, got, `["node","id"] UNAUTHENTICATED`)
}

func TestBadToken(t *testing.T) {
	r, _ := guarded(t)
	got := post(t, r, `{ user(id: "u1") { name } }`, "", "X-Test", "bad")
	if got.Status != http.StatusUnauthorized || got.Header.Get("WWW-Authenticate") == "" {
		t.Errorf("status %d", got.Status)
	}
	wantProblems(t, got, `null UNAUTHENTICATED`)
}

// TestAuthenticatorRefuses: an authenticator's own error is the answer.
func TestAuthenticatorRefuses(t *testing.T) {
	r, f := guarded(t)
	got := post(t, r, `{ user(id: "u1") { name } }`, "", "X-Test", "often")
	if got.Status != http.StatusTooManyRequests || got.Header.Get("Retry-After") != "3" || len(got.Errors) != 1 {
		t.Fatalf("%d %v %s", got.Status, got.Header, got.Body)
	}
	if x := got.Errors[0].Extensions; got.Errors[0].Message != "Slow down." || x["code"] != CodeRateLimited || x["limit"] != 5.0 || x["retryAfter"] != 2.5 {
		t.Errorf("%s", got.Body)
	}
	if len(f.calls) > 0 {
		t.Error("a subgraph was called")
	}
}
