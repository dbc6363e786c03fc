package operation

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
)

// literal writes a literal of a document as JSON of an input type. It returns
// false for what is absent: a variable without a value.
func (s *Schema) literal(out []byte, v *ast.Value, t *ast.Type, vars *Variables) ([]byte, bool) {
	switch v.Kind {
	case ast.Variable:
		text, ok := vars.values[v.Raw]
		return append(out, text...), ok
	case ast.NullValue:
		return append(out, "null"...), true
	}
	if t != nil && t.Elem != nil {
		if v.Kind != ast.ListValue {
			out = append(out, '[')
			out, _ = s.literal(out, v, t.Elem, vars)
			return append(out, ']'), true
		}
		return s.literalList(out, v, t.Elem, vars), true
	}
	switch v.Kind {
	case ast.ListValue: // of a custom scalar
		return s.literalList(out, v, nil, vars), true
	case ast.ObjectValue:
		return s.literalObject(out, v, t, vars), true
	case ast.IntValue:
		if t != nil && t.NamedType == "ID" {
			return appendJSON(out, v.Raw), true
		}
		return append(out, v.Raw...), true
	case ast.FloatValue, ast.BooleanValue:
		return append(out, v.Raw...), true
	default: // strings and enum values
		return appendJSON(out, v.Raw), true
	}
}

func (s *Schema) literalList(out []byte, v *ast.Value, elem *ast.Type, vars *Variables) []byte {
	out = append(out, '[')
	for i, c := range v.Children {
		if i > 0 {
			out = append(out, ',')
		}
		var ok bool
		if out, ok = s.literal(out, c.Value, elem, vars); !ok {
			out = append(out, "null"...)
		}
	}
	return append(out, ']')
}

func (s *Schema) literalObject(out []byte, v *ast.Value, t *ast.Type, vars *Variables) []byte {
	var d *ast.Definition
	if t != nil {
		d = s.ast.Types[t.NamedType]
	}
	out = append(out, '{')
	first := true
	for _, c := range v.Children {
		var ft *ast.Type
		if d != nil {
			if f := d.Fields.ForName(c.Name); f != nil {
				ft = f.Type
			}
		}
		mark := len(out)
		wasFirst := first
		out = appendMember(out, c.Name, &first)
		var ok bool
		if out, ok = s.literal(out, c.Value, ft, vars); !ok {
			out, first = out[:mark], wasFirst
		}
	}
	return append(out, '}')
}

// hasVariables reports whether a literal depends on variables.
func hasVariables(v *ast.Value) bool {
	if v.Kind == ast.Variable {
		return true
	}
	for _, c := range v.Children {
		if hasVariables(c.Value) {
			return true
		}
	}
	return false
}

// slot is one variable of the canonical operation: a client's variable, or a
// literal of the document, which may have variables in it.
type slot struct {
	name     string // of the client's variable, or ""
	value    *ast.Value
	typ      *ast.Type
	constant []byte
}

// Values returns the values of the canonical operation's variables, nil where
// there is none.
func (p *Prepared) Values(vars *Variables) ([][]byte, *Error) {
	if len(p.slots) == 0 {
		return nil, nil
	}
	out := make([][]byte, len(p.slots))
	for i := range p.slots {
		sl := &p.slots[i]
		switch {
		case sl.constant != nil:
			out[i] = sl.constant
		case sl.name != "":
			out[i] = vars.values[sl.name]
		default:
			text, ok := p.schema.literal(nil, sl.value, sl.typ, vars)
			if ok {
				out[i] = text
			}
		}
		if out[i] != nil && sl.typ.NonNull && string(out[i]) == "null" {
			return nil, &Error{Code: CodeInput, Message: fmt.Sprintf("A variable is null where %s is expected.", sl.typ)}
		}
	}
	return out, nil
}
