package router

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestClientsLeave: a thousand clients that leave half-way cost nobody else
// their answer, and nothing of them stays.
func TestClientsLeave(t *testing.T) {
	for _, deduplicate := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var inside atomic.Int32
			gate := make(chan struct{})
			cfg := Config{Source: Static(socialSDL), Deduplicate: deduplicate}
			cfg.Transport = func(string) http.RoundTripper {
				return InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					inside.Add(1)
					defer inside.Add(-1)
					select {
					case <-gate:
						_, _ = io.WriteString(w, `{"data":{"user":{"__typename":"User","id":"u1"}}}`)
					case <-r.Context().Done():
					}
				}))
			}
			r := startQuiet(t, cfg)
			var wg sync.WaitGroup
			for range 1000 {
				ctx, leave := context.WithCancel(t.Context())
				req := request(t, `{ user(id: "u1") { id } }`, "").WithContext(ctx)
				wg.Go(func() { r.ServeHTTP(httptest.NewRecorder(), req) })
				wg.Go(func() {
					time.Sleep(time.Second) // of the bubble
					leave()
				})
			}
			stays := request(t, `{ user(id: "u1") { id } }`, "")
			rec := httptest.NewRecorder()
			var staying sync.WaitGroup
			staying.Go(func() { r.ServeHTTP(rec, stays) })
			wg.Wait()
			synctest.Wait()
			if n := inside.Load(); n != 1 {
				t.Errorf("deduplicate %t: %d calls go on for one client", deduplicate, n)
			}
			close(gate)
			staying.Wait()
			if got := rec.Body.String(); got != `{"data":{"user":{"id":"u1"}}}` {
				t.Errorf("deduplicate %t: who stayed got %s", deduplicate, got)
			}
			g := r.graph.Load()
			g.client.Wait()
			g.planning.wait()
		})
	}
}

// TestPlanningIsBounded: with all planners busy and the queue full, further
// operations are refused at once, and those that are planned already are
// served.
func TestPlanningIsBounded(t *testing.T) {
	f := newFakes(t)
	f.on("users", `{"data":{"user":null}}`)
	r := startQuiet(t, Config{Source: Static(socialSDL), Transport: f.transport, Limits: LimitsConfig{Plannings: 1}})
	known := `{ user(id: "u1") { id } }`
	wantData(t, post(t, r, known, ""), `{"user":null}`)
	heavy := func(n int) string {
		var b strings.Builder
		fmt.Fprintf(&b, "query Q%d {", n)
		for i := range 60 {
			fmt.Fprintf(&b, "a%d_%d: tweet(id: %d) { text likeCount author { handle } inReplyTo { text likeCount } }", n, i, i)
		}
		return b.String() + "}"
	}
	var wg sync.WaitGroup
	var refused atomic.Int32
	for n := range 30 {
		req := request(t, heavy(n), "")
		wg.Go(func() {
			rec := httptest.NewRecorder()
			r.ServeHTTP(rec, req)
			if rec.Code == http.StatusServiceUnavailable {
				refused.Add(1)
			}
		})
	}
	for range 20 {
		began := time.Now()
		wantData(t, post(t, r, known, ""), `{"user":null}`)
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("a planned operation took %v", took)
		}
	}
	wg.Wait()
	if refused.Load() == 0 {
		t.Error("nothing was refused")
	}
	wantData(t, post(t, r, `{ user(id: "u1") { id name } }`, ""), `{"user":null}`)
}

// TestSlowBodies: a body that stops coming ends with its client.
func TestSlowBodies(t *testing.T) {
	r := startQuiet(t, Config{Source: Static(socialSDL), Transport: newFakes(t).transport})
	pr, pw := io.Pipe()
	req := httptest.NewRequest(http.MethodPost, "/graphql", pr)
	req.Header.Set("Content-Type", "application/json")
	done := make(chan int, 1)
	go func() {
		rec := httptest.NewRecorder()
		r.ServeHTTP(rec, req)
		done <- rec.Code
	}()
	_, _ = pw.Write([]byte(`{"query":`))
	pw.CloseWithError(io.ErrUnexpectedEOF)
	if code := <-done; code != http.StatusBadRequest {
		t.Errorf("status %d", code)
	}
}
