package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/starlinghq/starling/router/internal/execute"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answer(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

func client(t *testing.T, s Subgraph, change ...func(*Config)) *Client {
	t.Helper()
	if s.Name == "" {
		s.Name = "s"
	}
	if len(s.URLs) == 0 {
		s.URLs = []string{"http://one.test/graphql"}
	}
	if s.Timeout == 0 {
		s.Timeout = time.Minute
	}
	if s.MaxAnswer == 0 {
		s.MaxAnswer = 1000
	}
	cfg := Config{Subgraphs: []Subgraph{s}, Logger: slog.New(slog.DiscardHandler)}
	for _, c := range change {
		c(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func fetch(ctx context.Context, c *Client, body string, mutation bool) (string, error) {
	out, err := c.Session(http.Header{}, "").Fetch(ctx, execute.Call{Subgraph: "s", Body: []byte(body), Mutation: mutation})
	return string(out), err
}

func code(err error) string {
	var fe *execute.FetchError
	if errors.As(err, &fe) {
		return fe.Code
	}
	return fmt.Sprint(err)
}

// TestAnswers: what comes back, and what clients read when it is no answer.
func TestAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		resp    *http.Response
		body    string
		message string
	}{
		"an answer":               {answer(200, `{"data":{}}`), `{"data":{}}`, ""},
		"errors with a 4xx":       {answer(400, `{"errors":[{"message":"m"}]}`), `{"errors":[{"message":"m"}]}`, ""},
		"an error page":           {answer(502, `<html>`), "", "The service answered with status 502."},
		"an object with a status": {answer(500, `{"oops":1}`), "", "The service answered with status 500."},
		"too large":               {answer(200, strings.Repeat("x", 1001)), "", "The answer of the service is too large."},
	} {
		t.Run(name, func(t *testing.T) {
			cl := client(t, Subgraph{Transport: transport(func(*http.Request) (*http.Response, error) { return c.resp, nil })})
			got, err := fetch(t.Context(), cl, "{}", false)
			if got != c.body {
				t.Errorf("body %q, want %q", got, c.body)
			}
			var fe *execute.FetchError
			if errors.As(err, &fe) != (c.message != "") || fe != nil && fe.Message != c.message {
				t.Errorf("error %v, want %q", err, c.message)
			}
		})
	}
}

// TestRetries: a query is tried again, a mutation never.
func TestRetries(t *testing.T) {
	for _, mutation := range []bool{false, true} {
		calls := 0
		cl := client(t, Subgraph{Retries: 1, Transport: transport(func(r *http.Request) (*http.Response, error) {
			calls++
			body, _ := io.ReadAll(r.Body)
			if string(body) != "{}" {
				t.Errorf("call %d has the body %q", calls, body)
			}
			if calls == 1 {
				return nil, errors.New("reset")
			}
			return answer(200, `{"data":null}`), nil
		})})
		_, err := fetch(t.Context(), cl, "{}", mutation)
		if want := map[bool]int{false: 2, true: 1}[mutation]; calls != want {
			t.Errorf("mutation %t: %d calls, want %d", mutation, calls, want)
		}
		if (err != nil) != mutation {
			t.Errorf("mutation %t: %v", mutation, err)
		}
	}
}

// pool is a transport that keeps connections.
type pool struct {
	transport
	drop func()
}

func (p pool) CloseIdleConnections() { p.drop() }

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cl := client(t, Subgraph{Timeout: 2 * time.Second, Retries: 3, Transport: transport(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})})
		start := time.Now()
		_, err := fetch(t.Context(), cl, "{}", false)
		if code(err) != "TIMEOUT" || time.Since(start) != 2*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

// TestFlights: what shares an answer and what does not.
func TestFlights(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		gate := make(chan struct{})
		cl := client(t, Subgraph{Transport: transport(func(r *http.Request) (*http.Response, error) {
			calls.Add(1)
			body, _ := io.ReadAll(r.Body)
			select {
			case <-gate:
				return answer(200, string(body)), nil
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		})}, func(c *Config) { c.Deduplicate = true })

		leaderCtx, leaderLeaves := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		var leaderErr, followerErr error
		var followed string
		wg.Go(func() { _, leaderErr = fetch(leaderCtx, cl, "q", false) })
		synctest.Wait()
		wg.Go(func() { followed, followerErr = fetch(t.Context(), cl, "q", false) })
		synctest.Wait()
		if n := calls.Load(); n != 1 {
			t.Fatalf("%d calls for two equal ones", n)
		}
		leaderLeaves()
		synctest.Wait()
		close(gate)
		wg.Wait()
		if leaderErr == nil {
			t.Error("the leader got an answer after it had left")
		}
		if followerErr != nil || followed != "q" {
			t.Errorf("the follower: %q %v", followed, followerErr)
		}
		cl.Wait()
	})
}

// TestFlightEnds: a call that nobody waits for any more is ended.
func TestFlightEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan struct{})
		cl := client(t, Subgraph{Transport: transport(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			close(ended)
			return nil, r.Context().Err()
		})}, func(c *Config) { c.Deduplicate = true })
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = fetch(ctx, cl, "q", false)
		}()
		synctest.Wait()
		cancel()
		<-done
		<-ended
		cl.Wait()
	})
}

