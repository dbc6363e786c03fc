package compose

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/federation"
	"github.com/starlinghq/starling/schema/supergraph"
)

// hintFields tells about fields of value types that are not in every subgraph of
// the type, and about entities that are none somewhere. A subgraph in which all
// fields are external does not count.
func (m *merger) hintFields(t *supergraph.Type, sources []source) {
	if root(t.Name) {
		return
	}
	var with, without []source
	for _, s := range sources {
		if s.g.Has(s.t.Directives, federation.Key) {
			with = append(with, s)
		} else {
			without = append(without, s)
		}
	}
	if len(with) > 0 {
		if len(without) > 0 && t.Kind == ast.Object {
			m.hintf(InconsistentEntity, t.Name, locations(without), "Type %q has a @key in %s but not in %s; add one there if the router should be able to enter the type.", t.Name, names(graphsOf(with)), names(graphsOf(without)))
		}
		return
	}
	resolved := slices.DeleteFunc(slices.Clone(sources), func(s source) bool {
		return !slices.ContainsFunc(s.t.Fields, func(f *federation.Field) bool { return !s.g.External(f) })
	})
	for _, n := range fieldNames(sources) {
		m.hintField(t, n, resolved)
	}
}

func (m *merger) hintField(t *supergraph.Type, name string, sources []source) {
	all := m.fieldSources(sources, name)
	if len(all) == len(sources) {
		return
	}
	code, what := InconsistentObjectValueTypeField, "value type"
	if t.Kind == ast.Interface {
		code, what = InconsistentInterfaceValueTypeField, "interface"
	}
	m.hintf(code, t.Name+"."+name, fieldLocations(all), "Field %q of the %s %q is in %s but not in %s.", t.Name+"."+name, what, t.Name, names(fieldGraphs(all)), names(without(graphsOf(sources), fieldGraphs(all))))
}

// hintMembers tells about union members that are not in every subgraph.
func (m *merger) hintMembers(t *supergraph.Type, sources []source) {
	for _, n := range t.Members {
		var have []*graph
		var at []Location
		for _, s := range sources {
			if slices.Contains(s.t.Members, n) {
				have = append(have, s.g)
				at = append(at, s.g.At(s.t.MemberPosition(n))...)
			}
		}
		if missing := without(graphsOf(sources), have); len(missing) > 0 {
			m.hintf(InconsistentUnionMember, t.Name, at, "Union %q has the member %q in %s but not in %s.", t.Name, n, names(have), names(missing))
		}
	}
}
