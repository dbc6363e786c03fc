package router

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/starlinghq/starling/internal/testenv"
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
			g.planning.Wait()
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

// TestSlowBodies: bodies that stop coming end with their time, take no place
// of others, and cost what has come of them.
func TestSlowBodies(t *testing.T) {
	f := newFakes(t)
	f.on("users", `{"data":{"user":null}}`)
	r := startQuiet(t, Config{Source: Static(socialSDL), Transport: f.transport, Limits: LimitsConfig{Requests: 1}})
	const slow = 500
	var ends []*io.PipeWriter
	done := make(chan int, slow)
	before := memory()
	for range slow {
		pr, pw := io.Pipe()
		ends = append(ends, pw)
		req := httptest.NewRequest(http.MethodPost, "/graphql", pr)
		req.ContentLength = 1 << 20 // as its client says
		req.Header.Set("Content-Type", "application/json")
		go func() {
			rec := httptest.NewRecorder()
			r.ServeHTTP(rec, req)
			done <- rec.Code
		}()
		_, _ = pw.Write([]byte(`{"query":`))
	}
	if grown := memory() - before; grown > 50<<20 {
		t.Errorf("%d bodies of 9 bytes cost %d MiB", slow, grown>>20)
	}
	wantData(t, post(t, r, `{ user(id: "u1") { id } }`, ""), `{"user":null}`)
	for _, pw := range ends {
		pw.CloseWithError(io.ErrUnexpectedEOF)
	}
	for range slow {
		if code := <-done; code != http.StatusBadRequest {
			t.Fatalf("status %d", code)
		}
	}
}

// memory is what is in use.
func memory() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// heap is the most that was in use.
func heap() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapSys)
}

// TestAbuse: what clients send to be dear is answered from a bounded memory,
// leaves nothing behind, and keeps nobody waiting for a place.
func TestAbuse(t *testing.T) {
	f := newFakes(t)
	f.on("users", `{"data":{"user":null}}`)
	f.on("tweets", `{"data":{"tweet":null,"latest":null,"postTweet":null}}`)
	r := startQuiet(t, Config{Source: Static(socialSDL), Transport: f.transport, Limits: LimitsConfig{CachedOperations: 100, CachedPlans: 100}})
	aliased := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "a%d:__typename ", i)
		}
		return "{" + b.String() + "}"
	}
	const mutation = `mutation($i: PostTweetInput!) { postTweet(input: $i) { tweet { id } } }`
	attacks := map[string]struct{ query, variables string }{
		"doubling fragments":  {query: doubling(12)},
		"endless fragments":   {query: doubling(200)},
		"10,000 aliases":      {query: aliased(10_000)},
		"499 aliases":         {query: aliased(499)},
		"a field 9,000 times": {query: "{ tweet(id: 1) { " + strings.Repeat("id ", 9000) + "} }"},
		"a deep list":         {query: `mutation { postTweet(input: {text: "x", tags: ` + strings.Repeat("[", 900) + strings.Repeat("]", 900) + `}) { tweet { id } } }`},
		"a deeper list":       {query: `{ latest(limit: ` + strings.Repeat("[", 14_000) + `) { id } }`},
		"a deep variable":     {mutation, `{"i":{"text":"x","tags":` + strings.Repeat("[", 400_000) + strings.Repeat("]", 400_000) + `}}`},
		"a long variable":     {mutation, `{"i":{"text":"` + strings.Repeat("x", 1_000_000) + `"}}`},
		"a long list":         {mutation, `{"i":{"text":"x","tags":[` + strings.Repeat(`"",`, 300_000) + `""]}}`},
		"a long number":       {`query($n: Int) { latest(limit: $n) { id } }`, `{"n":` + strings.Repeat("9", 1_000_000) + `}`},
		"a great exponent":    {`query($n: Int) { latest(limit: $n) { id } }`, `{"n":1e999999999}`},
		"many variables":      {query: "query(" + strings.Repeat("$a: Int ", 3000) + ") { __typename }"},
	}
	for name, a := range attacks { // once, for what is made once
		if got := post(t, r, a.query, a.variables); got.Status >= http.StatusInternalServerError {
			t.Errorf("%s: %d %.200s", name, got.Status, got.Body)
		}
	}
	goroutines, before, peak := runtime.NumGoroutine(), memory(), heap()
	var wg sync.WaitGroup
	for n := range 4 {
		for _, a := range attacks {
			// Each is another document: nothing of it is known yet.
			req := request(t, fmt.Sprintf("# %d\n%s", n, a.query), a.variables)
			wg.Go(func() { r.ServeHTTP(httptest.NewRecorder(), req) })
		}
		wantData(t, post(t, r, `{ user(id: "u1") { id } }`, ""), `{"user":null}`)
	}
	wg.Wait()
	if grown := heap() - peak; grown > 512<<20 {
		t.Errorf("the heap grew by %d MiB for %d requests", grown>>20, 4*len(attacks))
	} else {
		t.Logf("the heap grew by %d MiB", grown>>20)
	}
	if grown := memory() - before; grown > 32<<20 {
		t.Errorf("%d MiB are left of it", grown>>20)
	}
	if n := runtime.NumGoroutine(); n > goroutines+2 {
		t.Errorf("%d goroutines, before there were %d", n, goroutines)
	}
	if left := len(r.slots); left != 0 {
		t.Errorf("%d places are taken by nobody", left)
	}
}

