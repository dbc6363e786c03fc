package router

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// cached is fakes whose answers have the headers that a test gives them.
func cached(t *testing.T, headers map[string]http.Header) (transport func(string) http.RoundTripper, f *fakes) {
	f = newFakes(t)
	f.on("users", `{"data":{"user":{"__typename":"User","id":"u1","name":"n","mail":"m"}}}`)
	f.on("tweets", `{"data":{"tweet":{"__typename":"Tweet","id":"t1","text":"one"}}}`)
	f.on("engagement", `{"data":{"_entities":[{"__typename":"Tweet","likeCount":1}]}}`)
	return func(name string) http.RoundTripper {
		next := f.transport(name)
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(r)
			if err == nil {
				for k, v := range headers[name] {
					resp.Header[k] = v
				}
			}
			return resp, err
		})
	}, f
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestCacheControl: an answer may be kept as long as the strictest of its
// fetches says, and never in common when a rule of authorization touched it.
func TestCacheControl(t *testing.T) {
	public := func(header string) http.Header { return http.Header{"Cache-Control": {header}} }
	transport, f := cached(t, map[string]http.Header{
		"users":      public("public, max-age=600"),
		"tweets":     {"Cache-Control": {"public, max-age=60"}, "Vary": {"Accept-Language"}},
		"engagement": public("public, max-age=5"),
	})
	r := startQuiet(t, Config{Source: Static(guardedSDL()), Transport: transport, Authenticator: byName{}})
	for name, c := range map[string]struct{ query, scopes, want string }{
		"one fetch":              {`{ tweet(id: "t1") { text } }`, "", "public, max-age=60"},
		"nothing is asked":       {`{ __typename }`, "", "no-store"},
		"a rule, allowed":        {`{ user(id: "u1") { name mail } }`, "admin", "private, max-age=600"},
		"a rule, denied":         {`{ user(id: "u1") { name mail } }`, "read", "no-store"},
		"a rule, in the deepest": {`{ tweet(id: "t1") { text likeCount } }`, "x", "private, max-age=5"},
		"invalid":                {`{ nothing }`, "", "no-store"},
	} {
		t.Run(name, func(t *testing.T) {
			got := post(t, r, c.query, "", "X-Test", c.scopes)
			if cc := got.Header.Get("Cache-Control"); cc != c.want {
				t.Errorf("Cache-Control %q, want %q: %s", cc, c.want, got.Body)
			}
			if vary := strings.Join(got.Header.Values("Vary"), ", "); strings.Contains(vary, "Accept-Language") != strings.Contains(c.query, "tweet(") && c.want != "no-store" {
				t.Errorf("Vary %q", vary)
			}
		})
	}
	open := startQuiet(t, Config{Source: Static(socialSDL), Transport: transport})
	if cc := post(t, open, `{ tweet(id: "t1") { text likeCount } }`, "").Header.Get("Cache-Control"); cc != "public, max-age=5" {
		t.Errorf("two fetches: %q, want the shorter age", cc)
	}
	f.on("engagement", `{"data":{"likeTweet":{"__typename":"Tweet","id":"t1","likeCount":1}}}`)
	if cc := post(t, open, `mutation { likeTweet(id: "t1") { likeCount } }`, "").Header.Get("Cache-Control"); cc != "no-store" {
		t.Errorf("a mutation: %q", cc)
	}
	f.on("engagement", "")
	if cc := post(t, open, `{ tweet(id: "t1") { text likeCount } }`, "").Header.Get("Cache-Control"); cc != "no-store" {
		t.Errorf("a fetch failed: %q", cc)
	}
}

// TestNoSharedCacheByGuess: an answer that was made with a token and does not
// say public does not become public on its way.
func TestNoSharedCacheByGuess(t *testing.T) {
	transport := func(string) http.RoundTripper {
		return InProcess(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Cache-Control", "max-age=60")
			_, _ = io.WriteString(w, `{"data":{"tweet":{"__typename":"Tweet","id":"t1"}}}`)
		}))
	}
	r := startQuiet(t, Config{Source: Static(socialSDL), Transport: transport})
	got := post(t, r, `{ tweet(id: "t1") { id } }`, "", "Authorization", "Bearer x")
	if cc := got.Header.Get("Cache-Control"); cc != "max-age=60" {
		t.Errorf("Cache-Control %q, want max-age=60", cc)
	}
}
