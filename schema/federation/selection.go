package federation

import (
	"errors"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// fieldSetRule says how the field set of a directive is checked; an empty code
// switches a check off.
type fieldSetRule struct {
	element, coordinate, where, text                     string
	syntax, kind, directives, arguments, types, external Code
}

// fieldSet checks the field set of a @key, @requires or @provides.
func (r *reader) fieldSet(t *Type, d *ast.Directive, rule fieldSetRule) {
	v := Argument(d, "fields")
	if v == nil {
		r.report(rule.kind, rule.coordinate, d.Position, "On %s, for %s: the fields must be a string.", rule.where, rule.text)
		return
	}
	fs, err := r.s.parseFieldSet(v)
	if errors.Is(err, errNotString) {
		r.report(rule.kind, rule.coordinate, v.Position, "On %s, for %s: the fields must be one string.", rule.where, rule.text)
		return
	}
	if err != nil {
		r.report(rule.syntax, rule.coordinate, v.Position, "On %s, for %s: syntax error: %v.", rule.where, rule.text, err)
		return
	}
	c := &selectionCheck{r: r, rule: rule, pos: v.Position}
	c.check(t, fs.selections, false)
}

// selectionCheck checks one field set.
type selectionCheck struct {
	r    *reader
	rule fieldSetRule
	pos  *ast.Position
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

func (c *selectionCheck) check(t *Type, sels ast.SelectionSet, below bool) {
	for _, sel := range sels {
		switch x := sel.(type) {
		case *ast.Field:
			c.applied(x.Directives)
			c.field(t, x, below)
		case *ast.InlineFragment:
			c.applied(x.Directives)
			c.fragment(t, x, below)
		case *ast.FragmentSpread:
			c.report(c.rule.syntax, c.rule.coordinate, "fragment spreads are not allowed; write the fields out.")
		}
	}
}

func (c *selectionCheck) applied(list ast.DirectiveList) {
	for _, d := range list {
		if c.r.s.Directives[d.Name] == nil {
			c.report(c.rule.syntax, c.rule.coordinate, "unknown directive \"@%s\"; remove it.", d.Name)
			continue
		}
		c.report(c.rule.directives, c.rule.coordinate, "directives cannot be applied in a field set, but there is @%s; remove it.", d.Name)
	}
}

func (c *selectionCheck) fragment(t *Type, x *ast.InlineFragment, below bool) {
	next := t
	if x.TypeCondition != "" {
		next = c.r.s.Types[x.TypeCondition]
	}
	if next == nil {
		c.report(c.rule.syntax, c.rule.coordinate, "unknown type %q.", x.TypeCondition)
		return
	}
	if !c.r.s.overlap(t, next) {
		c.report(c.rule.syntax, c.rule.coordinate, "a fragment on %q can never match %q.", next.Name, t.Name)
		return
	}
	c.check(next, x.SelectionSet, below)
}

// overlap reports whether some object can be of both types.
func (s *Subgraph) overlap(a, b *Type) bool {
	if a == b {
		return true
	}
	of := s.runtimeTypes(b.Name)
	return slices.ContainsFunc(s.runtimeTypes(a.Name), func(n string) bool { return slices.Contains(of, n) })
}

func (c *selectionCheck) field(t *Type, x *ast.Field, below bool) {
	if x.Name == "__typename" {
		return
	}
	if x.Alias != x.Name && x.Alias != "" {
		c.report(c.rule.syntax, c.rule.coordinate, "aliases are not allowed, but %q is called %q.", x.Name, x.Alias)
	}
	f := t.Field(x.Name)
	if f == nil || t.Kind == ast.Union {
		advice := "; add it to this subgraph, marked @external if another subgraph resolves it."
		c.report(c.rule.syntax, c.rule.coordinate, "type %q has no field %q%s", t.Name, x.Name, advice)
		return
	}
	s := c.r.s
	c.arguments(f, x)
	next := s.Types[f.Type.Name()]
	composite := composite(next)
	if c.rule.types != "" && composite && next.Kind != ast.Object {
		c.report(c.rule.types, c.at(f.Coordinate()), "field %q has the type %s, %s, which is not allowed in a key.", f.Coordinate(), next.Name, kindName(next.Kind))
		return
	}
	external := below || s.external[f]
	switch {
	case composite && len(x.SelectionSet) == 0:
		c.report(c.rule.syntax, c.at(f.Coordinate()), "field %q of type %s needs a selection of fields.", f.Coordinate(), f.Type.String())
	case !composite && len(x.SelectionSet) > 0:
		c.report(c.rule.syntax, c.at(f.Coordinate()), "field %q of type %s has no fields to select.", f.Coordinate(), f.Type.String())
	case !composite && !external:
		c.report(c.rule.external, c.at(f.Coordinate()), "this subgraph resolves field %q itself; mark the field @external or leave it out.", f.Coordinate())
	case composite:
		c.check(next, x.SelectionSet, external)
	}
}

func (c *selectionCheck) arguments(f *Field, x *ast.Field) {
	if len(f.Arguments) > 0 && c.rule.arguments != "" {
		c.report(c.rule.arguments, c.at(f.Coordinate()), "field %q cannot be used because it has arguments.", f.Coordinate())
		return
	}
	for _, a := range x.Arguments {
		want := f.Arguments.ForName(a.Name)
		switch {
		case want == nil:
			c.report(c.rule.syntax, c.at(f.Coordinate()), "field %q has no argument %q.", f.Coordinate(), a.Name)
		case a.Value.Kind == ast.Variable || !c.r.coerce(want.Type, a.Value):
			c.report(c.rule.syntax, c.at(f.Coordinate()), "invalid value %s for argument %q.", a.Value.String(), f.argumentCoordinate(a.Name))
		}
	}
	for _, want := range f.Arguments {
		if want.Type.NonNull && want.DefaultValue == nil && x.Arguments.ForName(want.Name) == nil {
			c.report(c.rule.syntax, c.at(f.Coordinate()), "argument %q is required.", f.argumentCoordinate(want.Name))
		}
	}
}

// sortedSelections copies a selection in order of its text, at each level.
func sortedSelections(sels ast.SelectionSet) ast.SelectionSet {
	out := make(ast.SelectionSet, 0, len(sels))
	for _, sel := range sels {
		switch x := sel.(type) {
		case *ast.Field:
			c := *x
			c.SelectionSet = sortedSelections(x.SelectionSet)
			out = append(out, &c)
		case *ast.InlineFragment:
			c := *x
			c.SelectionSet = sortedSelections(x.SelectionSet)
			out = append(out, &c)
		}
	}
	slices.SortFunc(out, func(a, b ast.Selection) int {
		return strings.Compare(printSelections(ast.SelectionSet{a}), printSelections(ast.SelectionSet{b}))
	})
	return out
}
