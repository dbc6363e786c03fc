package difftest

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/supergraph"
)

// inputs coerces values of input types, defaults of input fields included, so
// that a literal and a variable that mean the same are the same text.
type inputs struct{ schema *supergraph.Schema }

// arguments is the canonical text of a field's coerced arguments.
func (in inputs) arguments(f *ast.Field, def *supergraph.Field, vars map[string]any) string {
	out := make(map[string]any)
	for _, a := range def.Arguments {
		var v any
		given := false
		if x := f.Arguments.ForName(a.Name); x != nil {
			v, given = in.literal(x.Value, vars)
		}
		if !given {
			if a.DefaultValue == nil {
				continue
			}
			v, _ = in.literal(a.DefaultValue, nil)
		}
		out[a.Name] = in.coerce(v, a.Type)
	}
	if len(out) == 0 {
		return ""
	}
	return canonical(out)
}

// literalArguments are the arguments of a field in a field set.
func literalArguments(f *ast.Field, def *supergraph.Field) string {
	return inputs{}.arguments(f, def, nil)
}

// literal evaluates a value; false is an absent variable.
func (in inputs) literal(v *ast.Value, vars map[string]any) (any, bool) {
	switch v.Kind {
	case ast.Variable:
		x, ok := vars[v.Raw]
		return x, ok
	case ast.NullValue:
		return nil, true
	case ast.ListValue:
		out := []any{}
		for _, c := range v.Children {
			x, _ := in.literal(c.Value, vars)
			out = append(out, x)
		}
		return out, true
	case ast.ObjectValue:
		out := make(map[string]any)
		for _, c := range v.Children {
			if x, ok := in.literal(c.Value, vars); ok {
				out[c.Name] = x
			}
		}
		return out, true
	case ast.IntValue, ast.FloatValue:
		return json.Number(v.Raw), true
	case ast.BooleanValue:
		return v.Raw == "true", true
	default:
		return v.Raw, true
	}
}

func (in inputs) coerce(v any, t *ast.Type) any {
	if v == nil {
		return nil
	}
	if t.Elem != nil {
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		out := make([]any, len(list))
		for i := range list {
			out[i] = in.coerce(list[i], t.Elem)
		}
		return out
	}
	if obj, ok := v.(map[string]any); ok && in.schema != nil {
		if d := in.schema.Type(t.NamedType); d != nil && d.Kind == ast.InputObject {
			return in.object(obj, d)
		}
	}
	switch t.NamedType {
	case "ID":
		return fmt.Sprint(v)
	case "Float":
		if f, err := strconv.ParseFloat(fmt.Sprint(v), 64); err == nil {
			return f
		}
	}
	return v
}

func (in inputs) object(obj map[string]any, d *supergraph.Type) any {
	out := make(map[string]any)
	for _, f := range d.Fields {
		v, ok := obj[f.Name]
		if !ok {
			if f.Default == nil {
				continue
			}
			v, _ = in.literal(f.Default, nil)
		}
		out[f.Name] = in.coerce(v, f.Type)
	}
	return out
}
