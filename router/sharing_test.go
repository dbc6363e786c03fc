package router

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

// tokenEcho is a subgraph that answers with the token that it got, slowly
// enough that calls meet.
func tokenEcho(calls *sync.Map, gate chan struct{}) func(string) http.RoundTripper {
	return func(string) http.RoundTripper {
		return InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			token := r.Header.Get("Authorization")
			n, _ := calls.LoadOrStore(token, new([]string))
			list := n.(*[]string)
			*list = append(*list, string(body))
			if gate != nil {
				<-gate
			}
			fmt.Fprintf(w, `{"data":{"user":{"__typename":"User","id":%q,"mail":"m","name":"n"}}}`, token)
		}))
	}
}

// TestDeduplication: equal calls share one answer; calls that differ in the
// token never do.
func TestDeduplication(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls sync.Map
		gate := make(chan struct{})
		r := startQuiet(t, Config{Source: Static(socialSDL), Transport: tokenEcho(&calls, gate), Deduplicate: true})
		const users, each = 5, 20
		answers := askTogether(r, gate, users*each, func(i int) *http.Request {
			return request(t, `{ user(id: "u1") { id } }`, "", "Authorization", fmt.Sprint("u", i%users))
		})
		for i, got := range answers {
			if want := fmt.Sprintf(`{"data":{"user":{"id":"u%d"}}}`, i%users); got != want {
				t.Errorf("answer %d: %s, want %s", i, got, want)
			}
		}
		calls.Range(func(token, list any) bool {
			if n := len(*list.(*[]string)); n != 1 {
				t.Errorf("%s: %d calls, want one", token, n)
			}
			return true
		})
	})
}

// askTogether sends requests that all wait for a gate, opens it, and returns the
// answers in the order of the requests.
func askTogether(r *Router, gate chan struct{}, n int, request func(i int) *http.Request) []string {
	answers := make([]string, n)
	var wg sync.WaitGroup
	for i := range answers {
		req := request(i)
		wg.Go(func() {
			rec := httptest.NewRecorder()
			r.ServeHTTP(rec, req)
			answers[i] = rec.Body.String()
		})
	}
	synctest.Wait()
	close(gate)
	wg.Wait()
	return answers
}

// TestDeduplicationAndDecisions: who is denied never shares with who is not.
func TestDeduplicationAndDecisions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		cfg := Config{Source: Static(guardedSDL()), Deduplicate: true, Authenticator: byName{}, Headers: HeaderRules{DropAuthorization: true}}
		cfg.Transport = func(string) http.RoundTripper {
			return InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				<-gate
				_, _ = io.WriteString(w, `{"data":{"user":{"__typename":"User","id":"u1","mail":"m","name":"n"}}}`)
			}))
		}
		r := startQuiet(t, cfg)
		answers := askTogether(r, gate, 100, func(i int) *http.Request {
			scopes := "read"
			if i == 0 {
				scopes = "admin"
			}
			return request(t, `{ user(id: "u1") { name mail } }`, "", "X-Test", scopes)
		})
		if !strings.Contains(answers[0], `"mail":"m"`) {
			t.Errorf("the allowed one: %s", answers[0])
		}
		for _, a := range answers[1:] {
			if strings.Contains(a, `"mail":"m"`) {
				t.Fatalf("a denied one got the allowed one's data: %s", a)
			}
		}
	})
}

// TestConcurrentAnswers: under load every client gets its own answer, and
// nothing of it comes from another one's memory.
func TestConcurrentAnswers(t *testing.T) {
	cfg := Config{Source: Static(socialSDL)}
	cfg.Transport = func(string) http.RoundTripper {
		return InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			token := r.Header.Get("Authorization")
			fmt.Fprintf(w, `{"data":{"user":{"__typename":"User","id":%q,"name":%q}}}`, token, strings.Repeat(token, 50))
		}))
	}
	r := startQuiet(t, cfg)
	var wg sync.WaitGroup
	bad := make(chan string, 400)
	for i := range 400 {
		token := fmt.Sprintf("t%03d", i)
		req := request(t, `{ user(id: "u1") { id name } }`, "", "Authorization", token)
		wg.Go(func() {
			rec := httptest.NewRecorder()
			r.ServeHTTP(rec, req)
			if want := fmt.Sprintf(`{"data":{"user":{"id":%q,"name":%q}}}`, token, strings.Repeat(token, 50)); rec.Body.String() != want {
				bad <- rec.Body.String()
			}
		})
	}
	wg.Wait()
	close(bad)
	for b := range bad {
		t.Errorf("a wrong answer: %.100s", b)
	}
}
