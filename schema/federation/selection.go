package federation

import (
	"errors"
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// fieldSetRule says how the field set of a directive is checked; an empty code
// switches a check off.
type fieldSetRule struct {
	element, coordinate, where, text                     string
	syntax, kind, directives, arguments, types, external Code
}

// fieldSet checks the field set of a @key, @requires or @provides, in steps of
// which the first that finds something is the last: what is selected exists; it is
// selected as it must be; it may stand in such a field set; fragments can match.
func (r *reader) fieldSet(t *Type, d *ast.Directive, rule fieldSetRule) {
	before := len(r.errors)
	fs, c := r.readFieldSet(t, d, rule)
	if fs == nil {
		return
	}
	for _, step := range []func(*Type, ast.Selection, bool){c.form, c.allowed, c.matches} {
		if c.each(t, fs.selections, false, step); len(r.errors) > before {
			return
		}
	}
}

// readFieldSet parses a field set and looks up what it selects. It returns nil, and
// reports one error, if it cannot be read.
func (r *reader) readFieldSet(t *Type, d *ast.Directive, rule fieldSetRule) (*fieldSet, *selectionCheck) {
	c := &selectionCheck{r: r, rule: rule, pos: d.Position}
	v := Argument(d, "fields")
	if v == nil {
		c.report(rule.kind, rule.coordinate, "the fields must be a string.")
		return nil, c
	}
	c.pos = v.Position
	fs, err := r.s.parseFieldSet(v)
	if errors.Is(err, errNotString) {
		c.report(rule.kind, rule.coordinate, "the fields must be one string.")
		return nil, c
	}
	if err != nil {
		c.report(rule.syntax, rule.coordinate, "syntax error: %v.", err)
		return nil, c
	}
	w := walker{s: r.s, visit: c.keyType}
	if f := w.selections(t, fs.selections); f != nil {
		c.fault(f)
		return nil, c
	}
	return fs, c
}

// selectionCheck checks one field set.
type selectionCheck struct {
	r    *reader
	rule fieldSetRule
	pos  *ast.Position
}

// keyType refuses abstract types in keys.
func (c *selectionCheck) keyType(_ *Type, f *Field) *fault {
	next := c.r.s.Types[f.Type.Name()]
	if c.rule.types == "" || !composite(next) || next.Kind == ast.Object {
		return nil
	}
	return &fault{code: c.rule.types, coordinate: f.Coordinate(), message: "field " + quote(f.Coordinate()) + " has the type " + next.Name + ", " + kindName(next.Kind) + ", which is not allowed in a key"}
}

func (c *selectionCheck) fault(f *fault) {
	code, at := f.code, c.rule.coordinate
	if code == "" {
		code = c.rule.syntax
	}
	if f.coordinate != "" {
		at = c.at(f.coordinate)
	}
	message := f.message
	if f.missing {
		message += "; add it to this subgraph, marked @external if another subgraph resolves it"
	}
	c.report(code, at, "%s.", message)
}

// at is the coordinate of an error about a field: for a key the field, else the
// element with the directive.
func (c *selectionCheck) at(field string) string {
	if c.rule.element == Key {
		return field
	}
	return c.rule.coordinate
}

func (c *selectionCheck) report(code Code, coordinate, format string, args ...any) {
	if code == "" {
		return
	}
	args = append([]any{c.rule.where, c.rule.text}, args...)
	c.r.report(code, coordinate, c.pos, "On %s, for %s: "+format, args...)
}

// each visits all selections of a field set that exists. below says that a field
// above is external.
func (c *selectionCheck) each(t *Type, sels ast.SelectionSet, below bool, visit func(t *Type, sel ast.Selection, external bool)) {
	for _, sel := range sels {
		switch x := sel.(type) {
		case *ast.Field:
			f := t.Field(x.Name)
			external := below || f != nil && c.r.s.external[f]
			visit(t, sel, external)
			if f != nil && len(x.SelectionSet) > 0 {
				c.each(c.r.s.Types[f.Type.Name()], x.SelectionSet, external, visit)
			}
		case *ast.InlineFragment:
			visit(t, sel, below)
			c.each(c.r.s.on(t, x), x.SelectionSet, below, visit)
		}
	}
}

// form checks aliases, arguments that must be given, and that fields of fields are
// selected.
func (c *selectionCheck) form(t *Type, sel ast.Selection, _ bool) {
	x, ok := sel.(*ast.Field)
	if !ok {
		return
	}
	if x.Alias != x.Name && x.Alias != "" {
		c.report(c.rule.syntax, c.rule.coordinate, "aliases are not allowed, but %q is called %q.", x.Name, x.Alias)
	}
	f := t.Field(x.Name)
	if f == nil {
		return
	}
	if composite(c.r.s.Types[f.Type.Name()]) && len(x.SelectionSet) == 0 {
		c.report(c.rule.syntax, c.at(f.Coordinate()), "field %q of type %s needs a selection of fields.", f.Coordinate(), f.Type.String())
	}
	if problem := argumentProblem(f, x); problem != "" {
		c.report(c.rule.syntax, c.at(f.Coordinate()), "%s.", problem)
	}
}

// argumentProblem says which argument of a selected field is missing or a
// variable.
func argumentProblem(f *Field, x *ast.Field) string {
	for _, want := range f.Arguments {
		a := x.Arguments.ForName(want.Name)
		switch {
		case a != nil && a.Value.Kind == ast.Variable:
			return "a variable cannot be the value of argument " + quote(f.argumentCoordinate(want.Name))
		case a == nil && want.Type.NonNull && want.DefaultValue == nil:
			return "argument " + quote(f.argumentCoordinate(want.Name)) + " is required"
		}
	}
	return ""
}

// allowed checks what the directive with the field set does not allow: directives
// in it, fields with arguments, fields that the subgraph resolves itself.
func (c *selectionCheck) allowed(t *Type, sel ast.Selection, external bool) {
	switch x := sel.(type) {
	case *ast.InlineFragment:
		c.applied(x.Directives)
	case *ast.Field:
		c.applied(x.Directives)
		f := t.Field(x.Name)
		if f == nil {
			return
		}
		if len(f.Arguments) > 0 {
			c.report(c.rule.arguments, c.at(f.Coordinate()), "field %q cannot be used because it has arguments.", f.Coordinate())
		}
		if !external && !composite(c.r.s.Types[f.Type.Name()]) {
			c.report(c.rule.external, c.at(f.Coordinate()), "this subgraph resolves field %q itself; mark the field @external or leave it out.", f.Coordinate())
		}
	}
}

func (c *selectionCheck) applied(list ast.DirectiveList) {
	for _, d := range list {
		c.report(c.rule.directives, c.rule.coordinate, "directives cannot be applied in a field set, but there is @%s; remove it.", d.Name)
	}
}

// matches checks the conditions of fragments. Whether the one of a @requires can
// match is for all subgraphs together to say.
func (c *selectionCheck) matches(t *Type, sel ast.Selection, _ bool) {
	x, ok := sel.(*ast.InlineFragment)
	if !ok || x.TypeCondition == "" {
		return
	}
	next := c.r.s.Types[x.TypeCondition]
	switch {
	case next == nil:
		c.report(c.rule.syntax, c.rule.coordinate, "unknown type %q.", x.TypeCondition)
	case c.rule.element != Requires && !c.r.s.overlap(t, next):
		c.report(c.rule.syntax, c.rule.coordinate, "a fragment on %q can never match %q.", next.Name, t.Name)
	}
}

// overlap reports whether some object can be of both types.
func (s *Subgraph) overlap(a, b *Type) bool {
	if a == b {
		return true
	}
	of := s.runtimeTypes(b.Name)
	return slices.ContainsFunc(s.runtimeTypes(a.Name), func(n string) bool { return slices.Contains(of, n) })
}

// mergedSelections copies a selection in order of its text, at each level, with
// what selects the same put together.
func mergedSelections(sels ast.SelectionSet) ast.SelectionSet {
	below := make(map[string]ast.SelectionSet)
	heads := make(map[string]ast.Selection)
	for _, sel := range sels {
		var head ast.Selection
		var inner ast.SelectionSet
		switch x := sel.(type) {
		case *ast.Field:
			c := *x
			head, inner, c.SelectionSet = &c, x.SelectionSet, nil
		case *ast.InlineFragment:
			c := *x
			head, inner, c.SelectionSet = &c, x.SelectionSet, nil
		default:
			continue
		}
		text := printSelections(ast.SelectionSet{head})
		heads[text] = head
		below[text] = append(below[text], inner...)
	}
	out := make(ast.SelectionSet, 0, len(heads))
	for _, text := range slices.Sorted(maps.Keys(heads)) {
		merged := mergedSelections(below[text])
		switch x := heads[text].(type) {
		case *ast.Field:
			x.SelectionSet = merged
		case *ast.InlineFragment:
			x.SelectionSet = merged
		}
		out = append(out, heads[text])
	}
	return out
}
