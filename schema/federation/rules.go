package federation

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// rules checks what federation asks of one subgraph. All errors add up.
func (r *reader) rules() {
	s := r.s
	contexts := r.contexts()
	for _, n := range s.Order {
		t := s.Types[n]
		r.keys(t)
		r.authOnInterface(t)
		r.interfaceObject(t)
		for _, b := range t.blocks {
			r.shareableOnce(s.All(b.Directives, Shareable), t.Name)
		}
		if t.Kind != ast.Object && t.Kind != ast.Interface {
			continue
		}
		for _, f := range t.Fields {
			r.requires(t, f)
			r.provides(t, f)
			r.externalRules(t, f)
			r.shareableRule(t, f)
			r.costs(t, f)
			r.listSize(f)
			r.fromContext(t, f, contexts)
		}
	}
	r.contextOnDirectives()
	r.interfaceKeys()
}

// interfaceKeys compares the keys of interfaces with those of their
// implementations. One that cannot be read ends this, and its error is then the
// only one of the subgraph.
func (r *reader) interfaceKeys() {
	for _, n := range r.s.Order {
		t := r.s.Types[n]
		if t.Kind != ast.Interface {
			continue
		}
		for _, d := range r.s.All(t.Directives, Key) {
			if !r.interfaceKey(t, d) {
				return
			}
		}
	}
}

// keys checks the keys of a type.
func (r *reader) keys(t *Type) {
	s := r.s
	if t.Kind != ast.Object && t.Kind != ast.Interface {
		return
	}
	keys := s.All(t.Directives, Key)
	if len(keys) > 0 && t.Kind == ast.Interface && !s.Version.AtLeast(Version{2, 3}) {
		r.report(KeyUnsupportedOnInterface, t.Name, keys[0].Position, "Cannot use @key on interface %q: it is supported from federation 2.3 on; link that version or remove the key.", t.Name)
	}
	for _, d := range keys {
		r.fieldSet(t, d, keyRule(t, d))
	}
}

func keyRule(t *Type, d *ast.Directive) fieldSetRule {
	return fieldSetRule{
		element: Key, coordinate: t.Name, where: "type " + quote(t.Name), text: "@key(fields: " + textOf(d) + ")",
		syntax: KeyInvalidFields, kind: KeyInvalidFieldsType, directives: KeyDirectiveInFieldsArg, arguments: KeyFieldsHasArgs, types: KeyFieldsSelectInvalidType,
	}
}

func quote(s string) string { return "\"" + s + "\"" }

func textOf(d *ast.Directive) string {
	if v := Argument(d, "fields"); v != nil {
		return v.String()
	}
	return "null"
}

// interfaceKey wants the implementations of an interface to have its keys, and to
// resolve them if it does. It returns false if a key that it needs cannot be read.
func (r *reader) interfaceKey(t *Type, d *ast.Directive) bool {
	want, ok := r.canonical(t, d)
	if !ok {
		return false
	}
	for _, i := range r.s.implementers(t.Name) {
		if i.Kind != ast.Object {
			continue
		}
		key, ok := r.keyLike(i, want)
		switch {
		case !ok:
			return false
		case key == nil:
			r.report(InterfaceKeyNotOnImplementation, t.Name, i.Position, "Key %s of interface %q is missing on its implementation %q; add it there.", textOf(d), t.Name, i.Name)
		case BoolArgument(d, "resolvable", true) && !BoolArgument(key, "resolvable", true):
			r.report(InterfaceKeyNotOnImplementation, t.Name, key.Position, "Key %s of interface %q is not resolvable on its implementation %q; make it so there, or not on the interface either.", textOf(d), t.Name, i.Name)
		}
	}
	return true
}

// keyLike returns the first key of a type that selects the same, nil if there is
// none; ok is false if one before it cannot be read.
func (r *reader) keyLike(t *Type, want string) (key *ast.Directive, ok bool) {
	for _, k := range r.s.All(t.Directives, Key) {
		have, ok := r.canonical(t, k)
		if !ok || have == want {
			return k, ok
		}
	}
	return nil, true
}

// canonical prints the field set of a key in one form. If it cannot be read, that
// becomes the only error of the subgraph.
func (r *reader) canonical(t *Type, d *ast.Directive) (text string, ok bool) {
	rule := keyRule(t, d)
	rule.types = "" // that an abstract type may not be selected has been told
	others := r.errors
	r.errors = nil
	fs, _ := r.readFieldSet(t, d, rule)
	if fs == nil {
		return "", false
	}
	r.errors = others
	return printSelections(mergedSelections(fs.selections)), true
}

