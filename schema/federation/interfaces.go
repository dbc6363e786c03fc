package federation

import (
	"github.com/vektah/gqlparser/v2/ast"
)

// validateInterfaces checks that a type has what its interfaces promise.
func (r *reader) validateInterfaces(t *Type) {
	seen := make(map[string]bool)
	for _, b := range t.blocks {
		for _, i := range b.Interfaces {
			if seen[i] {
				r.invalid(t.Name, b.Position, "Type %q can only implement %q once; remove one.", t.Name, i)
			}
			seen[i] = true
		}
	}
	for _, i := range t.Interfaces {
		it := r.s.Types[i]
		switch {
		case it == nil:
			r.misused(t.Name, t.Position, "Cannot implement the unknown type %s; define it or correct the name.", i)
		case it.Kind != ast.Interface:
			r.misused(t.Name, t.Position, "Cannot implement %s: it is %s, not an interface; remove it or make it one.", i, kindName(it.Kind))
		case it == t:
			r.invalid(t.Name, t.Position, "Type %s cannot implement itself; remove that.", t.Name)
		default:
			r.validateImplements(t, it)
		}
	}
}

func (r *reader) validateImplements(t, it *Type) {
	for _, above := range it.Interfaces {
		switch {
		case above == t.Name:
			r.invalid(t.Name, t.Position, "Type %s cannot implement %s because it would create a circular reference; remove one of the two.", t.Name, it.Name)
		case !contains(t.Interfaces, above):
			r.invalid(t.Name, t.Position, "Type %s must implement %s because it is implemented by %s; add it.", t.Name, above, it.Name)
		}
	}
	for _, want := range it.Fields {
		have := t.Field(want.Name)
		if have == nil {
			r.invalid(want.Coordinate(), t.Position, "Interface field %s expected but %s does not provide it; add the field.", want.Coordinate(), t.Name)
			continue
		}
		r.validateField(have, want)
	}
}

func (r *reader) validateField(have, want *Field) {
	if !r.s.subtype(have.Type, want.Type) {
		r.invalid(want.Coordinate(), have.Position, "Interface field %s expects type %s but %s of type %s is not a proper subtype; use a type that fits.", want.Coordinate(), want.Type.String(), have.Coordinate(), have.Type.String())
	}
	for _, a := range want.Arguments {
		b := have.Arguments.ForName(a.Name)
		switch {
		case b == nil:
			r.invalid(want.argumentCoordinate(a.Name), have.Position, "Interface field argument %s expected but %s does not provide it; add the argument.", want.argumentCoordinate(a.Name), have.Coordinate())
		case a.Type.String() != b.Type.String():
			r.invalid(want.argumentCoordinate(a.Name), b.Position, "Interface field argument %s expects type %s but %s is type %s; use one type.", want.argumentCoordinate(a.Name), a.Type.String(), have.argumentCoordinate(a.Name), b.Type.String())
		}
	}
	for _, b := range have.Arguments {
		if want.Arguments.ForName(b.Name) == nil && b.Type.NonNull && b.DefaultValue == nil {
			r.invalid(have.argumentCoordinate(b.Name), b.Position, "Field %s includes required argument %s that is missing from the interface field %s; make it optional or add it there.", have.Coordinate(), b.Name, want.Coordinate())
		}
	}
}

// subtype reports whether every value of type a is one of type b.
func (s *Subgraph) subtype(a, b *ast.Type) bool {
	if b.NonNull && !a.NonNull {
		return false
	}
	if (a.Elem == nil) != (b.Elem == nil) {
		return false
	}
	if a.Elem != nil {
		return s.subtype(a.Elem, b.Elem)
	}
	if a.NamedType == b.NamedType {
		return true
	}
	if u := s.Types[b.NamedType]; u != nil && u.Kind == ast.Union && contains(u.Members, a.NamedType) {
		return true
	}
	t := s.Types[a.NamedType]
	return t != nil && contains(t.Interfaces, b.NamedType)
}
