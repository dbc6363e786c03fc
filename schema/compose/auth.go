package compose

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/federation"
	"github.com/starlinghq/starling/schema/supergraph"
)

func authElements() []string {
	return []string{federation.Authenticated, federation.RequiresScopes, federation.Policy}
}

// auth keeps the directives that say who may read an element.
func (g *graph) auth(list ast.DirectiveList) ast.DirectiveList {
	var out ast.DirectiveList
	for _, d := range list {
		if slices.Contains(authElements(), g.Meaning(d.Name)) {
			out = append(out, d)
		}
	}
	return out
}

// authOfTypes lists what the implementations of an interface require: whoever
// reads through the interface must meet all of it.
func (m *merger) authOfTypes(iface string) []applications {
	var out []applications
	for _, n := range m.implementers[iface] {
		for _, s := range m.sources[n] {
			if list := s.g.auth(s.t.Directives); len(list) > 0 {
				out = append(out, applications{s.g, list})
			}
		}
	}
	return out
}

// authOfField lists what the other side of an interface requires of a field: for
// an interface its implementations, for an object its interface objects.
func (m *merger) authOfField(t *supergraph.Type, field string) []applications {
	var out []applications
	add := func(s source) {
		f := s.t.Field(field)
		if f == nil || s.g.External(f) {
			return
		}
		if list := s.g.auth(f.Directives); len(list) > 0 {
			out = append(out, applications{s.g, list})
		}
	}
	if t.Kind == ast.Interface {
		for _, n := range m.implementers[t.Name] {
			for _, s := range m.sources[n] {
				add(s)
			}
		}
		return out
	}
	for _, i := range t.Interfaces {
		for _, s := range m.sources[i] {
			if s.g.IsInterfaceObject(s.t) {
				add(s)
			}
		}
	}
	return out
}

// requirement is what one directive asks for: one of the alternatives, each a
// set of names. @authenticated is one alternative without names.
type requirement struct {
	element      string
	alternatives [][]string
}

// requirements reads the merged directives of an element.
func (m *merger) requirements(list ast.DirectiveList) []requirement {
	var out []requirement
	for element, arg := range map[string]string{federation.Authenticated: "", federation.RequiresScopes: "scopes", federation.Policy: "policies"} {
		d := list.ForName(m.specNames[element])
		if m.specNames[element] == "" || d == nil {
			continue
		}
		r := requirement{element: element}
		if v := federation.Argument(d, arg); arg != "" && v != nil {
			for _, alternative := range items(v) {
				var set []string
				for _, x := range items(alternative) {
					set = append(set, x.Raw)
				}
				r.alternatives = append(r.alternatives, set)
			}
		} else if arg == "" {
			r.alternatives = [][]string{nil}
		}
		out = append(out, r)
	}
	return out
}

// met reports whether whoever meets all of have surely meets want.
func met(want requirement, have []requirement) bool {
	if len(want.alternatives) == 0 {
		return true
	}
	combined := [][]string{nil}
	found := false
	for _, h := range have {
		if h.element != want.element || len(h.alternatives) == 0 {
			continue
		}
		found = true
		var next [][]string
		for _, c := range combined {
			for _, a := range h.alternatives {
				next = append(next, slices.Concat(c, a))
			}
		}
		combined = next
	}
	if !found {
		return false
	}
	for _, c := range combined {
		if !slices.ContainsFunc(want.alternatives, func(a []string) bool {
			return !slices.ContainsFunc(a, func(x string) bool { return !slices.Contains(c, x) })
		}) {
			return false
		}
	}
	return true
}

// checkAuth wants a field to ask for what the fields ask for that it reads with
// @requires or from a context.
func (m *merger) checkAuth() {
	for _, n := range m.order {
		t := m.types[n]
		if t == nil || t.Kind != ast.Object && t.Kind != ast.Interface {
			continue
		}
		for _, f := range t.Fields {
			have := append(m.requirements(f.Directives), m.requirements(t.Directives)...)
			for _, j := range f.Joins {
				if j.Requires != nil {
					m.checkTransitive(t, f, j.Graph, t, j.Requires.Selections, have, "@requires")
				}
				for _, c := range j.ContextArguments {
					m.checkContextAuth(t, f, j.Graph, c, have)
				}
			}
		}
	}
}

func (m *merger) checkContextAuth(t *supergraph.Type, f *supergraph.Field, g *supergraph.Subgraph, c supergraph.ContextArgument, have []requirement) {
	name := m.specNames[federation.Context]
	for _, n := range m.order {
		x := m.types[n]
		if x == nil {
			continue
		}
		for _, d := range x.Directives {
			if d.Name == name && federation.StringArgument(d, "name") == c.Context {
				m.checkTransitive(t, f, g, x, c.Selection.Selections, have, "@fromContext")
			}
		}
	}
}

// checkTransitive follows a selection; it reports the first field that asks for
// more.
func (m *merger) checkTransitive(t *supergraph.Type, f *supergraph.Field, g *supergraph.Subgraph, at *supergraph.Type, sels ast.SelectionSet, have []requirement, by string) bool {
	for _, sel := range sels {
		switch x := sel.(type) {
		case *ast.Field:
			if !m.checkSelected(t, f, g, at, x, have, by) {
				return false
			}
		case *ast.InlineFragment:
			next := at
			if x.TypeCondition != "" {
				next = m.types[x.TypeCondition]
			}
			if next == nil {
				continue
			}
			if !m.allMet(m.requirements(next.Directives), have) {
				m.missingAuth(t, f, g, next.Name, by)
				return false
			}
			if !m.checkTransitive(t, f, g, next, x.SelectionSet, have, by) {
				return false
			}
		}
	}
	return true
}

func (m *merger) checkSelected(t *supergraph.Type, f *supergraph.Field, g *supergraph.Subgraph, at *supergraph.Type, x *ast.Field, have []requirement, by string) bool {
	for _, field := range at.Fields {
		if field.Name != x.Name {
			continue
		}
		want := m.requirements(field.Directives)
		next := m.types[field.Type.Name()]
		if next != nil {
			want = append(want, m.requirements(next.Directives)...)
		}
		if !m.allMet(want, have) {
			m.missingAuth(t, f, g, at.Name+"."+x.Name, by)
			return false
		}
		return next == nil || m.checkTransitive(t, f, g, next, x.SelectionSet, have, by)
	}
	return true
}

func (m *merger) allMet(want, have []requirement) bool {
	return !slices.ContainsFunc(want, func(w requirement) bool { return !met(w, have) })
}

func (m *merger) missingAuth(t *supergraph.Type, f *supergraph.Field, g *supergraph.Subgraph, what, by string) {
	c := t.Name + "." + f.Name
	m.errorf(MissingTransitiveAuthRequirements, c, m.fieldLocations(t.Name, f.Name, g), "Field %q reads %q by %s in subgraph %q but does not ask for the same @authenticated, @requiresScopes or @policy; add what %q asks for.", c, what, by, g.Name, what)
}

// fieldLocations is where a subgraph declares a field.
func (m *merger) fieldLocations(typ, field string, g *supergraph.Subgraph) []Location {
	for _, s := range m.sources[typ] {
		if f := s.t.Field(field); f != nil && s.g.value == g {
			return s.g.At(f.Position)
		}
	}
	return nil
}
