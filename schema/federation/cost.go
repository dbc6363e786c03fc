package federation

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// costs refuses @cost on interface fields: the cost is that of the types behind.
func (r *reader) costs(t *Type, f *Field) {
	if t.Kind != ast.Interface {
		return
	}
	if d := r.s.First(f.Directives, Cost); d != nil {
		r.report(CostAppliedToInterfaceField, f.Coordinate(), d.Position, "@%s cannot be applied to the interface field %q; apply it to the fields of the implementations.", d.Name, f.Coordinate())
	}
}

// listSize checks the arguments of @listSize against the field.
func (r *reader) listSize(f *Field) {
	d := r.s.First(f.Directives, ListSize)
	if d == nil {
		return
	}
	sized := stringsOf(Argument(d, "sizedFields"))
	if len(sized) == 0 && f.Type.Elem == nil {
		r.report(ListSizeAppliedToNonList, f.Coordinate(), d.Position, "@%s is applied to %q, which is not a list; name the lists below it in sizedFields or remove it.", d.Name, f.Coordinate())
	}
	if v := Argument(d, "assumedSize"); v != nil && strings.HasPrefix(v.Raw, "-") {
		r.report(ListSizeInvalidAssumedSize, f.Coordinate(), d.Position, "The assumed size of %q cannot be negative; correct it.", f.Coordinate())
	}
	for _, name := range stringsOf(Argument(d, "slicingArguments")) {
		r.slicingArgument(f, d, name)
	}
	if len(sized) > 0 {
		r.sizedFields(f, d, sized)
	}
}

func (r *reader) slicingArgument(f *Field, d *ast.Directive, name string) {
	a := f.Arguments.ForName(name)
	if a == nil {
		r.report(ListSizeInvalidSlicingArgument, f.Coordinate(), d.Position, "The slicing argument %q is not an argument of %q; correct the name.", name, f.Coordinate())
		return
	}
	if a.Type.Elem != nil || a.Type.NamedType != "Int" {
		r.report(ListSizeInvalidSlicingArgument, f.argumentCoordinate(name), d.Position, "The slicing argument %q must be of type Int, not %s.", f.argumentCoordinate(name), a.Type.String())
	}
}

func (r *reader) sizedFields(f *Field, d *ast.Directive, sized []string) {
	t := r.s.Types[f.Type.Name()]
	if f.Type.Elem != nil || t == nil || t.Kind != ast.Object && t.Kind != ast.Interface {
		r.report(ListSizeInvalidSizedField, f.Coordinate(), d.Position, "Sized fields cannot be used on %q because its type %s has no fields of its own; remove them.", f.Coordinate(), f.Type.String())
		return
	}
	for _, name := range sized {
		x := t.Field(name)
		switch {
		case x == nil:
			r.report(ListSizeInvalidSizedField, f.Coordinate(), d.Position, "The sized field %q is not a field of type %q; correct the name.", name, t.Name)
		case x.Type.Elem == nil:
			r.report(ListSizeAppliedToNonList, x.Coordinate(), d.Position, "The sized field %q is not a list; leave it out.", x.Coordinate())
		}
	}
}

func stringsOf(v *ast.Value) []string {
	if v == nil {
		return nil
	}
	if v.Kind != ast.ListValue {
		return []string{v.Raw}
	}
	var out []string
	for _, c := range v.Children {
		out = append(out, c.Value.Raw)
	}
	return out
}
