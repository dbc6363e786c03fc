package compose

import (
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/federation"
	"github.com/starlinghq/starling/schema/supergraph"
)

// argumentSource is the definition of an argument in one subgraph.
type argumentSource struct {
	g *graph
	a *ast.ArgumentDefinition
}

// argumentNames lists arguments in order of first occurrence.
func argumentNames(sources []fieldSource) []string {
	var out []string
	seen := make(map[string]bool)
	for _, s := range sources {
		for _, a := range s.f.Arguments {
			if !seen[a.Name] {
				seen[a.Name] = true
				out = append(out, a.Name)
			}
		}
	}
	return out
}

func (m *merger) mergeArguments(coordinate string, sources []fieldSource) ast.ArgumentDefinitionList {
	var out ast.ArgumentDefinitionList
	for _, n := range argumentNames(sources) {
		c := coordinate + "(" + n + ":)"
		have, contextual := m.argumentSources(sources, n)
		if contextual > 0 {
			m.contextualArgument(c, have, contextual, sources)
			continue
		}
		if len(have) < len(sources) {
			m.missingArgument(c, have, sources)
			continue
		}
		out = append(out, m.mergeArgument(c, have))
	}
	return out
}

// argumentSources lists the definitions of an argument and counts those that a
// context fills in.
func (m *merger) argumentSources(sources []fieldSource, name string) (have []argumentSource, contextual int) {
	for _, s := range sources {
		a := s.f.Arguments.ForName(name)
		if a == nil {
			continue
		}
		have = append(have, argumentSource{s.g, a})
		if s.g.Has(a.Directives, federation.FromContext) {
			contextual++
		}
	}
	return have, contextual
}

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
	return &ast.ArgumentDefinition{
		Name:         have[0].a.Name,
		Description:  m.mergeDescription(coordinate, texts),
		Type:         m.mergeInputType(coordinate, FieldArgumentTypeMismatch, types),
		DefaultValue: m.mergeDefault(coordinate, FieldArgumentDefaultMismatch, defaults),
		Directives:   m.mergeDirectives(coordinate, applied),
	}
}

func (m *merger) missingArgument(coordinate string, have []argumentSource, sources []fieldSource) {
	var required, present []*graph
	var at []Location
	for _, s := range have {
		present = append(present, s.g)
		at = append(at, s.g.At(s.a.Position)...)
		if s.a.Type.NonNull && s.a.DefaultValue == nil {
			required = append(required, s.g)
		}
	}
	missing := names(without(fieldGraphs(sources), present))
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

// mergeDefault wants the same default value everywhere.
func (m *merger) mergeDefault(coordinate string, code Code, list []defaulted) *ast.Value {
	for _, d := range list[1:] {
		if sameValue(d.value, list[0].value) {
			continue
		}
		var at []Location
		for _, x := range list {
			at = append(at, x.g.At(x.at)...)
		}
		m.errorf(code, coordinate, at, "%q has different default values across subgraphs: %s; use one.", coordinate,
			grouped("default", list, func(d defaulted) (*graph, string) { return d.g, valueText(d.value) }))
		return list[0].value
	}
	return list[0].value
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
