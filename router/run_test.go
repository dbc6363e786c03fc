package router

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestRun: Run serves until its context ends, then refuses what is new and
// waits for what runs.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		slow := func(string) http.RoundTripper {
			return InProcess(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				<-release
				_, _ = w.Write([]byte(`{"data":{"tweet":{"__typename":"Tweet","id":"t1"}}}`))
			}))
		}
		r, err := New(Config{Source: Static(socialSDL), Transport: slow})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- r.Run(ctx) }()
		synctest.Wait()
		if err := r.Ready(); err != nil {
			t.Fatalf("not ready: %v", err)
		}
		if err := r.Run(ctx); !errors.Is(err, ErrRunning) {
			t.Errorf("a second Run = %v", err)
		}
		answers := make(chan *httptest.ResponseRecorder, 1)
		req := request(t, `{ tweet(id: "t1") { id } }`, "")
		go func() {
			rec := httptest.NewRecorder()
			r.ServeHTTP(rec, req)
			answers <- rec
		}()
		synctest.Wait()
		cancel()
		synctest.Wait()
		if r.Ready() == nil {
			t.Error("ready while draining")
		}
		if got := post(t, r, `{ __typename }`, ""); got.Status != http.StatusServiceUnavailable {
			t.Errorf("a new request while draining: %d", got.Status)
		}
		select {
		case <-done:
			t.Fatal("Run returned before the request was answered")
		default:
		}
		close(release)
		if got := <-answers; got.Body.String() != `{"data":{"tweet":{"id":"t1"}}}` {
			t.Errorf("the running request: %s", got.Body)
		}
		if err := <-done; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
}

// TestDrainEnds: Run does not wait for ever.
func TestDrainEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := func(string) http.RoundTripper {
			return InProcess(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		}
		r, err := New(Config{Source: Static(socialSDL), Transport: stuck, Timeouts: TimeoutsConfig{Drain: time.Second, Subgraph: time.Minute, Request: time.Minute}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- r.Run(ctx) }()
		synctest.Wait()
		req := request(t, `{ tweet(id: "t1") { id } }`, "")
		go r.ServeHTTP(httptest.NewRecorder(), req)
		synctest.Wait()
		cancel()
		start := time.Now()
		if err := <-done; err != nil {
			t.Errorf("Run = %v", err)
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("Run took %v to give up", took)
		}
	})
}

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakes(t)
		f.on("tweets", `{"data":{"tweet":{"__typename":"Tweet","id":"t1","text":"one"}}}`)
		cfg := Config{Source: Static(socialSDL), Timeouts: TimeoutsConfig{Subgraph: 3 * time.Second}}
		cfg.Transport = func(name string) http.RoundTripper {
			if name != "engagement" {
				return f.transport(name)
			}
			return InProcess(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		}
		start := time.Now()
		got := post(t, startQuiet(t, cfg), `{ tweet(id: "t1") { text likeCount } }`, "")
		if string(got.Data) != `{"tweet":{"text":"one","likeCount":null}}` {
			t.Errorf("data %s", got.Data)
		}
		wantProblems(t, got, `["tweet"] TIMEOUT engagement`)
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("took %v, want 3s", took)
		}
	})
}

// TestPanics: a panic below costs one request an error.
func TestPanics(t *testing.T) {
	cfg := Config{Source: Static(socialSDL)}
	cfg.Transport = func(string) http.RoundTripper {
		return InProcess(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret") }))
	}
	got := post(t, startQuiet(t, cfg), `{ tweet(id: "t1") { text } }`, "")
	if string(got.Data) != `{"tweet":null}` || strings.Contains(got.Body, "secret") {
		t.Errorf("answer %s", got.Body)
	}
	wantProblems(t, got, `["tweet"] INTERNAL`)
}

// TestHeaders: nothing but the token and the trace goes to a subgraph.
func TestHeaders(t *testing.T) {
	f := newFakes(t)
	f.on("tweets", `{"data":{"tweet":null}}`)
	post(t, social(t, f), `{ tweet(id: "t1") { id } }`, "", "Authorization", "Bearer x", "Cookie", "a=b", "X-Secret", "1",
		"Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	h := f.to("tweets")[0].Header
	for name := range h {
		switch name {
		case "Authorization", "Traceparent", "Content-Type", "Accept":
		default:
			t.Errorf("the header %s went to the subgraph", name)
		}
	}
	if h.Get("Authorization") != "Bearer x" || h.Get("Traceparent") == "" {
		t.Errorf("headers %v", h)
	}
}

func TestPage(t *testing.T) {
	got := do(t, social(t, newFakes(t)), httptest.NewRequest(http.MethodGet, "/", nil))
	if got.Status != http.StatusOK || !strings.Contains(got.Body, "<textarea") || strings.Contains(got.Body, "https://") {
		t.Errorf("page: %d", got.Status)
	}
	if csp := got.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe-inline'; script") {
		t.Errorf("policy %q", csp)
	}
}

// TestReady: no request is served before the supergraph is there.
func TestReady(t *testing.T) {
	r, err := New(Config{Source: Static(socialSDL)})
	if err != nil {
		t.Fatal(err)
	}
	if r.Ready() == nil {
		t.Error("ready before Run")
	}
	if got := do(t, r, httptest.NewRequest(http.MethodGet, "/ready", nil)); got.Status != http.StatusServiceUnavailable || !strings.Contains(got.Body, "not loaded") {
		t.Errorf("/ready: %d %s", got.Status, got.Body)
	}
	if got := do(t, r, httptest.NewRequest(http.MethodGet, "/live", nil)); got.Status != http.StatusOK {
		t.Errorf("/live: %d", got.Status)
	}
	if got := post(t, r, `{ __typename }`, ""); got.Status != http.StatusServiceUnavailable || got.Errors[0].Extensions["code"] != "OVERLOADED" || got.Header.Get("Retry-After") == "" {
		t.Errorf("/graphql: %d %s", got.Status, got.Body)
	}
}
