package router

import (
	"io"
	"net/http"
	"testing"
)

// TestInProcessOwnRequest: what a handler does to its request, no other call
// sees.
func TestInProcessOwnRequest(t *testing.T) {
	var seen []string
	h := InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.URL.Path+" "+r.Header.Get("Authorization"))
		r.Header.Del("Authorization")
		r.URL.Path = "/stripped"
		_, _ = io.WriteString(w, `{"data":{"tweet":{"__typename":"Tweet","id":"t1","text":"x"}}}`)
	}))
	r := startQuiet(t, Config{Source: Static(socialSDL), Transport: func(string) http.RoundTripper { return h }})
	for range 2 {
		post(t, r, `{ a: tweet(id: "1") { text } }`, "", "Authorization", "Bearer x")
	}
	post(t, r, `mutation { a: likeTweet(id: "1") { id } b: likeTweet(id: "2") { id } }`, "", "Authorization", "Bearer x")
	if len(seen) != 4 {
		t.Fatalf("%d calls", len(seen))
	}
	for _, s := range seen {
		if s != "/graphql Bearer x" {
			t.Errorf("a call came as %q, want it as it was sent", s)
		}
	}
}
