package compose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// typed is a type as one subgraph writes it.
type typed struct {
	g   *graph
	typ *ast.Type
	at  *ast.Position
}

// subtype reports whether a value of type a is always a value of type b: a may
// be non-null, a member or an implementer where b is not.
func (m *merger) subtype(a, b *ast.Type) bool {
	if b.NonNull && !a.NonNull {
		return false
	}
	if (a.Elem == nil) != (b.Elem == nil) {
		return false
	}
	if a.Elem != nil {
		return m.subtype(a.Elem, b.Elem)
	}
	return a.NamedType == b.NamedType || m.possible(a.NamedType, b.NamedType)
}

// possible reports whether a named type is a member or implementer of another
// in any subgraph.
func (m *merger) possible(a, b string) bool {
	for _, s := range m.sources[b] {
		if s.t.Kind == ast.Union && slices.Contains(s.t.Members, a) {
			return true
		}
	}
	for _, s := range m.sources[a] {
		if slices.Contains(s.t.Interfaces, b) {
			return true
		}
	}
	return false
}

// unify returns the type that all others are below of; ok is false if none is.
func unify(list []typed, below func(a, b *ast.Type) bool) (best *ast.Type, same, ok bool) {
	best, same = list[0].typ, true
	for _, t := range list[1:] {
		if t.typ.String() == best.String() {
			continue
		}
		same = false
		switch {
		case below(t.typ, best):
		case below(best, t.typ):
			best = t.typ
		default:
			return list[0].typ, false, false
		}
	}
	return best, same, true
}

// mergeOutputType finds the most general type of a field.
func (m *merger) mergeOutputType(coordinate string, sources []fieldSource) *ast.Type {
	list := inputTypes(sources)
	best, same, ok := unify(list, m.subtype)
	if !ok {
		m.typeMismatch(FieldTypeMismatch, "field", coordinate, list)
		return best
	}
	if !same {
		m.compatible(InconsistentButCompatibleFieldType, "field", coordinate, list, best)
	}
	return best
}

// mergeInputType finds the most specific type of an input field or argument.
func (m *merger) mergeInputType(coordinate string, code Code, list []typed) *ast.Type {
	best, same, ok := unify(list, func(a, b *ast.Type) bool { return m.subtype(b, a) })
	what, hint := "input field", InconsistentButCompatibleFieldType
	if code == FieldArgumentTypeMismatch {
		what, hint = "argument", InconsistentButCompatibleArgumentType
	}
	if !ok {
		m.typeMismatch(code, what, coordinate, list)
		return best
	}
	if !same {
		m.compatible(hint, what, coordinate, list, best)
	}
	return best
}

func inputTypes(sources []fieldSource) []typed {
	var out []typed
	for _, s := range sources {
		out = append(out, typed{s.g, s.f.Type, s.f.Position})
	}
	return out
}

func (m *merger) typeMismatch(code Code, what, coordinate string, list []typed) {
	m.errorf(code, coordinate, typedLocations(list), "The type of %s %q is not compatible across subgraphs: %s; use one type.", what, coordinate, byType(list))
}

func (m *merger) compatible(code Code, what, coordinate string, list []typed, best *ast.Type) {
	m.hintf(code, coordinate, typedLocations(list), "The type of %s %q differs between subgraphs but is compatible: %s; the supergraph uses %q.", what, coordinate, byType(list), best.String())
}

func typedLocations(list []typed) []Location {
	var out []Location
	for _, t := range list {
		out = append(out, t.g.At(t.at)...)
	}
	return out
}

// byType says which subgraphs use which type.
func byType(list []typed) string {
	return grouped("type", list, func(t typed) (*graph, string) { return t.g, fmt.Sprintf("%q", t.typ.String()) })
}

// grouped writes: type "A" in subgraph "x", type "B" in subgraphs "y" and "z".
func grouped[T any](what string, list []T, value func(T) (*graph, string)) string {
	var order []string
	by := make(map[string][]*graph)
	for _, x := range list {
		g, v := value(x)
		if by[v] == nil {
			order = append(order, v)
		}
		by[v] = append(by[v], g)
	}
	parts := make([]string, 0, len(order))
	for _, v := range order {
		parts = append(parts, what+" "+v+" in "+names(by[v]))
	}
	return strings.Join(parts, ", ")
}
