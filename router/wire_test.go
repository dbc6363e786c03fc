package router

import (
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const helloAnswer = `{"data":{"hello":"over the wire"}}`

// TestWire: calls to a real server reuse their connection, speak HTTP/2 where
// the server does, and take packed answers.
func TestWire(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		var conns atomic.Int32
		srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if (r.ProtoMajor == 2) != http2 {
				t.Errorf("http2 %t: the call came by %s", http2, r.Proto)
			}
			if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
				t.Errorf("the router takes no packed answers: %q", r.Header.Get("Accept-Encoding"))
			}
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = io.WriteString(z, helloAnswer)
			_ = z.Close()
		}))
		srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
			if s == http.StateNew {
				conns.Add(1)
			}
		}
		cfg := SubgraphConfig{}
		if http2 {
			ours := newAuthority(t, "ca")
			ours.sign("subgraph", []string{"a.internal"})
			srv.TLS = ours.server("subgraph")
			srv.EnableHTTP2 = true
			srv.StartTLS()
			cfg.TLS = &TLSConfig{CAFile: ours.file("ca.pem"), ServerName: "a.internal"}
		} else {
			srv.Start()
		}
		cfg.URLs = []string{srv.URL}
		r := start(t, Config{Source: Static(oneSDL), Subgraphs: map[string]SubgraphConfig{"a": cfg}})
		for range 20 {
			wantData(t, post(t, r, `{hello}`, ""), `{"hello":"over the wire"}`)
		}
		if n := conns.Load(); n != 1 {
			t.Errorf("http2 %t: %d connections for 20 calls", http2, n)
		}
		srv.CloseClientConnections()
		srv.Close()
	}
}

// TestPackedBomb: an answer counts as what it is unpacked.
func TestPackedBomb(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		for range 100 {
			_, _ = z.Write(make([]byte, 1<<20))
		}
		_ = z.Close()
	}))
	defer srv.Close()
	r := startQuiet(t, Config{
		Source: Static(oneSDL), Limits: LimitsConfig{AnswerBytes: 1 << 20},
		Subgraphs: map[string]SubgraphConfig{"a": {URLs: []string{srv.URL}, Retries: -1}},
	})
	got := post(t, r, `{hello}`, "")
	if len(got.Errors) != 1 || !strings.Contains(got.Errors[0].Message, "too large") {
		t.Errorf("answer %.300s", got.Body)
	}
}

// TestInstances: calls take turns between the addresses of a subgraph, and one
// that is dead is not felt.
func TestInstances(t *testing.T) {
	var mu sync.Mutex
	calls := make(map[string]int)
	transport := func(string) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			calls[r.URL.Host]++
			mu.Unlock()
			if r.URL.Host == "dead.test" {
				return nil, &net.OpError{Op: "dial", Err: io.ErrUnexpectedEOF}
			}
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(helloAnswer)), ContentLength: int64(len(helloAnswer))}, nil
		})
	}
	r := startQuiet(t, Config{
		Source: Static(oneSDL), Transport: transport,
		Subgraphs: map[string]SubgraphConfig{"a": {URLs: []string{"http://one.test/", "http://dead.test/", "http://two.test/"}}},
	})
	for range 30 {
		wantData(t, post(t, r, `{hello}`, ""), `{"hello":"over the wire"}`)
	}
	if calls["dead.test"] > 2 || calls["one.test"] < 10 || calls["two.test"] < 10 {
		t.Errorf("calls %v", calls)
	}
}

// TestTimeouts: a subgraph has its own time, and a request as a whole another.
func TestTimeouts(t *testing.T) {
	hangs := func(string) http.RoundTripper {
		return InProcess(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	}
	for name, c := range map[string]struct {
		cfg  Config
		want time.Duration
	}{
		"of all subgraphs":  {Config{Timeouts: TimeoutsConfig{Subgraph: 4 * time.Second}}, 4 * time.Second},
		"of one subgraph":   {Config{Timeouts: TimeoutsConfig{Subgraph: 4 * time.Second}, Subgraphs: map[string]SubgraphConfig{"a": {Timeout: time.Second}}}, time.Second},
		"of the request":    {Config{Timeouts: TimeoutsConfig{Subgraph: 4 * time.Second, Request: 2 * time.Second}}, 2 * time.Second},
		"by default":        {Config{}, 10 * time.Second},
		"one, deduplicated": {Config{Deduplicate: true, Subgraphs: map[string]SubgraphConfig{"a": {Timeout: 3 * time.Second}}}, 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := c.cfg
				cfg.Source, cfg.Transport = Static(oneSDL), hangs
				began := time.Now()
				got := post(t, startQuiet(t, cfg), `{hello}`, "")
				if took := time.Since(began); took != c.want {
					t.Errorf("took %v, want %v", took, c.want)
				}
				wantProblems(t, got, `["hello"] TIMEOUT a`)
			})
		})
	}
}