func (r *reader) authOnInterface(t *Type) {
	s := r.s
	for _, element := range []string{Authenticated, RequiresScopes, Policy} {
		what := ""
		if t.Kind == ast.Interface {
			what = "interface"
		} else if s.IsInterfaceObject(t) {
			what = "interface object"
		}
		if what == "" {
			continue
		}
		if d := s.First(t.Directives, element); d != nil {
			r.report(AuthRequirementsAppliedOnInterface, t.Name, d.Position, "@%s cannot be applied on %s %q; apply it to the types behind it.", d.Name, what, t.Name)
		}
		if t.Kind != ast.Interface {
			continue
		}
		for _, f := range t.Fields {
			if d := s.First(f.Directives, element); d != nil {
				r.report(AuthRequirementsAppliedOnInterface, f.Coordinate(), d.Position, "@%s cannot be applied on the interface field %q; apply it to the fields of the types behind it.", d.Name, f.Coordinate())
			}
		}
	}
}

func (r *reader) interfaceObject(t *Type) {
	s := r.s
	if s.IsInterfaceObject(t) && !s.Has(t.Directives, Key) {
		r.report(InterfaceObjectUsageError, t.Name, t.Position, "The @interfaceObject directive can only be applied to entity types, but %q has no @key in this subgraph; add the key of the interface.", t.Name)
	}
}

func (r *reader) shareableRule(t *Type, f *Field) {
	list := r.s.All(f.Directives, Shareable)
	if len(list) == 0 {
		return
	}
	if t.Kind == ast.Interface {
		r.report(InvalidShareableUsage, f.Coordinate(), list[0].Position, "Invalid use of @shareable on the interface field %q: only fields of object types can be shared; mark those of the implementations.", f.Coordinate())
	}
	r.shareableOnce(list, f.Coordinate())
}

// shareableOnce refuses to say it twice in one place: @shareable is repeatable for
// a type and its extensions.
func (r *reader) shareableOnce(list []*ast.Directive, coordinate string) {
	if len(list) > 1 {
		r.report(InvalidShareableUsage, coordinate, list[1].Position, "@shareable is applied twice to %q; remove one.", coordinate)
	}
}

// externalRules checks that @external is used where it means something.
func (r *reader) externalRules(t *Type, f *Field) {
	s := r.s
	if t.Kind == ast.Interface {
		if d := s.First(f.Directives, External); d != nil {
			r.report(ExternalOnInterface, f.Coordinate(), d.Position, "The interface field %q is marked @external, which only fields of object types can be; remove it.", f.Coordinate())
		}
	}
	if s.External(f) && !s.Used(f) {
		r.report(ExternalUnused, f.Coordinate(), f.Position, "Field %q is marked @external but no @key, @requires or @provides uses it and no interface wants it; remove the field.", f.Coordinate())
	}
}

func (r *reader) requires(t *Type, f *Field) {
	for _, d := range r.s.All(f.Directives, Requires) {
		if t.Kind == ast.Interface {
			r.report(RequiresUnsupportedOnInterface, f.Coordinate(), d.Position, "Cannot use @requires on the interface field %q; use it on the fields of the implementations.", f.Coordinate())
		}
		r.fieldSet(t, d, fieldSetRule{
			element: Requires, coordinate: f.Coordinate(), where: "field " + quote(f.Coordinate()), text: "@requires(fields: " + textOf(d) + ")",
			syntax: RequiresInvalidFields, kind: RequiresInvalidFieldsType, directives: RequiresDirectiveInFieldsArg, external: RequiresFieldsMissingExternal,
		})
	}
}

// idleProvides refuses @provides where there is nothing to provide or nobody who would. It hides the other errors of the subgraph, as what is
// provided decides what is external. Of the two codes only that of the first one is reported.
func (r *reader) idleProvides() {
	for _, n := range r.s.Order {
		for _, f := range r.s.Types[n].Fields {
			for _, d := range r.s.All(f.Directives, Provides) {
				switch {
				case r.s.External(f):
					r.report(ExternalCollision, f.Coordinate(), d.Position, "Field %q has both @provides and @external, but a subgraph provides nothing by a field that it does not resolve; remove one.", f.Coordinate())
				case !composite(r.s.Types[f.Type.Name()]):
					r.report(ProvidesOnNonObjectField, f.Coordinate(), d.Position, "Invalid @provides on field %q: its type %q has no fields to provide; remove the directive.", f.Coordinate(), f.Type.String())
				}
			}
		}
	}
	r.errors = slices.DeleteFunc(r.errors, func(d Diagnostic) bool { return d.Code != r.errors[0].Code })
}

func (r *reader) provides(t *Type, f *Field) {
	for _, d := range r.s.All(f.Directives, Provides) {
		parent := r.s.Types[f.Type.Name()]
		if t.Kind == ast.Interface {
			r.report(ProvidesUnsupportedOnInterface, f.Coordinate(), d.Position, "Cannot use @provides on the interface field %q; use it on the fields of the implementations.", f.Coordinate())
		}
		r.fieldSet(parent, d, fieldSetRule{
			element: Provides, coordinate: f.Coordinate(), where: "field " + quote(f.Coordinate()), text: "@provides(fields: " + textOf(d) + ")",
			syntax: ProvidesInvalidFields, kind: ProvidesInvalidFieldsType, directives: ProvidesDirectiveInFieldsArg, arguments: ProvidesFieldsHasArgs, external: ProvidesFieldsMissingExternal,
		})
	}
}
