package router

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/starlinghq/starling/router/internal/access"
	"github.com/starlinghq/starling/router/internal/engine"
	"github.com/starlinghq/starling/router/internal/execute"
	"github.com/starlinghq/starling/router/internal/fetch"
	"github.com/starlinghq/starling/router/internal/flight"
	"github.com/starlinghq/starling/router/internal/operation"
	"github.com/starlinghq/starling/schema/supergraph"
)

// graph is one supergraph being served: its planner, its clients' schema, the
// way to its subgraphs, and what was prepared so far.
type graph struct {
	cfg    *Config
	engine *engine.Engine
	schema *operation.Schema
	rules  *access.Rules
	costs  *operation.Costs
	labels *overrides
	client *fetch.Client

	documents *lru[string, *document]
	variants  *lru[variant, prepared]
	plans     *lru[string, *execute.Plan]
	planning  flight.Group[*execute.Plan]
}

// document is an operation of a document.
type document struct {
	op *operation.Operation
	// length is that of the document's text.
	length int
	// protected are the coordinates of the operation that have a rule.
	protected []protected
	// labels are those of progressive overrides that matter to the operation.
	labels []string
}

// cacheWeight bounds the memory of each cache.
const cacheWeight = 128 << 20

// load makes a graph of a supergraph's text.
func load(ctx context.Context, cfg *Config, sdl string) (*graph, error) {
	schema, err := supergraph.Parse("supergraph", sdl)
	if err != nil {
		return nil, fmt.Errorf("router: %w: %w", ErrSupergraph, err)
	}
	eng, err := engine.New(ctx, schema, engine.Config{Queue: cfg.Limits.Plannings})
	if err != nil {
		return nil, fmt.Errorf("router: %w", err)
	}
	client, err := operation.NewSchema(schema.API().SDL(), eng)
	if err != nil {
		return nil, fmt.Errorf("router: %w", err)
	}
	calls, err := newClient(cfg, schema)
	if err != nil {
		return nil, err
	}
	return &graph{
		cfg: cfg, engine: eng, schema: client, client: calls, rules: access.New(schema), costs: operation.NewCosts(schema, cfg.Limits.ListSize),
		labels:    newOverrides(schema),
		documents: newLRU[string, *document](cfg.Limits.CachedOperations, cacheWeight),
		variants:  newLRU[variant, prepared](variantsPerDocument*cfg.Limits.CachedOperations, cacheWeight),
		plans:     newLRU[string, *execute.Plan](cfg.Limits.CachedPlans, cacheWeight),
	}, nil
}

func newClient(cfg *Config, schema *supergraph.Schema) (*fetch.Client, error) {
	fc := fetch.Config{Deduplicate: cfg.Deduplicate, Logger: cfg.Logger}
	if cfg.TracerProvider != nil {
		fc.Tracer = cfg.TracerProvider.Tracer(scope)
	}
	if cfg.MeterProvider != nil {
		fc.Meter = cfg.MeterProvider.Meter(scope)
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Subgraphs)) {
		if schema.SubgraphNamed(name) == nil {
			return nil, fmt.Errorf("router: Subgraphs[%s]: the supergraph has no subgraph of that name; it has %s", name, strings.Join(namesOf(schema), ", "))
		}
	}
	for _, g := range schema.Subgraphs {
		s, err := subgraphOf(cfg, g)
		if err != nil {
			return nil, err
		}
		fc.Subgraphs = append(fc.Subgraphs, s)
	}
	client, err := fetch.New(fc)
	if err != nil {
		return nil, fmt.Errorf("router: %w", err)
	}
	return client, nil
}

func namesOf(s *supergraph.Schema) []string {
	names := make([]string, len(s.Subgraphs))
	for i, g := range s.Subgraphs {
		names[i] = g.Name
	}
	return names
}

