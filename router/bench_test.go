package router

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// BenchmarkHome is the home screen over subgraphs that answer from memory:
// four fetches, planned before.
func BenchmarkHome(b *testing.B) {
	const n = 20
	answers := map[string][]byte{}
	var feed, tweets, engagement strings.Builder
	for i := range n {
		if i > 0 {
			feed.WriteByte(',')
			tweets.WriteByte(',')
			engagement.WriteByte(',')
		}
		id := string(rune('a' + i))
		feed.WriteString(`{"cursor":"c` + id + `","node":{"__typename":"Tweet","id":"t` + id + `"}}`)
		tweets.WriteString(`{"__typename":"Tweet","text":"` + strings.Repeat("hello ", 20) + `","author":{"__typename":"User","id":"u` + id + `"},"inReplyTo":null}`)
		engagement.WriteString(`{"__typename":"Tweet","likeCount":3}`)
	}
	users := strings.Repeat(`,{"__typename":"User","handle":"somebody"}`, n)[1:]
	answers["feed"] = []byte(`{"data":{"feed":{"edges":[` + feed.String() + `]}}}`)
	answers["tweets"] = []byte(`{"data":{"_entities":[` + tweets.String() + `]}}`)
	answers["engagement"] = []byte(`{"data":{"_entities":[` + engagement.String() + `]}}`)
	answers["users"] = []byte(`{"data":{"f1":[` + users + `],"f2":[]}}`)
	r := start(b, Config{Source: Static(socialSDL), Transport: func(name string) http.RoundTripper {
		body := answers[name]
		return InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = w.Write(body)
		}))
	}})
	text := `{"query":"query Home($n: Int!) { feed(first: $n) { edges { cursor node { id text likeCount author { id handle } inReplyTo { id text author { handle } } } } } }","variables":{"n":20}}`
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		req := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(text))
		req.Header.Set("Content-Type", "application/json")
		rec := httptest.NewRecorder()
		r.ServeHTTP(rec, req)
		if rec.Code != http.StatusOK || strings.Contains(rec.Body.String(), "errors") {
			b.Fatal(rec.Body.String())
		}
	}
}
