package compose

import (
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/federation"
	"github.com/starlinghq/starling/schema/supergraph"
)

// contextName is the name of a subgraph's context in the supergraph.
func contextName(g *graph, name string) string { return g.Name + "__" + name }

// contextDirectives adds the contexts that subgraphs set on a type.
func (m *merger) contextDirectives(t *supergraph.Type, sources []source) {
	for _, s := range sources {
		for _, d := range s.g.All(s.t.Directives, federation.Context) {
			m.applied[federation.Context] = true
			name := m.nameInSupergraph(federation.Context, []application{{s.g, d}})
			t.Directives = append(t.Directives, &ast.Directive{Name: name, Arguments: ast.ArgumentList{{
				Name:  "name",
				Value: &ast.Value{Kind: ast.StringValue, Raw: contextName(s.g, federation.StringArgument(d, "name"))},
			}}})
		}
	}
}

// contextArguments lists the arguments that a subgraph fills from a context.
func (m *merger) contextArguments(s fieldSource) []supergraph.ContextArgument {
	var out []supergraph.ContextArgument
	for _, a := range s.f.Arguments {
		d := s.g.First(a.Directives, federation.FromContext)
		if d == nil {
			continue
		}
		name, selection, ok := federation.SplitContext(federation.StringArgument(d, "field"))
		if !ok {
			continue
		}
		fs, err := supergraph.ParseFieldSet(selection)
		if err != nil {
			continue
		}
		out = append(out, supergraph.ContextArgument{Name: a.Name, Type: a.Type, Context: contextName(s.g, name), Selection: fs})
	}
	return out
}

// contextualArgument deals with an argument that a context fills in some
// subgraphs: it is no argument of the supergraph, so elsewhere it must be
// optional.
func (m *merger) contextualArgument(coordinate string, have []argumentSource, sources []fieldSource) {
	var filled, asked, required []*graph
	var at []Location
	for _, s := range have {
		at = append(at, s.g.At(s.a.Position)...)
		if s.g.Has(s.a.Directives, federation.FromContext) {
			filled = append(filled, s.g)
			continue
		}
		asked = append(asked, s.g)
		if s.a.Type.NonNull && s.a.DefaultValue == nil {
			required = append(required, s.g)
		}
	}
	others := without(fieldGraphs(sources), filled)
	if len(required) > 0 {
		m.errorf(ContextualArgumentNotContextual, coordinate, at, "Argument %q is filled from a context in %s but is required in %s; use @fromContext there too or make it optional.", coordinate, names(filled), names(required))
		return
	}
	if len(asked) > 0 {
		m.hintf(ContextualArgumentNotContextual, coordinate, at, "Argument %q is filled from a context in %s but not in %s; it is left out of the supergraph.", coordinate, names(filled), names(others))
	}
}