// TestPanic: a panic of a transport is an error of those who wait, shared or
// not, is logged, and the next call starts anew.
func TestPanic(t *testing.T) {
	for _, shared := range []bool{false, true} {
		first := true
		var log bytes.Buffer
		cl := client(t, Subgraph{Transport: transport(func(*http.Request) (*http.Response, error) {
			if first {
				first = false
				panic("boom")
			}
			return answer(200, `{}`), nil
		})}, func(c *Config) {
			c.Deduplicate, c.Logger = shared, slog.New(slog.NewTextHandler(&log, nil))
		})
		if _, err := fetch(t.Context(), cl, "q", false); code(err) != execute.CodeInternal || strings.Contains(err.Error(), "boom") {
			t.Errorf("shared %t: %v", shared, err)
		}
		if _, err := fetch(t.Context(), cl, "q", false); err != nil {
			t.Errorf("shared %t: the next call: %v", shared, err)
		}
		cl.Wait()
		if !strings.Contains(log.String(), "boom") {
			t.Errorf("shared %t: the log has %s", shared, log.String())
		}
	}
}

// TestEndedRequest: what was under way when a request is ended may have been
// done.
func TestEndedRequest(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cl := client(t, Subgraph{Transport: transport(func(r *http.Request) (*http.Response, error) {
		cancel()
		return nil, r.Context().Err()
	})})
	if _, err := fetch(ctx, cl, "{}", true); code(err) != "TIMEOUT" || !strings.Contains(err.Error(), "may have been done") {
		t.Errorf("%v", err)
	}
}

// TestMutationsNeverShare: two equal mutations are two calls.
func TestMutationsNeverShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		gate := make(chan struct{})
		cl := client(t, Subgraph{Transport: transport(func(*http.Request) (*http.Response, error) {
			calls.Add(1)
			<-gate
			return answer(200, `{}`), nil
		})}, func(c *Config) { c.Deduplicate = true })
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { _, _ = fetch(t.Context(), cl, "m", true) })
		}
		synctest.Wait()
		if n := calls.Load(); n != 2 {
			t.Errorf("%d calls, want 2", n)
		}
		close(gate)
		wg.Wait()
	})
}

// TestFlightKeys: everything that is sent is part of a flight's identity.
func TestFlightKeys(t *testing.T) {
	h := func(pairs ...string) http.Header {
		out := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			out.Add(pairs[i], pairs[i+1])
		}
		return out
	}
	base := flightKey("s", "", h("A", "1"), []byte("b"))
	for name, other := range map[string]string{
		"subgraph": flightKey("t", "", h("A", "1"), []byte("b")),
		"identity": flightKey("s", "i", h("A", "1"), []byte("b")),
		"value":    flightKey("s", "", h("A", "2"), []byte("b")),
		"header":   flightKey("s", "", h("A", "1", "B", "1"), []byte("b")),
		"values":   flightKey("s", "", h("A", "1", "A", "1"), []byte("b")),
		"body":     flightKey("s", "", h("A", "1"), []byte("c")),
	} {
		if other == base {
			t.Errorf("the %s is not part of the key", name)
		}
	}
	if flightKey("s", "", h("A", "1", "Traceparent", "x"), []byte("b")) != base {
		t.Error("the trace is part of the key")
	}
}

// TestBodyAfterReturn: a transport that reads the body late finds its own
// request in it, not what the caller's buffer holds by then.
func TestBodyAfterReturn(t *testing.T) {
	var late io.Reader
	cl := client(t, Subgraph{Transport: transport(func(r *http.Request) (*http.Response, error) {
		late = r.Body
		return answer(200, `{}`), nil
	})})
	buffer := []byte("mine")
	if _, err := cl.Session(http.Header{}, "").Fetch(t.Context(), execute.Call{Subgraph: "s", Body: buffer, Mutation: true}); err != nil {
		t.Fatal(err)
	}
	copy(buffer, "next")
	if got, _ := io.ReadAll(late); string(got) != "mine" {
		t.Errorf("the body gives %q", got)
	}
}

// writes counts the writes to a connection.
type writes struct {
	net.Conn
	n *atomic.Int32
}

func (c writes) Write(p []byte) (int, error) {
	c.n.Add(1)
	return c.Conn.Write(p)
}

// TestOneWrite: a request goes out in one piece, headers and body.
func TestOneWrite(t *testing.T) {
	var n atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"data":{}}`) }))
	defer srv.Close()
	tr := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		return writes{conn, &n}, err
	}}
	defer tr.CloseIdleConnections()
	cl := client(t, Subgraph{URLs: []string{srv.URL}, Transport: tr})
	for range 5 {
		if _, err := fetch(t.Context(), cl, `{"query":"{ a }"}`, false); err != nil {
			t.Fatal(err)
		}
	}
	if got := n.Load(); got != 5 {
		t.Errorf("%d writes for 5 calls", got)
	}
}

// TestOverTheNetwork: a real server, compressed answers, reused connections.
func TestOverTheNetwork(t *testing.T) {
	var conns atomic.Int32
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(body)
	}))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			conns.Add(1)
		}
	}
	srv.Start()
	defer srv.Close()
	tr := &http.Transport{}
	defer tr.CloseIdleConnections()
	cl := client(t, Subgraph{URLs: []string{srv.URL}, Transport: tr})
	for range 10 {
		got, err := fetch(t.Context(), cl, `{"data":{}}`, false)
		if err != nil || got != `{"data":{}}` {
			t.Fatalf("%q %v", got, err)
		}
	}
	if n := conns.Load(); n != 1 {
		t.Errorf("%d connections for 10 calls", n)
	}
}