// TestHeaderRules: what goes to a subgraph is what a rule names.
func TestHeaderRules(t *testing.T) {
	jwks, sign := signer(t)
	token := sign(jwt.MapClaims{"iss": "us", "aud": "graph", "sub": "u1", "exp": time.Now().Add(time.Hour).Unix()})
	ownHeader, err := JWT(JWTConfig{Issuers: []JWTIssuer{{Issuer: "us", Audience: "graph", JWKS: jwks}}, Header: "x-token"})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		all  HeaderRules
		own  *HeaderRules
		auth Authenticator
		want map[string]string
	}{
		"none":           {want: map[string]string{"Authorization": "t"}},
		"some":           {all: HeaderRules{Forward: []string{"x-a", "X-None"}}, want: map[string]string{"Authorization": "t", "X-A": "1"}},
		"its own":        {all: HeaderRules{Forward: []string{"X-A"}}, own: &HeaderRules{Forward: []string{"X-B"}}, want: map[string]string{"Authorization": "t", "X-B": "2"}},
		"no token":       {all: HeaderRules{DropAuthorization: true}, want: map[string]string{}},
		"fixed":          {all: HeaderRules{Forward: []string{"X-A"}, Set: map[string]string{"x-a": "fixed"}}, want: map[string]string{"Authorization": "t", "X-A": "fixed"}},
		"another header": {auth: ownHeader, want: map[string]string{"X-Token": token}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakes(t)
			f.on("a", `{"data":{"hello":"h"}}`)
			r := startQuiet(t, Config{
				Source: Static(oneSDL), Transport: f.transport, Authenticator: c.auth, Headers: c.all, Subgraphs: map[string]SubgraphConfig{"a": {Headers: c.own}},
			})
			wantData(t, post(t, r, `{hello}`, "", "Authorization", "t", "X-Token", token, "X-A", "1", "X-B", "2", "Cookie", "c", "X-Forwarded-For", "1.2.3.4", "Connection", "x"), `{"hello":"h"}`)
			got := f.to("a")[0].Header
			for name := range got {
				if name == "Content-Type" || name == "Accept" {
					got.Del(name)
				}
			}
			for name, want := range c.want {
				if got.Get(name) != want {
					t.Errorf("%s is %q, want %q", name, got.Get(name), want)
				}
				got.Del(name)
			}
			if len(got) > 0 {
				t.Errorf("also sent: %v", got)
			}
		})
	}
}

// TestGET: a query by GET, with variables and the operation's name.
func TestGET(t *testing.T) {
	f := newFakes(t)
	f.on("tweets", `{"data":{"tweet":{"__typename":"Tweet","id":"t1"}}}`)
	r := start(t, Config{Source: Static(socialSDL), Transport: f.transport})
	q := url.Values{"query": {`query A($id: ID!) { tweet(id: $id) { id } } query B { __typename }`}, "operationName": {"A"}, "variables": {`{"id":"t1"}`}}
	wantData(t, do(t, r, httptest.NewRequest(http.MethodGet, "/graphql?"+q.Encode(), nil)), `{"tweet":{"id":"t1"}}`)
	for _, method := range []string{http.MethodPut, http.MethodDelete} {
		if got := do(t, r, httptest.NewRequest(method, "/graphql", nil)); got.Status != http.StatusMethodNotAllowed || got.Header.Get("Allow") == "" {
			t.Errorf("%s: %d, Allow %q", method, got.Status, got.Header.Get("Allow"))
		}
	}
}

// TestPackedAnswer: an answer of some size is packed for who takes it.
func TestPackedAnswer(t *testing.T) {
	f := newFakes(t)
	f.on("a", `{"data":{"hello":"`+strings.Repeat("x", 50_000)+`"}}`)
	r := start(t, Config{Source: Static(oneSDL), Transport: f.transport})
	rec := httptest.NewRecorder()
	r.ServeHTTP(rec, request(t, `{hello}`, "", "Accept-Encoding", "br, gzip"))
	if rec.Header().Get("Content-Encoding") != "gzip" || rec.Body.Len() > 5000 || !strings.Contains(strings.Join(rec.Header().Values("Vary"), ","), "Accept-Encoding") {
		t.Errorf("headers %v, %d bytes", rec.Header(), rec.Body.Len())
	}
}

// TestLeavingClient: what was asked of a subgraph ends with the client.
func TestLeavingClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan struct{})
		transport := func(string) http.RoundTripper {
			return InProcess(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				<-r.Context().Done()
				close(ended)
			}))
		}
		r := startQuiet(t, Config{Source: Static(oneSDL), Transport: transport})
		ctx, leave := context.WithCancel(t.Context())
		go r.ServeHTTP(httptest.NewRecorder(), request(t, `{hello}`, "").WithContext(ctx))
		synctest.Wait()
		leave()
		<-ended
	})
}

// TestHeadersInLines: a list may come in several lines.
func TestHeadersInLines(t *testing.T) {
	f := newFakes(t)
	f.on("tweets", `{"data":{"tweet":{"__typename":"Tweet","text":"`+strings.Repeat("x", 50_000)+`"}}}`)
	req := request(t, `{ tweet(id: "t1") { text } }`, "")
	req.Header["Accept"] = []string{"text/html", "application/graphql-response+json"}
	req.Header["Accept-Encoding"] = []string{"br", "gzip"}
	rec := httptest.NewRecorder()
	social(t, f).ServeHTTP(rec, req)
	if rec.Code != http.StatusOK || rec.Header().Get("Content-Encoding") != "gzip" || !strings.HasPrefix(rec.Header().Get("Content-Type"), "application/graphql-response+json") {
		t.Errorf("%d %v", rec.Code, rec.Header())
	}
}
