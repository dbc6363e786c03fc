package operation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// overlaps finds fields that would stand under one name of an answer and are
// not the same: the rule "field selection merging" of the specification.
//
// The usual way compares fields in pairs, so that 10 kB of one repeated field
// cost seconds. This one groups: fields of one response name must all agree
// with the first of them, and what is below them is one set again. That is S.
// Adameit's way (2019); sets that were looked at are remembered, and the work is
// bounded for documents that are made to defeat that.
type overlaps struct {
	schema    *ast.Schema
	fragments map[string]*ast.FragmentDefinition
	reached   map[string]bool // fragments
	sets      setIDs
	seen      map[string]bool
	arguments map[*ast.Field]string
	reported  map[[2]*ast.Field]bool
	work      int
	errs      []*Error
}

// maxOverlapWork is 25 times what a document of the largest size takes in the
// usual case, and a fraction of a second.
const maxOverlapWork = 500_000

// findOverlaps checks a document whose fields know their definitions.
func findOverlaps(s *ast.Schema, doc *ast.QueryDocument) []*Error {
	o := newOverlaps(s, doc)
	o.document(doc)
	return o.faults()
}

func newOverlaps(s *ast.Schema, doc *ast.QueryDocument) *overlaps {
	o := &overlaps{
		schema: s, fragments: make(map[string]*ast.FragmentDefinition), reached: make(map[string]bool), sets: make(setIDs),
		seen: make(map[string]bool), arguments: make(map[*ast.Field]string), reported: make(map[[2]*ast.Field]bool),
	}
	for _, f := range doc.Fragments {
		o.fragments[f.Name] = f
	}
	return o
}

// document checks operations, and the fragments that none of them uses.
func (o *overlaps) document(doc *ast.QueryDocument) {
	for _, op := range doc.Operations {
		o.check(op.SelectionSet)
	}
	for _, f := range doc.Fragments {
		if !o.reached[f.Name] {
			o.check(f.SelectionSet)
		}
	}
}

func (o *overlaps) faults() []*Error {
	if o.spent() {
		return []*Error{{Code: CodeValidation, Message: "The operation is too large: its fields overlap in too many ways."}}
	}
	return o.errs
}

func (o *overlaps) spent() bool { return o.work > maxOverlapWork }

func (o *overlaps) check(set ast.SelectionSet) {
	o.names([]ast.SelectionSet{set})
	o.shapes([]ast.SelectionSet{set})
}

// names checks that fields which may be of one object are the same field with
// the same arguments.
func (o *overlaps) names(sets []ast.SelectionSet) {
	sets, first := o.visit('n', sets)
	if !first {
		return
	}
	for _, group := range o.collect(sets) {
		var order []*ast.Definition
		byObject := make(map[*ast.Definition][]*ast.Field)
		var anywhere []*ast.Field
		for _, f := range group {
			d := f.ObjectDefinition
			if d == nil || d.Kind != ast.Object {
				anywhere = append(anywhere, f)
				continue
			}
			if byObject[d] == nil {
				order = append(order, d)
			}
			byObject[d] = append(byObject[d], f)
		}
		if len(order) == 0 {
			o.sameField(anywhere)
		}
		for _, d := range order {
			o.sameField(append(byObject[d], anywhere...))
		}
	}
}

func (o *overlaps) sameField(group []*ast.Field) {
	o.work += len(group)
	if o.spent() {
		return
	}
	a := group[0]
	for _, b := range group[1:] {
		switch {
		case a.Name != b.Name:
			o.conflict(a, b, fmt.Sprintf("%q and %q are different fields", a.Name, b.Name))
			return
		case o.argumentsOf(a) != o.argumentsOf(b):
			o.conflict(a, b, "they have differing arguments")
			return
		}
	}
	o.names(childSets(group))
}

