package compose

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/federation"
	"github.com/starlinghq/starling/schema/supergraph"
)

// hidden reports whether an element of the merged schema is @inaccessible.
func (m *merger) hidden(list ast.DirectiveList) bool {
	n := m.specNames[federation.Inaccessible]
	return n != "" && list.ForName(n) != nil
}

func (m *merger) hiddenType(name string) bool {
	t := m.types[name]
	return t != nil && m.hidden(t.Directives)
}

// checkInaccessible checks that the API schema, without what is @inaccessible, is
// still a schema.
func (m *merger) checkInaccessible() {
	if m.specNames[federation.Inaccessible] == "" {
		return
	}
	if m.hiddenType("Query") {
		m.errorf(QueryRootTypeInaccessible, "Query", m.typeLocations("Query"), "Type \"Query\" is @inaccessible but is the query root type; remove the directive.")
	}
	for _, n := range m.order {
		t := m.types[n]
		if m.hidden(t.Directives) {
			continue
		}
		m.checkChildren(t)
		for _, f := range t.Fields {
			m.checkHiddenField(t, f)
		}
	}
	for _, d := range m.doc.Directives {
		m.checkHiddenDefinition(d)
	}
}

// checkHiddenDefinition checks the arguments of a directive definition: clients
// see those of executable directives, and the API schema of a composed one must
// be what its feature says.
func (m *merger) checkHiddenDefinition(d *ast.DirectiveDefinition) {
	var at []Location
	for _, g := range m.graphs {
		if own := g.Directives[d.Name]; own != nil {
			at = append(at, g.At(own.Position)...)
		}
	}
	for _, a := range d.Arguments {
		c := "@" + d.Name + "(" + a.Name + ":)"
		switch {
		case !m.hidden(a.Directives):
			m.checkReference(a.Type, c, at)
			m.checkHiddenDefault(a.Type, a.DefaultValue, c, at)
		case m.composed[d.Name] != nil:
			m.errorf(DisallowedInaccessible, c, at, "Argument %q belongs to a composed directive, which cannot use @inaccessible; remove it.", c)
		case a.Type.NonNull && a.DefaultValue == nil:
			m.errorf(RequiredInaccessible, c, at, "Argument %q is @inaccessible but required; give it a default or make it optional.", c)
		}
	}
}

func (m *merger) typeLocations(name string) []Location { return locations(m.sources[name]) }

// checkChildren wants a visible type to have something visible.
func (m *merger) checkChildren(t *supergraph.Type) {
	what, visible, some := "fields", false, false
	for _, f := range t.Fields {
		some, visible = true, visible || !m.hidden(f.Directives)
	}
	for _, v := range t.Values {
		what = "values"
		some, visible = true, visible || !m.hidden(v.Directives)
	}
	for _, n := range t.Members {
		what = "members"
		some, visible = true, visible || !m.hiddenType(n)
	}
	if some && !visible {
		m.errorf(OnlyInaccessibleChildren, t.Name, m.typeLocations(t.Name), "Type %q is in the API schema but all of its %s are @inaccessible; make the type @inaccessible too or one of them visible.", t.Name, what)
	}
}

func (m *merger) checkHiddenField(t *supergraph.Type, f *supergraph.Field) {
	c := t.Name + "." + f.Name
	at := m.everywhere(t.Name, f.Name)
	if m.hidden(f.Directives) {
		if t.Kind == ast.InputObject && f.Type.NonNull && f.Default == nil {
			m.errorf(RequiredInaccessible, c, at, "Input field %q is @inaccessible but required; give it a default or make it optional.", c)
		}
		m.checkHiddenImplementation(t, f, c, at)
		return
	}
	m.checkReference(f.Type, c, at)
	m.checkHiddenDefault(f.Type, f.Default, c, at)
	for _, a := range f.Arguments {
		ac := c + "(" + a.Name + ":)"
		if m.hidden(a.Directives) {
			if a.Type.NonNull && a.DefaultValue == nil {
				m.errorf(RequiredInaccessible, ac, at, "Argument %q is @inaccessible but required; give it a default or make it optional.", ac)
			}
			m.checkHiddenArgument(t, f, a, ac, at)
			continue
		}
		m.checkReference(a.Type, ac, at)
		m.checkHiddenDefault(a.Type, a.DefaultValue, ac, at)
	}
}

func (m *merger) checkReference(typ *ast.Type, c string, at []Location) {
	if m.hiddenType(typ.Name()) {
		m.errorf(ReferencedInaccessible, c, slices.Concat(at, m.typeLocations(typ.Name())), "Type %q is @inaccessible but is the type of %q, which is in the API schema; make both @inaccessible or none.", typ.Name(), c)
	}
}

func (m *merger) checkHiddenImplementation(t *supergraph.Type, f *supergraph.Field, c string, at []Location) {
	for _, i := range t.Interfaces {
		it := m.types[i]
		if it == nil || m.hidden(it.Directives) {
			continue
		}
		if want := fieldOf(it, f.Name); want != nil && !m.hidden(want.Directives) {
			m.errorf(ImplementedByInaccessible, c, at, "Field %q is @inaccessible but implements the interface field %q, which is in the API schema; make both @inaccessible or none.", c, i+"."+f.Name)
		}
	}
}

func (m *merger) checkHiddenArgument(t *supergraph.Type, f *supergraph.Field, a *ast.ArgumentDefinition, c string, at []Location) {
	for _, i := range t.Interfaces {
		it := m.types[i]
		if it == nil || m.hidden(it.Directives) {
			continue
		}
		want := fieldOf(it, f.Name)
		if want == nil || m.hidden(want.Directives) {
			continue
		}
		if b := want.Arguments.ForName(a.Name); b != nil && !m.hidden(b.Directives) {
			m.errorf(ImplementedByInaccessible, c, at, "Argument %q is @inaccessible but implements the interface argument \"%s.%s(%s:)\", which is in the API schema; make both @inaccessible or none.", c, i, f.Name, a.Name)
		}
	}
}

// checkHiddenDefault looks for hidden enum values and input fields in a default.
func (m *merger) checkHiddenDefault(typ *ast.Type, v *ast.Value, c string, at []Location) {
	if v == nil || v.Kind == ast.NullValue {
		return
	}
	if v.Kind == ast.ListValue {
		for _, x := range v.Children {
			if typ.Elem != nil {
				m.checkHiddenDefault(typ.Elem, x.Value, c, at)
			}
		}
		return
	}
	t := m.types[typ.Name()]
	if t == nil {
		return
	}
	if i := slices.IndexFunc(t.Values, func(x *supergraph.EnumValue) bool { return x.Name == v.Raw }); t.Kind == ast.Enum && i >= 0 && m.hidden(t.Values[i].Directives) {
		m.errorf(DefaultValueUsesInaccessible, t.Name+"."+v.Raw, at, "Enum value %q is @inaccessible but is used in the default value of %q, which is in the API schema; use another default.", t.Name+"."+v.Raw, c)
	}
	if t.Kind != ast.InputObject {
		return
	}
	for _, x := range v.Children {
		f := fieldOf(t, x.Name)
		if f == nil {
			continue
		}
		if m.hidden(f.Directives) {
			m.errorf(DefaultValueUsesInaccessible, t.Name+"."+f.Name, at, "Input field %q is @inaccessible but is used in the default value of %q, which is in the API schema; use another default.", t.Name+"."+f.Name, c)
		}
		m.checkHiddenDefault(f.Type, x.Value, c, at)
	}
}
