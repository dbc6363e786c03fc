package federation

import (
	"github.com/vektah/gqlparser/v2/ast"
)

// fault is what makes a field set unreadable: a message without its full stop, the
// coordinate of the field it is about if there is one, and a code if it is not the
// usual one. missing says that the subgraph lacks a field.
type fault struct {
	code                Code
	coordinate, message string
	missing             bool
}

// walker follows a field set in the order in which it is written. It visits the
// fields and stops at the first fault, be it its own or one that visit returns.
type walker struct {
	s     *Subgraph
	visit func(t *Type, f *Field) *fault
}

func (w walker) selections(t *Type, sels ast.SelectionSet) *fault {
	for _, sel := range sels {
		var f *fault
		switch x := sel.(type) {
		case *ast.Field:
			f = w.field(t, x)
		case *ast.InlineFragment:
			f = w.fragment(t, x)
		default:
			f = &fault{message: "fragment spreads are not allowed; write the fields out"}
		}
		if f != nil {
			return f
		}
	}
	return nil
}

func (w walker) field(t *Type, x *ast.Field) *fault {
	if f := w.applied(x.Directives); f != nil {
		return f
	}
	if x.Name == "__typename" {
		return nil
	}
	f := t.Field(x.Name)
	if f == nil || t.Kind == ast.Union {
		return &fault{message: "type " + quote(t.Name) + " has no field " + quote(x.Name), missing: true}
	}
	if problem := w.visit(t, f); problem != nil {
		return problem
	}
	for _, a := range x.Arguments {
		want := f.Arguments.ForName(a.Name)
		switch {
		case want == nil:
			return &fault{coordinate: f.Coordinate(), message: "field " + quote(f.Coordinate()) + " has no argument " + quote(a.Name)}
		case a.Value.Kind != ast.Variable && !w.s.coerce(want.Type, a.Value):
			return &fault{coordinate: f.Coordinate(), message: "invalid value " + a.Value.String() + " for argument " + quote(f.argumentCoordinate(a.Name))}
		}
	}
	if len(x.SelectionSet) == 0 {
		return nil
	}
	next := w.s.Types[f.Type.Name()]
	if !composite(next) {
		return &fault{coordinate: f.Coordinate(), message: "field " + quote(f.Coordinate()) + " of type " + f.Type.String() + " has no fields to select"}
	}
	return w.selections(next, x.SelectionSet)
}

func (w walker) fragment(t *Type, x *ast.InlineFragment) *fault {
	if f := w.applied(x.Directives); f != nil {
		return f
	}
	next := w.s.on(t, x)
	if !composite(next) {
		return &fault{message: "a fragment cannot be on " + quote(next.Name) + ", " + kindName(next.Kind)}
	}
	return w.selections(next, x.SelectionSet)
}

// applied looks for directives that do not exist, or not with these arguments.
func (w walker) applied(list ast.DirectiveList) *fault {
	for _, d := range list {
		def := w.s.Directives[d.Name]
		if def == nil {
			return &fault{message: "unknown directive \"@" + d.Name + "\"; remove it"}
		}
		for _, a := range d.Arguments {
			if want := def.Arguments.ForName(a.Name); want == nil || !w.s.coerce(want.Type, a.Value) {
				return &fault{message: "directive \"@" + d.Name + "\" has no argument " + quote(a.Name) + " of this kind; remove it"}
			}
		}
	}
	return nil
}

// on is the type that a fragment selects from: that of its condition, or the one
// around it if there is no condition or no such type.
func (s *Subgraph) on(t *Type, x *ast.InlineFragment) *Type {
	if next := s.Types[x.TypeCondition]; next != nil {
		return next
	}
	return t
}
