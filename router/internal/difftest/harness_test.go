package difftest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/router"
	"github.com/starlinghq/starling/router/internal/operation/operationtest"
	"github.com/starlinghq/starling/schema/compose"
	"github.com/starlinghq/starling/schema/supergraph"
	"github.com/starlinghq/starling/schema/supergraph/supergraphtest"
)

// entry is a graph to run on, and what the judge or our composer makes of it.
type entry struct {
	ID        string
	Subgraphs []compose.Subgraph
	SDL       string // of the supergraph
}

// corpus are the recorded graphs.
func corpus(t testing.TB) []entry {
	t.Helper()
	var out []entry
	for _, in := range supergraphtest.Composing(t) {
		e := entry{ID: in.ID, SDL: in.Judge.Supergraph}
		for _, s := range in.Subgraphs {
			e.Subgraphs = append(e.Subgraphs, compose.Subgraph{Name: s.Name, SDL: s.SDL})
		}
		out = append(out, e)
	}
	return out
}

// composed makes an entry of subgraphs.
func composed(id string, subgraphs []compose.Subgraph) (entry, error) {
	e := entry{ID: id, Subgraphs: slices.Clone(subgraphs)}
	for i := range e.Subgraphs {
		e.Subgraphs[i].URL = "http://" + e.Subgraphs[i].Name + ".test/"
	}
	res, err := compose.Compose(context.Background(), e.Subgraphs)
	if err != nil {
		return e, err
	}
	if len(res.Errors) > 0 {
		return e, fmt.Errorf("%v", res.Errors)
	}
	e.SDL = res.Supergraph.SDL()
	return e, nil
}

// harness is one supergraph with its world, subgraphs and router.
type harness struct {
	world     *world
	router    *router.Router
	serve     http.HandlerFunc // what ask asks: the router, or a faulty one of controls
	subgraphs map[string]*simulated
	client    *ast.Schema
	log       *mutationLog
	expected  []string  // mutations as the oracle executed them
	failures  []failure // fields that failed, as the oracle executed them
	recorder  *recorder // when set, notes what the oracle resolves
	logged    journal
	labels    *labelState
	facts     *facts
	seen      map[string]bool // rows of the coverage table that the operation belongs to
	trace     *trace
	random    *rand.Rand
	stop      func()
}

func newHarness(t testing.TB, e entry, seed uint64, wrap ...func(subgraph string, next http.RoundTripper) http.RoundTripper) (*harness, error) {
	s, err := supergraph.Parse("supergraph", e.SDL)
	if err != nil {
		return nil, err
	}
	h := &harness{world: newWorld(s, seed), subgraphs: make(map[string]*simulated), log: &mutationLog{}, labels: &labelState{}, trace: &trace{r: rand.New(rand.NewPCG(seed, 4))}, random: rand.New(rand.NewPCG(seed, 3))}
	for _, sub := range e.Subgraphs {
		g := s.SubgraphNamed(sub.Name)
		if g == nil {
			continue
		}
		sim, err := loadSubgraph(h.world, g, sub.SDL)
		if err != nil {
			return nil, fmt.Errorf("subgraph %s: %w", sub.Name, err)
		}
		sim.log, sim.labels, sim.trace = h.log, h.labels, h.trace
		h.subgraphs[sub.Name] = sim
	}
	h.facts = newFacts(s, h.subgraphs)
	h.client, err = gqlparser.LoadSchema(&ast.Source{Input: s.API().SDL()})
	if err != nil {
		return nil, err
	}
	h.router, h.stop, err = h.start(t, e.SDL, wrap...)
	if err != nil {
		return nil, err
	}
	h.serve = h.router.ServeHTTP
	return h, nil
}

// start starts a router for the harness.
func (h *harness) start(t testing.TB, sdl string, wrap ...func(subgraph string, next http.RoundTripper) http.RoundTripper) (*router.Router, func(), error) {
	r, err := router.New(router.Config{
		Source: router.Static(sdl), Logger: slog.New(slog.NewTextHandler(&h.logged, nil)),
		Transport: func(name string) http.RoundTripper {
			next := http.RoundTripper(h.subgraphs[name])
			for _, w := range wrap {
				next = w(name, next)
			}
			return next
		},
		Authenticator:  everything(sdl),
		OverrideLabels: h.labels.decide,
		HTTP:           router.HTTPConfig{OverrideKeyHeader: labelHeader},
		Policies:       func(*http.Request, *router.Principal, string) bool { return true },
		ExposePlan:     true,
		Timeouts:       router.TimeoutsConfig{Request: time.Hour}, // planning is slow under the race detector
		Limits:         router.LimitsConfig{Aliases: -1, Depth: -1, Fields: -1, RootFields: -1, Tokens: -1, AnswerBytes: answerLimit},
	})
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	for r.Ready() != nil {
		select {
		case err := <-done:
			cancel()
			return nil, nil, err
		case <-time.After(time.Millisecond):
		}
	}
	return r, func() {
		cancel()
		<-done
	}, nil
}