// TestCachesAreWeighed: what is kept of documents that fragments make large
// counts by what it takes and not by the length of the text.
func TestCachesAreWeighed(t *testing.T) {
	f := newFakes(t)
	f.on("tweets", `{"data":{"latest":[]}}`)
	r := startQuiet(t, Config{Source: Static(socialSDL), Transport: f.transport})
	doubling := func(n int) string {
		const levels = 5
		var b strings.Builder
		fmt.Fprintf(&b, "query Q%d($a: Boolean!, $b: Boolean!) { latest(limit: 1) { ...F0 id @skip(if: $a) likeCount @skip(if: $b) } }", n)
		for i := range levels {
			fmt.Fprintf(&b, " fragment F%d on Tweet { inReplyTo { ...F%d } a%d: inReplyTo { ...F%d } }", i, i+1, i, i+1)
		}
		fmt.Fprintf(&b, " fragment F%d on Tweet { text author { handle } }", levels)
		return b.String()
	}
	post(t, r, doubling(0), `{"a":true,"b":true}`) // what is made once
	g := r.graph.Load()
	counted := func() int64 { return int64(g.documents.weight + g.variants.weight + g.plans.weight) }
	memoryBefore, countedBefore := memory(), counted()
	for n := range 2 {
		for v := range 4 {
			wantData(t, post(t, r, doubling(n+1), fmt.Sprintf(`{"a":%t,"b":%t}`, v&1 > 0, v&2 > 0)), `{"latest":[]}`)
		}
	}
	if grown, counts := memory()-memoryBefore, counted()-countedBefore; grown > counts {
		t.Errorf("8 variants take %d KiB and count %d KiB", grown>>10, counts>>10)
	}
	runtime.KeepAlive(r)
}

// TestSlowReaders: clients that do not read their answers keep nobody from
// being served for longer than a request may take.
func TestSlowReaders(t *testing.T) {
	f := newFakes(t)
	f.on("a", `{"data":{"hello":"`+strings.Repeat("x", 16<<20)+`"}}`)
	r := startQuiet(t, Config{Source: Static(oneSDL), Transport: f.transport, Limits: LimitsConfig{Requests: 2}, Timeouts: TimeoutsConfig{Request: time.Second}})
	srv := httptest.NewServer(r)
	defer srv.Close()
	for range 2 {
		c, err := net.Dial("tcp", srv.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		const body = `{"query":"{hello}"}`
		if _, err := fmt.Fprintf(c, "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body); err != nil {
			t.Fatal(err)
		}
	}
	testenv.Eventually(t, time.Minute, func() error {
		if n := len(f.to("a")); n < 2 {
			return fmt.Errorf("%d of 2 clients are served", n)
		}
		return nil
	})
	testenv.Eventually(t, time.Minute, func() error {
		if got := post(t, r, `{ __typename }`, ""); got.Status != http.StatusOK {
			return fmt.Errorf("status %d", got.Status)
		}
		return nil
	})
}
