package operationtest

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// value makes a value of an input type, as JSON would have it.
func (g *generator) value(t *ast.Type, depth int) (any, bool) {
	if !t.NonNull && g.chance(10) {
		return nil, true
	}
	if t.Elem != nil {
		if !g.o.Plain && t.Elem.Elem == nil && g.chance(15) {
			if v, ok := g.value(t.Elem, depth-1); ok && v != nil {
				return v, true // one item stands for a list of it
			}
		}
		out := []any{}
		for range g.r.IntN(3) {
			if v, ok := g.value(t.Elem, depth-1); ok {
				out = append(out, v)
			}
		}
		return out, true
	}
	d := g.s.Types[t.NamedType]
	switch d.Kind {
	case ast.Enum:
		if len(d.EnumValues) == 0 {
			return nil, false
		}
		return enumValue(d.EnumValues[g.r.IntN(len(d.EnumValues))].Name), true
	case ast.InputObject:
		return g.inputObject(d, depth)
	}
	return g.scalar(t.NamedType), true
}

// scalar makes a value of a scalar: mostly a plain one, sometimes one at a
// limit.
func (g *generator) scalar(name string) any {
	odd := !g.o.Plain && g.chance(15)
	switch {
	case name == "Boolean":
		return g.chance(50)
	case name == "Int" && odd:
		return []int{-1, math.MaxInt32, math.MinInt32}[g.r.IntN(3)]
	case name == "Int":
		return g.r.IntN(100)
	case name == "Float" && odd:
		return []any{json.Number("1e21"), json.Number("-0.5"), json.Number("3"), json.Number("123456789012345678")}[g.r.IntN(4)]
	case name == "Float":
		return float64(g.r.IntN(1000)) / 8
	case name == "ID" && odd:
		return []any{json.Number("1234567890123456789"), json.Number("7"), "🔑"}[g.r.IntN(3)]
	case name == "ID":
		return "id" + strconv.Itoa(g.r.IntN(20))
	case odd && name == "String":
		return []string{"", "é🔑\n\\\"", "$$0$$ {x}", "# \u2028"}[g.r.IntN(4)]
	case odd:
		return []custom{
			{`{"a":[1,"x",null,true]}`, `{a: [1, "x", null, true]}`}, {`[1234567890123456789]`, `[1234567890123456789]`}, {`-2.5`, `-2.5`},
		}[g.r.IntN(3)]
	default:
		return "s\"" + strconv.Itoa(g.r.IntN(20))
	}
}

// custom is a value of a scalar of the schema's own, as JSON and as GraphQL.
type custom struct{ json, literal string }

// MarshalJSON returns the value as variables have it.
func (c custom) MarshalJSON() ([]byte, error) { return []byte(c.json), nil }

// enumValue is a string that a literal writes without quotes.
type enumValue string

func (g *generator) inputObject(d *ast.Definition, depth int) (any, bool) {
	if depth <= 0 {
		return nil, false
	}
	out := make(map[string]any)
	oneOf := d.Directives.ForName("oneOf") != nil
	for _, f := range d.Fields {
		required := f.Type.NonNull && f.DefaultValue == nil
		if !required && !oneOf && !g.chance(40) {
			continue
		}
		t := *f.Type
		t.NonNull = t.NonNull || oneOf
		v, ok := g.value(&t, depth-1)
		if !ok {
			if required {
				return nil, false
			}
			continue
		}
		out[f.Name] = v
		if oneOf {
			return out, true
		}
	}
	return out, !oneOf
}

// literal writes a value as GraphQL.
func (g *generator) literal(v any, t *ast.Type) string {
	switch x := v.(type) {
	case nil:
		return "null"
	case enumValue:
		return string(x)
	case custom:
		return x.literal
	case []any:
		parts := make([]string, len(x))
		for i, item := range x {
			parts[i] = g.literal(item, t.Elem)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		d := g.s.Types[t.Name()]
		var parts []string
		for _, f := range d.Fields {
			if fv, ok := x[f.Name]; ok {
				parts = append(parts, f.Name+": "+g.literal(fv, f.Type))
			}
		}
		return "{" + strings.Join(parts, ", ") + "}"
	default:
		text, _ := json.Marshal(x)
		return string(text)
	}
}
