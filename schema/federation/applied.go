package federation

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// validateApplied checks directives where they are applied: that they exist, may
// stand there, and have the arguments they need.
func (r *reader) validateApplied(list ast.DirectiveList, where ast.DirectiveLocation, coordinate string, t *Type) {
	for _, d := range list {
		def := r.s.Directives[d.Name]
		if def == nil {
			r.misused(coordinate, d.Position, "Unknown directive \"@%s\"%s.", d.Name, r.directiveAdvice(d.Name))
			continue
		}
		if !slices.Contains(def.Locations, where) {
			r.invalid(coordinate, d.Position, "Directive \"@%s\" may not be used on %s; remove it.", d.Name, where)
		}
		r.validateDirectiveArguments(d, def, coordinate)
	}
}

func (r *reader) directiveAdvice(name string) string {
	e, ok := fed2()[name]
	switch {
	case !ok:
		return "; define it or remove it"
	case r.s.federation == nil:
		return "; this is a federation 1 schema: to use the directive, @link federation 2 and import it"
	case !r.s.Version.AtLeast(e.since):
		return "; it exists from federation " + e.since.String() + " on"
	}
	return "; add \"@" + name + "\" to the import of the federation @link"
}

func (r *reader) validateDirectiveArguments(d *ast.Directive, def *ast.DirectiveDefinition, coordinate string) {
	for _, a := range d.Arguments {
		want := def.Arguments.ForName(a.Name)
		if want == nil {
			r.invalid(coordinate, a.Position, "Unknown argument %q on directive \"@%s\"; remove it.", a.Name, d.Name)
			continue
		}
		if !r.s.coerce(want.Type, a.Value) && (want.Type.NonNull || a.Value.Kind != ast.NullValue) {
			if r.s.provided[want.Type.Name()] && a.Value.Kind == ast.NullValue {
				continue // an error of the field set
			}
			if a.Value.Kind == ast.NullValue {
				r.missingDirectiveArgument(d, want, coordinate)
				continue
			}
			r.invalid(coordinate, a.Position, "Invalid value %s for \"@%s(%s:)\" of type %q on %q; correct it.", a.Value.String(), d.Name, a.Name, want.Type.String(), coordinate)
		}
	}
	for _, want := range def.Arguments {
		if want.Type.NonNull && want.DefaultValue == nil && d.Arguments.ForName(want.Name) == nil {
			r.missingDirectiveArgument(d, want, coordinate)
		}
	}
}

func (r *reader) missingDirectiveArgument(d *ast.Directive, want *ast.ArgumentDefinition, coordinate string) {
	r.invalid(coordinate, d.Position, "Directive \"@%s\" argument %q of type %q is required, but it was not provided; add it.", d.Name, want.Name, want.Type.String())
}

// validateOnce looks for directives applied twice that may not be.
func (r *reader) validateOnce(list ast.DirectiveList, coordinate string) {
	seen := make(map[string]bool)
	for _, d := range list {
		def := r.s.Directives[d.Name]
		if def == nil || def.IsRepeatable {
			continue
		}
		if seen[d.Name] {
			r.invalid(coordinate, d.Position, "The directive \"@%s\" can only be used once on %q; remove one.", d.Name, coordinate)
		}
		seen[d.Name] = true
	}
}

// coerce reports whether a value can be one of the type, and gives it the one form
// that the supergraph has for equal values: a string that names an enum value
// becomes that value, a name where a string is wanted a string, and numbers lose
// what says nothing.
func (s *Subgraph) coerce(typ *ast.Type, v *ast.Value) bool {
	if v.Kind == ast.NullValue {
		return !typ.NonNull
	}
	if typ.Elem != nil {
		if v.Kind != ast.ListValue {
			return s.coerce(typ.Elem, v)
		}
		for _, c := range v.Children {
			if !s.coerce(typ.Elem, c.Value) {
				return false
			}
		}
		return true
	}
	return s.coerceNamed(typ.NamedType, v)
}

func (s *Subgraph) coerceNamed(name string, v *ast.Value) bool {
	text := v.Kind == ast.StringValue || v.Kind == ast.BlockValue
	number := v.Kind == ast.IntValue || v.Kind == ast.FloatValue
	if number && !plainNumber(v) {
		return false
	}
	switch name {
	case "Int":
		return v.Kind == ast.IntValue
	case "Float":
		return number
	case "String":
		if v.Kind == ast.EnumValue {
			v.Kind = ast.StringValue
			return true
		}
		return text
	case "Boolean":
		return v.Kind == ast.BooleanValue
	case "ID":
		return text || v.Kind == ast.IntValue
	}
	t := s.Types[name]
	if t == nil {
		return true
	}
	switch t.Kind {
	case ast.Scalar:
		return s.provided[name] || plainScalar(v)
	case ast.Enum:
		if !text && v.Kind != ast.EnumValue || t.Value(v.Raw) == nil {
			return false
		}
		v.Kind = ast.EnumValue
	case ast.InputObject:
		return s.coerceObject(t, v)
	}
	return true
}

// plainScalar writes a value of a custom scalar in one form: numbers as plainNumber
// does, names as strings.
func plainScalar(v *ast.Value) bool {
	if v.Kind == ast.EnumValue {
		v.Kind = ast.StringValue
	}
	if v.Kind == ast.ObjectValue {
		v.Children = lastOfEachKey(v.Children)
	}
	for _, c := range v.Children {
		if !plainScalar(c.Value) {
			return false
		}
	}
	return v.Kind != ast.IntValue && v.Kind != ast.FloatValue || plainNumber(v)
}

// plainNumber writes a number without what says nothing: 1.0 as 1, 1e3 as 1000.
// It reports false for one that is out of range.
func plainNumber(v *ast.Value) bool {
	f, err := strconv.ParseFloat(v.Raw, 64)
	if err != nil {
		return false
	}
	if f == 0 {
		f = 0 // not -0
	}
	if size := math.Abs(f); size != 0 && (size >= 1e21 || size < 1e-6) {
		text := strconv.FormatFloat(f, 'e', -1, 64)
		text = strings.Replace(text, "e-0", "e-", 1)
		v.Raw, v.Kind = text, ast.FloatValue
		return true
	}
	v.Raw, v.Kind = strconv.FormatFloat(f, 'f', -1, 64), ast.FloatValue
	if f == math.Trunc(f) {
		v.Kind = ast.IntValue
	}
	return true
}

func (s *Subgraph) coerceObject(t *Type, v *ast.Value) bool {
	if v.Kind != ast.ObjectValue {
		return false
	}
	v.Children = lastOfEachKey(v.Children)
	for _, c := range v.Children {
		f := t.Field(c.Name)
		if f == nil || !s.coerce(f.Type, c.Value) {
			return false
		}
	}
	return true
}

// lastOfEachKey drops the fields of an object that are written again.
func lastOfEachKey(list ast.ChildValueList) ast.ChildValueList {
	var out ast.ChildValueList
	for _, c := range list {
		if i := slices.IndexFunc(out, func(o *ast.ChildValue) bool { return o.Name == c.Name }); i >= 0 {
			out[i] = c
			continue
		}
		out = append(out, c)
	}
	return out
}
