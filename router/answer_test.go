package router

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
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

// TestAnswersOverTheNetwork: the memory of answers goes from request to
// request, what is in it does not.
func TestAnswersOverTheNetwork(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// As long as the token says, so that answers lie differently each time.
		token := r.Header.Get("Authorization")
		n, err := strconv.Atoi(strings.TrimPrefix(token, "Bearer "))
		if err != nil {
			t.Errorf("token %q", token)
		}
		_, _ = fmt.Fprintf(w, `{"data":{"tweet":{"__typename":"Tweet","text":%q}}}`, strings.Repeat(token+" ", n%50))
	}))
	defer srv.Close()
	r := start(t, Config{Source: Static(socialSDL), Subgraphs: map[string]SubgraphConfig{"tweets": {URLs: []string{srv.URL}}}})
	var wg sync.WaitGroup
	for client := range 8 {
		wg.Go(func() {
			for i := range 100 {
				n := client*1000 + i
				req := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(`{"query":"{ tweet(id: \"t1\") { text } }"}`))
				req.Header.Set("Content-Type", "application/json")
				req.Header.Set("Authorization", fmt.Sprintf("Bearer %d", n))
				rec := httptest.NewRecorder()
				r.ServeHTTP(rec, req)
				want := fmt.Sprintf(`{"data":{"tweet":{"text":%q}}}`, strings.Repeat(fmt.Sprintf("Bearer %d ", n), n%50))
				if rec.Body.String() != want {
					t.Errorf("the answer to %d is %s", n, rec.Body)
					return
				}
			}
		})
	}
	wg.Wait()
}
