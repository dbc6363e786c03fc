package compose

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/supergraph"
)

// onlyExternal refuses a field that no subgraph resolves; it hides whatever else is wrong with the field.
func (m *merger) onlyExternal(coordinate string, all []fieldSource) {
	m.errorf(ExternalMissingOnBase, coordinate, fieldLocations(all), "Field %q is marked @external in every subgraph that has it (%s); one subgraph must resolve it.", coordinate, names(fieldGraphs(all)))
}

// checkExternals compares external declarations with the field they stand for. Where those who resolve it have different types, an
// external one may be any that fits the merged one.
func (m *merger) checkExternals(coordinate string, f *supergraph.Field, active, all []fieldSource) {
	var wrong []fieldSource
	differ := slices.ContainsFunc(active, func(s fieldSource) bool { return s.f.Type.String() != active[0].f.Type.String() })
	for _, s := range all {
		if !s.external {
			continue
		}
		m.checkExternalDirectives(coordinate, s)
		if s.f.Type.String() != f.Type.String() && !(differ && m.subtype(s.f.Type, f.Type)) {
			wrong = append(wrong, s)
		}
		for _, a := range f.Arguments {
			m.checkExternalArgument(coordinate+"("+a.Name+":)", a, s, active)
		}
	}
	if len(wrong) > 0 && len(active) < len(all) {
		list := append(inputTypes(active), inputTypes(wrong)...)
		m.errorf(ExternalTypeMismatch, coordinate, typedLocations(list), "The type of field %q must be the same where it is marked @external: it has %s.", coordinate, byType(list))
	}
}

func (m *merger) checkExternalArgument(coordinate string, a *ast.ArgumentDefinition, s fieldSource, active []fieldSource) {
	have := s.f.Arguments.ForName(a.Name)
	at := append(fieldLocations(active), s.g.At(s.f.Position)...)
	where := names(fieldGraphs(active))
	if have == nil {
		m.errorf(ExternalArgumentMissing, coordinate, at, "Argument %q is declared in %s but not in subgraph %q, where the field is marked @external; declare it there too.", coordinate, where, s.g.Name)
		return
	}
	if !m.subtype(a.Type, have.Type) {
		m.errorf(ExternalArgumentTypeMismatch, coordinate, at, "The type of argument %q is %q in subgraph %q, where the field is marked @external, but %q in %s; use one type.", coordinate, have.Type.String(), s.g.Name, a.Type.String(), where)
	}
	if !sameValue(a.DefaultValue, have.DefaultValue) {
		m.errorf(ExternalArgumentDefaultMismatch, coordinate, at, "Argument %q has the default %s in subgraph %q, where the field is marked @external, but %s in %s; use one default.", coordinate, valueText(have.DefaultValue), s.g.Name, valueText(a.DefaultValue), where)
	}
}

// checkExternalDirectives refuses directives that would be merged on a field that
// the subgraph does not resolve.
func (m *merger) checkExternalDirectives(coordinate string, s fieldSource) {
	for _, d := range s.f.Directives {
		if slices.Contains(mergeable(), s.g.Meaning(d.Name)) || d.Name == "deprecated" {
			m.errorf(MergedDirectiveApplicationOnExternal, coordinate, s.g.At(d.Position), "@%s cannot be applied to the external field %q in subgraph %q; apply it where the field is resolved.", d.Name, coordinate, s.g.Name)
		}
	}
}
