package router

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// keeper is a response writer that keeps what it was given, as an HTTP/2
// server does when the stream ends first.
type keeper struct {
	*httptest.ResponseRecorder
	kept []byte
}

func (k *keeper) Write(p []byte) (int, error) {
	k.kept = p
	return k.ResponseRecorder.Write(p)
}

// TestKeptAnswer: what an HTTP/2 server was given to write never becomes the
// answer to somebody else.
func TestKeptAnswer(t *testing.T) {
	f := newFakes(t)
	n := 0
	f.answer["tweets"] = func(call) string {
		n++
		return fmt.Sprintf(`{"data":{"tweet":{"__typename":"Tweet","text":"number %06d"}}}`, n)
	}
	r := start(t, Config{Source: Static(socialSDL), Transport: f.transport})
	serve := func() *keeper {
		req := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(`{"query":"{ tweet(id: \"t1\") { text } }"}`))
		req.Header.Set("Content-Type", "application/json")
		req.ProtoMajor, req.ProtoMinor, req.Proto = 2, 0, "HTTP/2.0"
		k := &keeper{ResponseRecorder: httptest.NewRecorder()}
		r.ServeHTTP(k, req)
		return k
	}
	var all []*keeper
	for range 20 {
		all = append(all, serve())
	}
	for i, k := range all {
		want := fmt.Sprintf(`{"data":{"tweet":{"text":"number %06d"}}}`, i+1)
		if k.Body.String() != want || string(k.kept) != want {
			t.Errorf("answer %d is %s, and what was kept of it %s", i+1, k.Body, k.kept)
		}
	}
}
