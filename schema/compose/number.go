package compose

import (
	"regexp"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/federation"
)

var wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

// plainIDs writes IDs that are whole numbers as numbers, as printers of GraphQL
// schemas do. Values are shared with subgraphs and therefore copied.
func (m *merger) plainIDs(typ *ast.Type, v *ast.Value) *ast.Value {
	if v == nil {
		return nil
	}
	out := *v
	switch v.Kind {
	case ast.StringValue, ast.BlockValue:
		if typ.Elem == nil && typ.NamedType == "ID" && wholeNumber.MatchString(v.Raw) {
			out.Kind = ast.IntValue
		}
	case ast.ListValue:
		out.Children = nil
		item := typ
		if typ.Elem != nil {
			item = typ.Elem
		}
		for _, c := range v.Children {
			out.Children = append(out.Children, &ast.ChildValue{Value: m.plainIDs(item, c.Value)})
		}
	case ast.ObjectValue:
		out.Children = nil
		for _, c := range v.Children {
			value := c.Value
			if f := m.inputField(typ.Name(), c.Name); f != nil {
				value = m.plainIDs(f.Type, value)
			}
			out.Children = append(out.Children, &ast.ChildValue{Name: c.Name, Value: value})
		}
	}
	return &out
}

// inputField finds an input field in any subgraph.
func (m *merger) inputField(typ, name string) *federation.Field {
	for _, s := range m.sources[typ] {
		if f := s.t.Field(name); f != nil && s.t.Kind == ast.InputObject {
			return f
		}
	}
	return nil
}

// plainDefinition copies a directive definition with plain IDs in its defaults.
func (m *merger) plainDefinition(d *ast.DirectiveDefinition) *ast.DirectiveDefinition {
	out := *d
	out.Arguments = nil
	for _, a := range d.Arguments {
		c := *a
		c.DefaultValue = m.plainIDs(a.Type, a.DefaultValue)
		out.Arguments = append(out.Arguments, &c)
	}
	return &out
}
