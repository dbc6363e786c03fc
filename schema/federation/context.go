package federation

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// SplitContext splits the argument of @fromContext, "$name selection".
func SplitContext(field string) (name, selection string, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(field), "$")
	if !ok {
		return "", "", false
	}
	end := strings.IndexFunc(rest, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	if end <= 0 || strings.TrimSpace(rest[end:]) == "" {
		return "", "", false
	}
	return rest[:end], rest[end:], true
}

// contexts finds which types set which context.
func (r *reader) contexts() map[string][]*Type {
	s := r.s
	out := make(map[string][]*Type)
	for _, n := range s.Order {
		t := s.Types[n]
		for _, d := range s.All(t.Directives, Context) {
			name := StringArgument(d, "name")
			switch {
			case strings.Contains(name, "_"):
				r.report(ContextNameInvalid, t.Name, d.Position, "The context name %q may not contain an underscore; rename it.", name)
			case !validName(name):
				r.report(ContextNameInvalid, t.Name, d.Position, "The context name %q is invalid: it has a letter and then letters and digits; rename it.", name)
			}
			if !containsType(out[name], t) {
				out[name] = append(out[name], t)
			}
		}
	}
	return out
}

func containsType(list []*Type, t *Type) bool {
	for _, x := range list {
		if x == t {
			return true
		}
	}
	return false
}

// contextOnDirectives refuses @fromContext on arguments of directives.
func (r *reader) contextOnDirectives() {
	for _, d := range r.s.document.Directives {
		for _, a := range d.Arguments {
			if x := r.s.First(a.Directives, FromContext); x != nil {
				c := "@" + d.Name + "(" + a.Name + ":)"
				r.report(ContextNotSet, c, x.Position, "@fromContext cannot be used on an argument of a directive definition, as on %q; remove it.", c)
			}
		}
	}
}

// fromContext checks the arguments of a field that a context fills in.
func (r *reader) fromContext(t *Type, f *Field, contexts map[string][]*Type) {
	for _, a := range f.Arguments {
		d := r.s.First(a.Directives, FromContext)
		if d == nil {
			continue
		}
		c := f.argumentCoordinate(a.Name)
		switch {
		case t.Kind == ast.Interface:
			r.report(ContextNotSet, c, d.Position, "@fromContext cannot be used on the argument %q of an interface field; use it on the implementations.", c)
			continue
		case r.s.ofInterface(f):
			r.report(ContextNotSet, c, d.Position, "@fromContext cannot be used on the argument %q, since the field implements an interface field; remove it.", c)
			continue
		case a.DefaultValue != nil:
			r.report(ContextNotSet, c, d.Position, "The argument %q is filled from a context and may not have a default value; remove it.", c)
		}
		r.contextArgument(t, a, d, c, contexts)
	}
}

func (r *reader) contextArgument(t *Type, a *ast.ArgumentDefinition, d *ast.Directive, coordinate string, contexts map[string][]*Type) {
	name, selection, ok := SplitContext(StringArgument(d, "field"))
	if !ok {
		r.report(NoContextInSelection, coordinate, d.Position, "The @fromContext of %q names no context: write \"$context { field }\".", coordinate)
		return
	}
	resolvable := false
	for _, k := range r.s.All(t.Directives, Key) {
		resolvable = resolvable || BoolArgument(k, "resolvable", true)
	}
	if !resolvable {
		r.report(ContextNoResolvableKey, coordinate, d.Position, "Type %q has no resolvable key but a field with a context argument; give it a key.", t.Name)
	}
	types := contexts[name]
	if len(types) == 0 {
		r.report(ContextNotSet, coordinate, d.Position, "The context %q is used at %q but no type sets it with @context; set it or correct the name.", name, coordinate)
		return
	}
	r.contextSelection(a, d, coordinate, name, selection, types)
}