func subgraphOf(cfg *Config, g *supergraph.Subgraph) (fetch.Subgraph, error) {
	own := cfg.Subgraphs[g.Name]
	s := fetch.Subgraph{
		Name: g.Name, URLs: own.URLs, Timeout: own.Timeout, MaxAnswer: cfg.Limits.AnswerBytes, Retries: own.Retries,
	}
	rules := &cfg.Headers
	if own.Headers != nil {
		rules = own.Headers
	}
	s.Headers = fetch.Rules{Forward: rules.Forward, Set: rules.Set, Token: "Authorization"}
	if a, ok := cfg.Authenticator.(*jwtAuthenticator); ok {
		s.Headers.Token = a.tokenHeader()
	}
	if rules.DropAuthorization {
		s.Headers.Token = ""
	}
	if u, err := url.Parse(g.URL); len(s.URLs) == 0 && err == nil && u.Host != "" {
		// A supergraph may name no usable address; calls then say so.
		s.URLs = []string{g.URL}
	}
	if s.Timeout == 0 {
		s.Timeout = cfg.Timeouts.Subgraph
	}
	switch {
	case s.Retries == 0:
		s.Retries = 1
	case s.Retries < 0:
		s.Retries = 0
	}
	if cfg.Transport != nil {
		s.Transport = cfg.Transport(g.Name)
		if len(s.URLs) == 0 {
			s.URLs = []string{"http://" + hostName(g.Name) + "/"}
		}
		return s, nil
	}
	t, err := newTransport(own.TLS)
	if err != nil {
		return s, fmt.Errorf("router: Subgraphs[%s].TLS: %w", g.Name, err)
	}
	s.Transport = t
	return s, nil
}

// hostName makes a subgraph's name fit for the host of an address that only
// an in-process transport sees.
func hostName(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '-'
	}, name)
}

// document reads a document and picks its operation, or takes both from the
// cache.
func (g *graph) document(query, name string) (*document, []*Error) {
	key := name + "\x00" + query
	if d, ok := g.documents.get(key); ok {
		return d, nil
	}
	l := g.cfg.Limits
	doc, errs := g.schema.Parse(query, operation.Limits{Tokens: l.Tokens, Depth: l.Depth, Aliases: l.Aliases, RootFields: l.RootFields, Fields: l.Fields})
	if len(errs) > 0 {
		return nil, fromOperations(errs)
	}
	op, err := doc.Operation(name)
	if err != nil {
		return nil, []*Error{fromOperation(err)}
	}
	d := &document{op: op, length: len(query), protected: g.protect(op), labels: g.labels.touched(op)}
	return g.documents.put(key, d, weightOf(len(key))), nil
}

func (g *graph) planSteps(ctx context.Context, p *prepared, labels []string) error {
	for i := range p.Steps {
		plan, err := g.plan(ctx, &p.Steps[i], labels)
		if err != nil {
			return err
		}
		p.plans = append(p.plans, plan)
	}
	return nil
}

// plan returns the plan of a canonical operation, from the cache, from whoever
// is planning it, or from the engine. A planning leaves the engine's queue with
// the last of those who wait; one that runs cannot be stopped, and its plan is
// kept.
func (g *graph) plan(ctx context.Context, step *operation.Step, labels []string) (*execute.Plan, error) {
	key := step.Key() + "\x00" + strings.Join(labels, "\x00")
	if p, ok := g.plans.get(key); ok {
		return p, nil
	}
	ctx, end := g.planSpan(ctx)
	defer end()
	return g.planning.Do(ctx, key, func(ctx context.Context) (*execute.Plan, error) {
		p, err := g.engine.Plan(ctx, engineOperation(step, labels))
		if err == nil {
			g.plans.put(key, p, weightOf(len(key)))
		}
		return p, err
	})
}

// planSpan makes a span of a planning, or of waiting for somebody else's.
func (g *graph) planSpan(ctx context.Context) (context.Context, func()) {
	if g.cfg.TracerProvider == nil {
		return ctx, func() {}
	}
	ctx, span := g.cfg.TracerProvider.Tracer(scope).Start(ctx, "plan")
	return ctx, func() { span.End() }
}

func engineOperation(step *operation.Step, labels []string) engine.Operation {
	op := engine.Operation{Text: step.Text, Slots: step.Slots, Names: step.Names, Labels: labels}
	if step.At != nil {
		op.At = &engine.At{Field: operation.AtField(step.At.Type), Type: step.At.Type, Key: step.At.Key, Path: step.At.Path}
	}
	return op
}

// planFault says to clients why there is no plan.
func (g *graph) planFault(ctx context.Context, err error) *Error {
	var pe *engine.PlanError
	switch {
	case errors.Is(err, engine.ErrOverloaded):
		return overloaded()
	case errors.As(err, &pe):
		g.cfg.Logger.ErrorContext(ctx, "operation cannot be planned", "error", err)
		return &Error{Code: CodeInternal, Status: http.StatusInternalServerError, Message: "This operation cannot be planned. Ask for its parts in separate requests."}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return newError(CodeTimeout, "The operation could not be planned in time; nothing was done.")
	default:
		g.cfg.Logger.ErrorContext(ctx, "internal error", "error", err)
		return newError(CodeInternal, masked)
	}
}
