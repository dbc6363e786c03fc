package compose

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/federation"
	"github.com/starlinghq/starling/schema/supergraph"
)

// checkMerged checks what merging can break between the subgraphs: an interface
// that grew a field, a requirement that a field does not pass on.
func (m *merger) checkMerged() {
	m.eachImplements(func(t, it *supergraph.Type) {
		for _, want := range it.Fields {
			if fieldOf(t, want.Name) == nil {
				m.noImplementation(t, it, want)
			}
		}
	})
	m.checkAuth()
}

// build checks the merged types against the rules of GraphQL, and makes the
// schema.
func (m *merger) build() {
	m.eachImplements(m.checkImplements)
	for _, n := range m.order {
		t := m.types[n]
		for _, f := range t.Fields {
			m.checkDefaults(t, f)
		}
	}
	m.checkGraphNames()
	if len(m.errors) > 0 {
		return
	}
	s, err := supergraph.New(m.doc)
	if err != nil {
		m.errorf(federation.InvalidGraphQL, "", nil, "The merged schema is not valid: %v.", err)
		return
	}
	m.schema = s
}

// eachImplements visits the merged types with each of their merged interfaces.
func (m *merger) eachImplements(visit func(t, it *supergraph.Type)) {
	for _, n := range m.order {
		t := m.types[n]
		for _, i := range t.Interfaces {
			if it := m.types[i]; it != nil {
				visit(t, it)
			}
		}
	}
}

func (m *merger) checkGraphNames() {
	for _, g := range m.graphs {
		if strings.HasPrefix(g.value.Value, "__") {
			m.errorf(federation.InvalidGraphQL, "join__Graph."+g.value.Value, nil, "Name %q of subgraph %q must not begin with \"__\", which GraphQL reserves for introspection; rename the subgraph.", g.value.Value, g.Name)
		}
	}
}

func fieldOf(t *supergraph.Type, name string) *supergraph.Field {
	for _, f := range t.Fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

func (m *merger) noImplementation(t, it *supergraph.Type, want *supergraph.Field) {
	c := it.Name + "." + want.Name
	m.errorf(InterfaceFieldNoImplem, c, append(m.everywhere(it.Name, want.Name), m.typeLocations(t.Name)...), "Interface field %q is declared in %s, but type %q, which implements %q in %s, does not have it; add it there.",
		c, names(m.graphsWith(it.Name, want.Name)), t.Name, it.Name, names(m.graphsImplementing(t.Name, it.Name)))
}

// checkImplements wants a merged type to implement what its merged interface
// implements, and its fields to fit.
func (m *merger) checkImplements(t, it *supergraph.Type) {
	for _, above := range it.Interfaces {
		switch {
		case above == t.Name:
			m.errorf(federation.InvalidGraphQL, t.Name, m.typeLocations(t.Name), "Type %s cannot implement %s in the supergraph because that implements it too; remove one of the two.", t.Name, it.Name)
		case !slices.Contains(t.Interfaces, above):
			m.errorf(federation.InvalidGraphQL, t.Name, m.typeLocations(t.Name), "Type %s must implement %s in the supergraph because it is implemented by %s; add it.", t.Name, above, it.Name)
		}
	}
	for _, want := range it.Fields {
		c := it.Name + "." + want.Name
		have := fieldOf(t, want.Name)
		if have == nil {
			continue
		}
		if !m.subtype(have.Type, want.Type) {
			m.errorf(federation.InvalidGraphQL, c, m.everywhere(t.Name, want.Name), "Interface field %s expects type %s but %s.%s is of type %s in the supergraph; use a type that fits.", c, want.Type.String(), t.Name, want.Name, have.Type.String())
		}
		m.checkArguments(t, it, have, want)
	}
}

func (m *merger) checkArguments(t, it *supergraph.Type, have, want *supergraph.Field) {
	c, own := it.Name+"."+want.Name, t.Name+"."+want.Name
	at := append(m.everywhere(it.Name, want.Name), m.everywhere(t.Name, want.Name)...)
	for _, a := range want.Arguments {
		b := have.Arguments.ForName(a.Name)
		switch {
		case b == nil:
			m.errorf(federation.InvalidGraphQL, c+"("+a.Name+":)", at, "Interface field argument %s(%s:) expected but %s does not provide it in the supergraph; give it the argument in every subgraph.", c, a.Name, own)
		case a.Type.String() != b.Type.String():
			m.errorf(federation.InvalidGraphQL, c+"("+a.Name+":)", at, "Interface field argument %s(%s:) expects type %s but %s(%s:) is type %s in the supergraph; use one type.", c, a.Name, a.Type.String(), own, a.Name, b.Type.String())
		}
	}
	for _, b := range have.Arguments {
		if want.Arguments.ForName(b.Name) == nil && b.Type.NonNull && b.DefaultValue == nil {
			m.errorf(federation.InvalidGraphQL, own+"("+b.Name+":)", at, "Field %s includes the required argument %s that is missing from the interface field %s; make it optional or add it there.", own, b.Name, c)
		}
	}
}

func (m *merger) graphsWith(typ, field string) []*graph {
	var out []*graph
	for _, s := range m.sources[typ] {
		if s.t.Field(field) != nil {
			out = append(out, s.g)
		}
	}
	return out
}

func (m *merger) graphsImplementing(typ, iface string) []*graph {
	var out []*graph
	for _, s := range m.sources[typ] {
		if slices.Contains(s.t.Interfaces, iface) {
			out = append(out, s.g)
		}
	}
	return out
}

// everywhere is where the subgraphs declare a field.
func (m *merger) everywhere(typ, field string) []Location {
	var out []Location
	for _, s := range m.sources[typ] {
		if f := s.t.Field(field); f != nil {
			out = append(out, s.g.At(f.Position)...)
		}
	}
	return out
}

// checkDefaults looks for default values that use what merging left out.
func (m *merger) checkDefaults(t *supergraph.Type, f *supergraph.Field) {
	c := t.Name + "." + f.Name
	if f.Default != nil && !m.valid(f.Type, f.Default) {
		m.errorf(federation.InvalidGraphQL, c, m.everywhere(t.Name, f.Name), "Invalid default value (got: %s) for input field %s of type %s: merging left out what it uses.", supergraph.FormatValue(f.Default), c, f.Type.String())
	}
	for _, a := range f.Arguments {
		if a.DefaultValue != nil && !m.valid(a.Type, a.DefaultValue) {
			m.errorf(federation.InvalidGraphQL, c+"("+a.Name+":)", m.everywhere(t.Name, f.Name), "Invalid default value (got: %s) for argument %s(%s:) of type %s: merging left out what it uses.", supergraph.FormatValue(a.DefaultValue), c, a.Name, a.Type.String())
		}
	}
}

// valid reports whether the enum values and input fields of a value exist.
func (m *merger) valid(typ *ast.Type, v *ast.Value) bool {
	if v.Kind == ast.ListValue {
		for _, c := range v.Children {
			if typ.Elem != nil && !m.valid(typ.Elem, c.Value) {
				return false
			}
		}
		return true
	}
	t := m.types[typ.Name()]
	if t == nil || v.Kind == ast.NullValue {
		return true
	}
	switch t.Kind {
	case ast.Enum:
		return slices.ContainsFunc(t.Values, func(x *supergraph.EnumValue) bool { return x.Name == v.Raw })
	case ast.InputObject:
		for _, c := range v.Children {
			f := fieldOf(t, c.Name)
			if f == nil || !m.valid(f.Type, c.Value) {
				return false
			}
		}
	}
	return true
}
