package operation

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/router/internal/execute"
)

// merged is a selection with equal response names merged: the fields that are
// selected on the type itself, and those that depend on the object's type.
type merged struct {
	order     []string
	fields    map[string]*mergedField
	fragments []*mergedFragment
}

type mergedField struct {
	field *ast.Field
	sets  []ast.SelectionSet
	// denied is set when the field is denied wherever it is selected.
	denied *execute.Error
}

type mergedFragment struct {
	on   string
	sets []ast.SelectionSet
}

// merge merges selection sets on a type.
func (b *builder) merge(on *ast.Definition, sets []ast.SelectionSet) *merged {
	m := &merged{fields: make(map[string]*mergedField)}
	for _, s := range sets {
		b.mergeInto(m, on, s)
	}
	return m
}

func (b *builder) mergeInto(m *merged, on *ast.Definition, sels ast.SelectionSet) {
	for _, sel := range sels {
		switch x := sel.(type) {
		case *ast.Field:
			if included(x.Directives, b.vars) {
				m.add(x, b.deny(x))
			}
		case *ast.InlineFragment:
			if included(x.Directives, b.vars) {
				b.mergeFragment(m, on, x.TypeCondition, x.SelectionSet)
			}
		case *ast.FragmentSpread:
			if included(x.Directives, b.vars) {
				if f := b.op.doc.doc.Fragments.ForName(x.Name); f != nil {
					b.mergeFragment(m, on, f.TypeCondition, f.SelectionSet)
				}
			}
		}
	}
}

func (b *builder) mergeFragment(m *merged, on *ast.Definition, cond string, sels ast.SelectionSet) {
	switch {
	case cond == "" || cond == on.Name || on.Kind == ast.Object && b.schema.possible(on.Name, cond):
		b.mergeInto(m, on, sels)
	case on.Kind == ast.Object || !b.schema.overlap(on.Name, cond):
	default:
		for _, f := range m.fragments {
			if f.on == cond {
				f.sets = append(f.sets, sels)
				return
			}
		}
		m.fragments = append(m.fragments, &mergedFragment{on: cond, sets: []ast.SelectionSet{sels}})
	}
}

// deny returns why a field is denied where it is selected, or nil.
func (b *builder) deny(f *ast.Field) *execute.Error {
	if b.denied == nil || strings.HasPrefix(f.Name, "__") {
		return nil
	}
	return b.denied(Coordinate{Type: f.ObjectDefinition.Name, Field: f.Name})
}

func (m *merged) add(f *ast.Field, denied *execute.Error) {
	have := m.fields[f.Alias]
	if have == nil {
		have = &mergedField{field: f, denied: denied}
		m.fields[f.Alias] = have
		m.order = append(m.order, f.Alias)
	}
	if denied != nil {
		return
	}
	if have.denied != nil { // allowed here, by a fragment
		have.field, have.denied = f, nil
	}
	if len(f.SelectionSet) > 0 {
		have.sets = append(have.sets, f.SelectionSet)
	}
}

// asked reports whether the field is one that subgraphs are asked for: it is
// neither denied nor answered here.
func (f *mergedField) asked() bool { return f.denied == nil && !aboutSchema(f.field.Name) }

// aboutSchema reports whether a field is __schema or __type.
func aboutSchema(name string) bool { return strings.HasPrefix(name, "__") && name != "__typename" }

// any reports whether something is left to ask for.
func (m *merged) any() bool {
	if len(m.fragments) > 0 {
		return true
	}
	for _, f := range m.fields {
		if f.asked() {
			return true
		}
	}
	return false
}

// asks reports whether something but __typename is left to ask for.
func (m *merged) asks() bool {
	if len(m.fragments) > 0 {
		return true
	}
	for _, f := range m.fields {
		if f.asked() && f.field.Name != "__typename" {
			return true
		}
	}
	return false
}
