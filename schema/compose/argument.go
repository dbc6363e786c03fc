package compose

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/federation"
	"github.com/starlinghq/starling/schema/supergraph"
)

// argumentSource is the definition of an argument in one subgraph.
type argumentSource struct {
	g *graph
	a *ast.ArgumentDefinition
}

// arguments are the arguments that one subgraph gives a field or directive.
type arguments struct {
	g    *graph
	list ast.ArgumentDefinitionList
	at   *ast.Position
}

func fieldArguments(sources []fieldSource) []arguments {
	var out []arguments
	for _, s := range sources {
		out = append(out, arguments{s.g, s.f.Arguments, s.f.Position})
	}
	return out
}

// argumentNames lists arguments in order of first occurrence.
func argumentNames(all []arguments) []string {
	var out []string
	seen := make(map[string]bool)
	for _, s := range all {
		for _, a := range s.list {
			if !seen[a.Name] {
				seen[a.Name] = true
				out = append(out, a.Name)
			}
		}
	}
	return out
}

// argumentSources lists the definitions of an argument.
func argumentSources(all []arguments, name string) []argumentSource {
	var have []argumentSource
	for _, s := range all {
		if a := s.list.ForName(name); a != nil {
			have = append(have, argumentSource{s.g, a})
		}
	}
	return have
}

// mergeArguments keeps the arguments that all subgraphs have and that no context
// fills in.
func (m *merger) mergeArguments(coordinate string, sources []fieldSource) ast.ArgumentDefinitionList {
	var out ast.ArgumentDefinitionList
	all := fieldArguments(sources)
	for _, n := range argumentNames(all) {
		c := coordinate + "(" + n + ":)"
		have := argumentSources(all, n)
		switch {
		case slices.ContainsFunc(have, contextual):
			m.contextualArgument(c, have, sources)
		case len(have) < len(sources):
			m.missingArgument(c, have, all)
		default:
			out = append(out, m.mergeArgument(c, have))
		}
	}
	return out
}

func contextual(s argumentSource) bool { return s.g.Has(s.a.Directives, federation.FromContext) }

func (m *merger) mergeArgument(coordinate string, have []argumentSource) *ast.ArgumentDefinition {
	var types []typed
	var defaults []defaulted
	var texts []described
	var applied []applications
	for _, s := range have {
		types = append(types, typed{s.g, s.a.Type, s.a.Position})
		defaults = append(defaults, defaulted{s.g, s.a.DefaultValue, s.a.Position})
		texts = append(texts, described{s.g, s.a.Description, s.a.Position})
		applied = append(applied, applications{s.g, s.a.Directives})
	}
	out := &ast.ArgumentDefinition{
		Name:        have[0].a.Name,
		Description: m.mergeDescription(coordinate, texts),
		Type:        m.mergeInputType(coordinate, FieldArgumentTypeMismatch, types),
		Directives:  m.mergeDirectives(coordinate, applied),
	}
	out.DefaultValue = m.plainIDs(out.Type, m.mergeDefault(coordinate, FieldArgumentDefaultMismatch, defaults))
	return out
}

func (m *merger) missingArgument(coordinate string, have []argumentSource, all []arguments) {
	var required, present []*graph
	var at []Location
	for _, s := range have {
		present = append(present, s.g)
		at = append(at, s.g.At(s.a.Position)...)
		if s.a.Type.NonNull && s.a.DefaultValue == nil {
			required = append(required, s.g)
		}
	}
	var everywhere []*graph
	for _, s := range all {
		everywhere = append(everywhere, s.g)
		if !slices.Contains(present, s.g) {
			at = append(at, s.g.At(s.at)...)
		}
	}
	missing := names(without(everywhere, present))
	if len(required) > 0 {
		m.errorf(RequiredArgumentMissingInSomeSubgraph, coordinate, at, "Argument %q is required in %s but missing in %s; add it there or make it optional.", coordinate, names(required), missing)
		return
	}
	m.hintf(InconsistentArgumentPresence, coordinate, at, "Optional argument %q is left out of the supergraph: it is in %s but not in %s.", coordinate, names(present), missing)
}

// defaulted is a default value as one subgraph writes it.
type defaulted struct {
	g     *graph
	value *ast.Value
	at    *ast.Position
}

func inputDefaults(sources []fieldSource) []defaulted {
	var out []defaulted
	for _, s := range sources {
		out = append(out, defaulted{s.g, s.f.Default, s.f.Position})
	}
	return out
}

func valueText(v *ast.Value) string {
	if v == nil {
		return "none"
	}
	return supergraph.FormatValue(v)
}

// mergeDefault wants the same default value everywhere. If some subgraphs have
// none, neither has the supergraph.
func (m *merger) mergeDefault(coordinate string, code Code, list []defaulted) *ast.Value {
	var first *defaulted
	missing, differ := false, false
	for i, d := range list {
		switch {
		case d.value == nil:
			missing = true
		case first == nil:
			first = &list[i]
		default:
			differ = differ || !sameValue(d.value, first.value)
		}
	}
	if first == nil {
		return nil
	}
	var at []Location
	for _, x := range list {
		at = append(at, x.g.At(x.at)...)
	}
	by := func() string {
		return grouped("default", list, func(d defaulted) (*graph, string) { return d.g, valueText(d.value) })
	}
	switch {
	case differ:
		m.errorf(code, coordinate, at, "%q has different default values across subgraphs: %s; use one.", coordinate, by())
	case missing:
		m.hintf(InconsistentDefaultValuePresence, coordinate, at, "%q has a default value in some subgraphs only: %s; the supergraph has none.", coordinate, by())
		return nil
	}
	return first.value
}

// sameValue compares values; the order of object fields does not matter.
func sameValue(a, b *ast.Value) bool {
	if a == nil || b == nil {
		return a == b
	}
	if kindOf(a) != kindOf(b) {
		return false
	}
	switch a.Kind {
	case ast.ListValue:
		if len(a.Children) != len(b.Children) {
			return false
		}
		for i := range a.Children {
			if !sameValue(a.Children[i].Value, b.Children[i].Value) {
				return false
			}
		}
		return true
	case ast.ObjectValue:
		if len(a.Children) != len(b.Children) {
			return false
		}
		for _, c := range a.Children {
			other := b.Children.ForName(c.Name)
			if other == nil || !sameValue(c.Value, other) {
				return false
			}
		}
		return true
	}
	return a.Raw == b.Raw
}

func kindOf(v *ast.Value) ast.ValueKind {
	if v.Kind == ast.BlockValue {
		return ast.StringValue
	}
	return v.Kind
}
