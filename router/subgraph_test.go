package router

import (
	_ "embed"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

//go:embed testdata/social.graphqls
var socialSDL string

// call is one request that a subgraph got.
type call struct {
	Subgraph  string
	Query     string          `json:"query"`
	Variables json.RawMessage `json:"variables"`
	Header    http.Header     `json:"-"`
}

// reps returns the representations of a call, by variable.
func (c call) reps(t testing.TB) map[string][]map[string]any {
	t.Helper()
	var vars map[string]json.RawMessage
	if err := json.Unmarshal(c.Variables, &vars); err != nil {
		t.Fatalf("variables %s: %v", c.Variables, err)
	}
	out := make(map[string][]map[string]any)
	for name, raw := range vars {
		if strings.HasPrefix(name, "representations") {
			var list []map[string]any
			if err := json.Unmarshal(raw, &list); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			out[name] = list
		}
	}
	return out
}

// fakes are subgraphs that answer what a test tells them to.
type fakes struct {
	t  testing.TB
	mu sync.Mutex
	// answer returns the body of an answer, or "" for 500.
	answer map[string]func(c call) string
	calls  []call
}

func newFakes(t testing.TB) *fakes {
	return &fakes{t: t, answer: make(map[string]func(call) string)}
}

// on sets a constant answer.
func (f *fakes) on(subgraph, body string) { f.answer[subgraph] = func(call) string { return body } }

func (f *fakes) transport(subgraph string) http.RoundTripper {
	return InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			f.t.Errorf("read the request of %s: %v", subgraph, err)
		}
		c := call{Subgraph: subgraph, Header: r.Header.Clone()}
		if err := json.Unmarshal(body, &c); err != nil {
			f.t.Errorf("the request of %s is not JSON: %v\n%s", subgraph, err, body)
		}
		f.mu.Lock()
		f.calls = append(f.calls, c)
		answer := f.answer[subgraph]
		f.mu.Unlock()
		text := ""
		if answer != nil {
			text = answer(c)
		}
		if text == "" {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, text)
	}))
}

func (f *fakes) to(subgraph string) []call {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []call
	for _, c := range f.calls {
		if c.Subgraph == subgraph {
			out = append(out, c)
		}
	}
	return out
}

// testWriter writes log lines to the test's.
type testWriter struct{ t testing.TB }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Logf("%s", p)
	return len(p), nil
}

// start runs a router until the test ends.
func start(t testing.TB, cfg Config) *Router {
	t.Helper()
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	r, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	g, err := load(t.Context(), &r.cfg, mustSource(t, r.cfg.Source))
	if err != nil {
		t.Fatal(err)
	}
	r.graph.Store(g)
	return r
}

// startQuiet is start for tests that cause errors, which belong to no log.
func startQuiet(t testing.TB, cfg Config) *Router {
	cfg.Logger = slog.New(slog.DiscardHandler)
	return start(t, cfg)
}

func mustSource(t testing.TB, s Source) string {
	t.Helper()
	text, err := s.Supergraph(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// social is a router over the social test graph.
func social(t testing.TB, f *fakes) *Router {
	return start(t, Config{Source: Static(socialSDL), Transport: f.transport})
}

// reply is an answer of the router.
type reply struct {
	Status int
	Header http.Header
	Body   string
	Data   json.RawMessage `json:"data"`
	Errors []replyError    `json:"errors"`
}

type replyError struct {
	Message    string         `json:"message"`
	Path       []any          `json:"path"`
	Extensions map[string]any `json:"extensions"`
}

// post sends a query with variables.
func post(t testing.TB, h http.Handler, query, variables string, headers ...string) reply {
	t.Helper()
	return do(t, h, request(t, query, variables, headers...))
}

func request(t testing.TB, query, variables string, headers ...string) *http.Request {
	t.Helper()
	if variables == "" {
		variables = "{}"
	}
	q, err := json.Marshal(query)
	if err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(`{"query":`+string(q)+`,"variables":`+variables+`}`))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/graphql-response+json")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return req
}

func do(t testing.TB, h http.Handler, req *http.Request) reply {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	out := reply{Status: rec.Code, Header: rec.Header(), Body: rec.Body.String()}
	if strings.Contains(rec.Header().Get("Content-Type"), "json") {
		if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil {
			t.Fatalf("the answer is not JSON: %v\n%s", err, rec.Body)
		}
	}
	return out
}

// wantData compares data byte for byte and wants no errors.
func wantData(t testing.TB, got reply, want string) {
	t.Helper()
	if len(got.Errors) > 0 || string(got.Data) != want {
		t.Errorf("answer\n%s\nwant data\n%s", got.Body, want)
	}
}

//go:embed testdata/shop.graphqls
var shopSDL string

func shop(t testing.TB, f *fakes) *Router {
	return startQuiet(t, Config{Source: Static(shopSDL), Transport: f.transport})
}
