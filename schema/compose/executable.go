package compose

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// definitionSource is the definition of a directive in one subgraph.
type definitionSource struct {
	g *graph
	d *ast.DirectiveDefinition
}

// executable reports whether the location is one in an operation.
func executable(l ast.DirectiveLocation) bool {
	switch l {
	case ast.LocationQuery, ast.LocationMutation, ast.LocationSubscription, ast.LocationField,
		ast.LocationFragmentDefinition, ast.LocationFragmentSpread, ast.LocationInlineFragment, ast.LocationVariableDefinition:
		return true
	}
	return false
}

func executableLocations(d *ast.DirectiveDefinition) []ast.DirectiveLocation {
	var out []ast.DirectiveLocation
	for _, l := range d.Locations {
		if executable(l) && !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

// mergeExecutable merges the directives that operations may use: only those that
// all subgraphs define, in the places that all of them allow.
func (m *merger) mergeExecutable() {
	sources := make(map[string][]definitionSource)
	var order []string
	for _, g := range m.graphs {
		for n, d := range g.Directives {
			if !g.Own(n) || m.composed[n] != nil {
				continue
			}
			if sources[n] == nil {
				order = append(order, n)
			}
			sources[n] = append(sources[n], definitionSource{g, d})
		}
	}
	slices.Sort(order)
	for _, n := range order {
		if !slices.ContainsFunc(sources[n], func(s definitionSource) bool { return len(executableLocations(s.d)) > 0 }) {
			continue
		}
		if d := m.mergeDefinition(n, sources[n]); d != nil {
			m.doc.Directives = append(m.doc.Directives, d)
		}
	}
}

func (m *merger) mergeDefinition(name string, sources []definitionSource) *ast.DirectiveDefinition {
	coordinate := "@" + name
	var at []Location
	for _, s := range sources {
		at = append(at, s.g.At(s.d.Position)...)
	}
	out := &ast.DirectiveDefinition{Name: name}
	if !m.commonLocations(out, sources, at) {
		return nil
	}
	m.mergeRepeatable(out, sources, at)
	var texts []described
	for _, s := range sources {
		texts = append(texts, described{s.g, s.d.Description, s.d.Position})
	}
	out.Description = m.mergeDescription(coordinate, texts)
	out.Arguments = m.mergeDefinitionArguments(coordinate, sources)
	return out
}

// commonLocations sets the places in operations that all subgraphs allow. It
// reports false if the directive is left out: at the first subgraph that lacks it,
// or has no place in common with those before it.
func (m *merger) commonLocations(out *ast.DirectiveDefinition, sources []definitionSource, at []Location) bool {
	coordinate := "@" + out.Name
	var have []*graph
	for _, s := range sources {
		have = append(have, s.g)
	}
	first, differ := executableLocations(sources[0].d), false
	out.Locations = slices.Clone(first)
	for _, g := range m.graphs {
		i := slices.Index(have, g)
		if i < 0 {
			m.hintf(InconsistentExecutableDirectivePresence, coordinate, at, "Directive %q is left out of the supergraph: it is defined in %s but not in %s.", coordinate, names(have), names(without(m.graphs, have)))
			return false
		}
		l := executableLocations(sources[i].d)
		differ = differ || len(l) != len(first) || slices.ContainsFunc(l, func(x ast.DirectiveLocation) bool { return !slices.Contains(first, x) })
		out.Locations = slices.DeleteFunc(out.Locations, func(x ast.DirectiveLocation) bool { return !slices.Contains(l, x) })
		if len(out.Locations) == 0 && i > 0 {
			m.hintf(NoExecutableDirectiveIntersection, coordinate, at, "Directive %q is left out of the supergraph: no place in operations is allowed by all subgraphs.", coordinate)
			return false
		}
	}
	slices.Sort(out.Locations)
	if differ {
		m.hintf(InconsistentExecutableDirectiveLocations, coordinate, at, "Directive %q is allowed in different places across subgraphs; the supergraph allows those common to all.", coordinate)
	}
	return true
}

func (m *merger) mergeRepeatable(out *ast.DirectiveDefinition, sources []definitionSource, at []Location) {
	out.IsRepeatable = true
	some := false
	for _, s := range sources {
		out.IsRepeatable = out.IsRepeatable && s.d.IsRepeatable
		some = some || s.d.IsRepeatable
	}
	if some && !out.IsRepeatable {
		m.hintf(InconsistentExecutableDirectiveRepeatable, "@"+out.Name, at, "Directive %q is repeatable in some subgraphs only; the supergraph does not let it be repeated.", "@"+out.Name)
	}
}

// mergeDefinitionArguments keeps the arguments that all definitions have.
func (m *merger) mergeDefinitionArguments(coordinate string, sources []definitionSource) ast.ArgumentDefinitionList {
	var list []arguments
	for _, s := range sources {
		list = append(list, arguments{s.g, s.d.Arguments, s.d.Position})
	}
	var out ast.ArgumentDefinitionList
	for _, n := range argumentNames(list) {
		c := coordinate + "(" + n + ":)"
		have := argumentSources(list, n)
		if len(have) < len(sources) {
			m.missingArgument(c, have, list)
			continue
		}
		out = append(out, m.mergeArgument(c, have))
	}
	return out
}