// shapes checks that fields of one name are of like types, also where they are
// of different objects.
func (o *overlaps) shapes(sets []ast.SelectionSet) {
	sets, first := o.visit('s', sets)
	if !first {
		return
	}
	for _, group := range o.collect(sets) {
		o.work += len(group)
		if o.spent() {
			return
		}
		var a *ast.Field
		for _, b := range group {
			switch {
			case b.Definition == nil:
			case a == nil:
				a = b
			case !o.alike(a.Definition.Type, b.Definition.Type):
				o.conflict(a, b, fmt.Sprintf("they return conflicting types %q and %q", a.Definition.Type, b.Definition.Type))
			}
		}
		o.shapes(childSets(group))
	}
}

func (o *overlaps) alike(a, b *ast.Type) bool {
	if a.NonNull != b.NonNull || (a.Elem == nil) != (b.Elem == nil) {
		return false
	}
	if a.Elem != nil {
		return o.alike(a.Elem, b.Elem)
	}
	if a.NamedType == b.NamedType {
		return true
	}
	x, y := o.schema.Types[a.NamedType], o.schema.Types[b.NamedType]
	return x != nil && y != nil && x.IsCompositeType() && y.IsCompositeType()
}

func (o *overlaps) conflict(a, b *ast.Field, why string) {
	if pair := [2]*ast.Field{a, b}; !o.reported[pair] {
		o.reported[pair] = true
		o.errs = append(o.errs, invalid(b.Position,
			fmt.Sprintf("Fields %q conflict because %s. Use different aliases on the fields to fetch both if this was intentional.", a.Alias, why)))
	}
}

// visit returns the sets, each once, and whether they were not looked at yet.
func (o *overlaps) visit(pass byte, sets []ast.SelectionSet) ([]ast.SelectionSet, bool) {
	o.work += len(sets)
	once, key := o.sets.once([]byte{pass}, sets)
	if len(once) == 0 || o.spent() {
		return nil, false
	}
	if o.seen[string(key)] {
		return nil, false
	}
	o.seen[string(key)] = true
	return once, true
}

// collect lists the fields of sets by response name, fragments expanded.
func (o *overlaps) collect(sets []ast.SelectionSet) [][]*ast.Field {
	var groups [][]*ast.Field
	index := make(map[string]int)
	visited := make(map[string]bool)
	var walk func(ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		o.work += len(set)
		for _, sel := range set {
			if o.spent() {
				return
			}
			switch x := sel.(type) {
			case *ast.Field:
				i, ok := index[x.Alias]
				if !ok {
					i = len(groups)
					index[x.Alias] = i
					groups = append(groups, nil)
				}
				groups[i] = append(groups[i], x)
			case *ast.InlineFragment:
				walk(x.SelectionSet)
			case *ast.FragmentSpread:
				if f := o.fragments[x.Name]; f != nil && !visited[x.Name] {
					visited[x.Name], o.reached[x.Name] = true, true
					walk(f.SelectionSet)
				}
			}
		}
	}
	for _, s := range sets {
		walk(s)
	}
	return groups
}

func childSets(group []*ast.Field) []ast.SelectionSet {
	var out []ast.SelectionSet
	for _, f := range group {
		if len(f.SelectionSet) > 0 {
			out = append(out, f.SelectionSet)
		}
	}
	return out
}

// argumentsOf is the arguments of a field as text, whatever their order.
func (o *overlaps) argumentsOf(f *ast.Field) string {
	if len(f.Arguments) == 0 {
		return ""
	}
	if text, ok := o.arguments[f]; ok {
		return text
	}
	members := make([]string, len(f.Arguments))
	for i, a := range f.Arguments {
		members[i] = a.Name + ":" + sortedText(a.Value)
	}
	slices.Sort(members)
	text := strings.Join(members, ",")
	o.arguments[f] = text
	return text
}

// sortedText is a value as text with the members of objects in order.
func sortedText(v *ast.Value) string {
	if len(v.Children) == 0 {
		return v.String()
	}
	parts := make([]string, len(v.Children))
	for i, c := range v.Children {
		parts[i] = sortedText(c.Value)
		if v.Kind == ast.ObjectValue {
			parts[i] = c.Name + ":" + parts[i]
		}
	}
	if v.Kind == ast.ObjectValue {
		slices.Sort(parts)
		return "{" + strings.Join(parts, ",") + "}"
	}
	return "[" + strings.Join(parts, ",") + "]"
}