func (r *reader) contextSelection(a *ast.ArgumentDefinition, d *ast.Directive, coordinate, name, selection string, types []*Type) {
	wrong := func(format string, args ...any) {
		r.report(ContextInvalidSelection, coordinate, d.Position, "The context %q is used in %q but its selection is invalid: "+format, append([]any{name, coordinate}, args...)...)
	}
	fs, err := parseSelections(selection)
	if err != nil {
		wrong("%v.", err)
		return
	}
	if conditionTwice(fs.selections) {
		wrong("two fragments have the same type condition.")
		return
	}
	anything := walker{s: r.s, visit: func(*Type, *Field) *fault { return nil }}
	for _, t := range r.settingTypes(types, fs.selections) {
		if f := anything.selections(t, fs.selections); f != nil {
			wrong("%s.", f.message)
			continue
		}
		on, sels := r.forType(t, fs.selections)
		if on == nil {
			wrong("no type condition matches the type %q, which sets the context.", t.Name)
			continue
		}
		typ, problem := r.contextType(on, sels)
		if problem != "" {
			wrong("%s.", problem)
			continue
		}
		if !r.s.subtype(typ, a.Type) {
			wrong("its type %q does not match the type %q of the argument.", typ.String(), a.Type.String())
		}
	}
}

func conditionTwice(sels ast.SelectionSet) bool {
	seen := make(map[string]bool)
	for _, sel := range sels {
		if x, ok := sel.(*ast.InlineFragment); ok {
			if seen[x.TypeCondition] {
				return true
			}
			seen[x.TypeCondition] = true
		}
	}
	return false
}

// settingTypes lists the types to check a selection against: of a union the object
// types, if the selection has fragments.
func (r *reader) settingTypes(types []*Type, sels ast.SelectionSet) []*Type {
	_, fragments := sels[0].(*ast.InlineFragment)
	var out []*Type
	for _, t := range types {
		if t.Kind != ast.Union || !fragments {
			out = append(out, t)
			continue
		}
		for _, n := range r.s.runtimeTypes(t.Name) {
			if x := r.s.Types[n]; x != nil {
				out = append(out, x)
			}
		}
	}
	return out
}

// forType picks the part of a selection that is for a type, and the type it is
// on: all of it, or the fragment on the type or on an object type that it can be.
func (r *reader) forType(t *Type, sels ast.SelectionSet) (*Type, ast.SelectionSet) {
	fragments := false
	for _, sel := range sels {
		x, ok := sel.(*ast.InlineFragment)
		if !ok {
			continue
		}
		fragments = true
		if c := r.s.Types[x.TypeCondition]; c != nil && c.Kind == ast.Object && r.s.overlap(t, c) {
			return c, x.SelectionSet
		}
	}
	if fragments {
		return nil, nil
	}
	return t, sels
}

// contextType is the type of what a selection of one field, at each level, reads.
func (r *reader) contextType(t *Type, sels ast.SelectionSet) (*ast.Type, string) {
	if len(sels) != 1 {
		return nil, "it must select one field"
	}
	x, ok := sels[0].(*ast.Field)
	if !ok {
		return nil, "it must select one field"
	}
	if x.Alias != "" && x.Alias != x.Name {
		return nil, "aliases are not allowed"
	}
	if len(x.Directives) > 0 {
		return nil, "directives are not allowed"
	}
	f := t.Field(x.Name)
	if f == nil {
		return nil, "type " + quote(t.Name) + " has no field " + quote(x.Name)
	}
	if problem := argumentProblem(f, x); problem != "" {
		return nil, problem
	}
	next := r.s.Types[f.Type.Name()]
	if !composite(next) {
		if len(x.SelectionSet) > 0 {
			return nil, "field " + quote(f.Coordinate()) + " has no fields to select"
		}
		return f.Type, ""
	}
	inner, problem := r.contextType(next, x.SelectionSet)
	if problem != "" {
		return nil, problem
	}
	return wrap(f.Type, inner), ""
}

// wrap puts the lists of an outer type around an inner one; what may be null
// outside may be null as a whole.
func wrap(outer, inner *ast.Type) *ast.Type {
	if outer.Elem != nil {
		return &ast.Type{Elem: wrap(outer.Elem, inner), NonNull: outer.NonNull}
	}
	if outer.NonNull {
		return inner
	}
	out := *inner
	out.NonNull = false
	return &out
}
