package compose

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/starlinghq/starling/schema/federation"
	"github.com/starlinghq/starling/schema/supergraph"
)

// Subgraph is one input: its name, where it is served (may be empty), its SDL
// and the file the SDL came from (only carried along).
type Subgraph struct{ Name, URL, SDL, File string }

// Result is the outcome of a composition. Supergraph is nil if there are
// Errors. Both lists are sorted and never nil. A Result is not changed after
// Compose returns and may be shared.
type Result struct {
	Supergraph *supergraph.Schema
	Errors     []Diagnostic
	Hints      []Diagnostic
}

// Err returns nil if the subgraphs compose, or an *Error with everything that is
// wrong.
func (r *Result) Err() error {
	if len(r.Errors) == 0 {
		return nil
	}
	return &Error{Diagnostics: slices.Clone(r.Errors)}
}

// Error says why subgraphs do not compose.
type Error struct{ Diagnostics []Diagnostic }

func (e *Error) Error() string {
	lines := make([]string, 0, len(e.Diagnostics))
	for _, d := range e.Diagnostics {
		lines = append(lines, string(d.Code)+": "+d.Message)
	}
	return "the subgraphs do not compose:\n" + strings.Join(lines, "\n")
}

// Compose composes subgraphs into a supergraph. The order of the subgraphs does
// not matter. It returns an error only if the context ends or an option is
// invalid; subgraphs that do not fit together are a Result with Errors.
func Compose(ctx context.Context, subgraphs []Subgraph, opts ...Option) (*Result, error) {
	o := options{newest: federation.Newest}
	for _, opt := range opts {
		if err := opt(&o); err != nil {
			return nil, fmt.Errorf("compose: %w", err)
		}
	}
	sorted := slices.Clone(subgraphs)
	slices.SortStableFunc(sorted, func(a, b Subgraph) int { return strings.Compare(a.Name, b.Name) })
	res := &Result{Errors: []Diagnostic{}, Hints: []Diagnostic{}}
	m := &merger{}
	for _, stage := range []func(){
		func() { m.read(sorted, o.newest) },
		m.checkLinks,
		m.merge,
		m.checkMerged,
		m.build,
		m.checkInaccessible,
		func() { m.satisfy(ctx, o) },
	} {
		stage()
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("compose: %w", err)
		}
		if len(m.errors) > 0 {
			res.Errors = federation.Sort(m.errors)
			return res, nil
		}
	}
	res.Supergraph = m.schema
	res.Hints = append(res.Hints, federation.Sort(m.hints)...)
	return res, nil
}

// Option changes how Compose works.
type Option func(*options) error

type options struct {
	steps  int
	newest federation.Version
}

// MaxSteps bounds the work of the satisfiability check, which gives up after so
// many steps with MaxValidationSubgraphPathsExceeded. The default is
// satisfy.DefaultMaxSteps.
func MaxSteps(n int) Option {
	return func(o *options) error {
		if n <= 0 {
			return fmt.Errorf("the bound on steps must be positive, not %d", n)
		}
		o.steps = n
		return nil
	}
}

// FederationVersion pins the newest version of the federation specification that
// subgraphs may link, such as "2.9"; newer ones are then unknown.
func FederationVersion(version string) Option {
	return func(o *options) error {
		v, ok := federation.ParseVersion("v" + strings.TrimPrefix(version, "v"))
		if !ok || !v.Known() {
			return fmt.Errorf("the federation version %q is not known; known are 2.0 to %s", version, strings.TrimPrefix(federation.Newest.String(), "v"))
		}
		o.newest = v
		return nil
	}
}