// everything authenticates everybody, with every string of a supergraph as a
// scope.
type everything string

var quoted = regexp.MustCompile(`"([^"\n]*)"`)

func (e everything) Authenticate(*http.Request) (*router.Principal, error) {
	p := &router.Principal{Subject: "s"}
	for _, m := range quoted.FindAllStringSubmatch(string(e), -1) {
		p.Scopes = append(p.Scopes, m[1])
	}
	return p, nil
}

// oracle is the answer by the whole world.
func (h *harness) oracle(op operationtest.Operation) (string, error) {
	//lint:ignore SA1019 the rules of its default set are meant
	doc, errs := gqlparser.LoadQuery(h.client, op.Text)
	if len(errs) > 0 {
		return "", errs
	}
	def := doc.Operations[0]
	vars, err := variables(def, op.Variables)
	if err != nil {
		return "", err
	}
	in := inputs{h.world.schema}
	e := &executor{schema: h.client, doc: doc, vars: vars}
	h.expected = nil
	var sight *sighting
	if h.facts != nil { // nobody counts rows where there is no router
		h.labels.next(h.random)
		sight = newSighting(h.facts, h.labels)
		sight.asked(op, doc, h.client)
		h.seen = sight.seen
	}
	e.resolve = func(o *object, f *ast.Field) (any, error) {
		sf := o.typ.Field(f.Name)
		if sf == nil {
			return nil, fmt.Errorf("the oracle finds no %s.%s", o.typ.Name, f.Name)
		}
		args := in.arguments(f, sf, vars)
		if o.typ.Name == h.world.schema.Mutation {
			h.expected = append(h.expected, sf.Name+"("+args+")")
		}
		var v any
		err := errField
		if !h.world.isBroken(*o, sf) {
			v, err = h.world.resolve(*o, sf, args)
		}
		if err == nil && sight != nil {
			sight.executed(o, f, sf, args, v)
		}
		if h.recorder != nil {
			h.recorder.note(*o, sf.Name, args, v, err)
		}
		return v, err
	}
	root := h.client.Query
	if def.Operation == ast.Mutation {
		root = h.client.Mutation
	}
	var b bytes.Buffer
	err = e.operation(&b, &object{typ: h.world.schema.Type(root.Name)}, root, def.SelectionSet)
	h.failures = e.failures
	return b.String(), err
}

// journal is what the router logged, for the report of a failure.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) Reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.buf.Reset()
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

type outcome int

const (
	equal outcome = iota
	refused
	wrong
)

// ask sends an operation to the router.
func (h *harness) ask(op operationtest.Operation) (body []byte, answer string) {
	h.log.list = nil
	h.logged.Reset()
	h.trace.reset()
	body, _ = json.Marshal(map[string]any{"query": op.Text, "variables": op.Variables})
	req := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(labelHeader, h.labels.header())
	rec := httptest.NewRecorder()
	h.serve(rec, req)
	return body, rec.Body.String()
}

// compare runs an operation on both sides.
func (h *harness) compare(op operationtest.Operation) (outcome, string) {
	want, err := h.oracle(op)
	if err != nil {
		return wrong, "oracle: " + err.Error()
	}
	body, got := h.ask(op)
	var faults []string
	for _, s := range h.subgraphs {
		faults = append(faults, s.faults...)
		s.faults = nil
	}
	switch {
	case strings.Contains(got, "cannot be planned"):
		return refused, h.logged.String()
	case len(faults) > 0:
		return wrong, "faults: " + strings.Join(faults, "\n") + "\ngot  " + got + "\nwant " + want
	case !slices.Equal(h.log.list, h.expected):
		return wrong, fmt.Sprintf("mutations %q, want %q", h.log.list, h.expected)
	case strings.Contains(got, `"INTERNAL"`):
		return wrong, "got  " + got + "\n" + h.logged.String()
	case got != `{"data":`+want+`}`:
		return wrong, "got  " + got + "\nwant {\"data\":" + want + "}" + h.plan(body)
	}
	return equal, ""
}

// plan is the plan of a request as text, for the report of a failure.
func (h *harness) plan(body []byte) string {
	req := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(labelHeader, h.labels.header())
	req.Header.Set("Starling-Plan", "1")
	rec := httptest.NewRecorder()
	h.router.ServeHTTP(rec, req)
	var out struct {
		Extensions struct {
			Plan []struct {
				Text string `json:"text"`
			} `json:"plan"`
		} `json:"extensions"`
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil {
		return ""
	}
	text := ""
	for _, p := range out.Extensions.Plan {
		text += "\n" + p.Text
	}
	return text
}

// number reads a number from the environment.
func number(t testing.TB, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
