package difftest

import (
	"bytes"
	"encoding/json"
	"iter"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/starlinghq/starling/router/internal/operation/operationtest"
)

// smallerOperation leaves one thing out of the operation at a time, the large
// ones first. A candidate may be not valid any more.
func smallerOperation(x example) iter.Seq[example] {
	return func(yield func(example) bool) {
		for n := 0; ; n++ {
			doc, err := parser.ParseQuery(&ast.Source{Input: x.op.Text})
			if err != nil || len(doc.Operations) != 1 {
				return
			}
			e := &editor{doc: doc, left: n}
			for depth := 0; depth < 12 && !e.done; depth++ {
				e.selections(&doc.Operations[0].SelectionSet, depth)
				for _, f := range doc.Fragments {
					e.selections(&f.SelectionSet, depth)
				}
			}
			if !e.done {
				return // every edit was tried
			}
			c := x
			c.op = tidy(doc, x.op.Variables)
			if !yield(c) {
				return
			}
		}
	}
}

// editor makes the edit with a certain number.
type editor struct {
	doc  *ast.QueryDocument
	left int
	done bool
}

// now reports whether the edit at hand is the one.
func (e *editor) now() bool {
	if e.done {
		return false
	}
	e.left--
	e.done = e.left < 0
	return e.done
}

// selections edits the selections that are so many levels down.
func (e *editor) selections(set *ast.SelectionSet, depth int) {
	for i := 0; i < len(*set) && !e.done; i++ {
		if spread, ok := (*set)[i].(*ast.FragmentSpread); ok && depth == 0 && e.now() {
			(*set)[i] = e.inline(spread)
			return
		}
		below := &ast.SelectionSet{}
		switch s := (*set)[i].(type) {
		case *ast.Field:
			below = &s.SelectionSet
		case *ast.InlineFragment:
			below = &s.SelectionSet
		}
		if depth > 0 {
			e.selections(below, depth-1)
			continue
		}
		if e.now() {
			*set = slices.Delete(*set, i, i+1)
			return
		}
		if len(*below) > 0 && e.now() {
			*set = slices.Replace(*set, i, i+1, *below...)
			return
		}
		e.selection((*set)[i])
	}
}

// inline is the fragment of a spread, in its place.
func (e *editor) inline(spread *ast.FragmentSpread) ast.Selection {
	f := e.doc.Fragments.ForName(spread.Name)
	if f == nil {
		return spread
	}
	return &ast.InlineFragment{TypeCondition: f.TypeCondition, SelectionSet: slices.Clone(f.SelectionSet), Directives: spread.Directives}
}

// selection edits one selection itself.
func (e *editor) selection(sel ast.Selection) {
	switch s := sel.(type) {
	case *ast.Field:
		if s.Alias != s.Name && e.now() {
			s.Alias = s.Name
		}
		e.directives(&s.Directives)
		for i := range s.Arguments {
			if e.now() {
				s.Arguments = slices.Delete(s.Arguments, i, i+1)
				return
			}
		}
	case *ast.InlineFragment:
		e.directives(&s.Directives)
	case *ast.FragmentSpread:
		e.directives(&s.Directives)
	}
}

func (e *editor) directives(list *ast.DirectiveList) {
	for i := range *list {
		if e.now() {
			*list = slices.Delete(*list, i, i+1)
			return
		}
	}
}

// tidy prints an operation without the fragments and variables that nothing
// uses.
func tidy(doc *ast.QueryDocument, vars json.RawMessage) operationtest.Operation {
	used := make(map[string]bool)
	var walk func(set *ast.SelectionSet)
	var value func(v *ast.Value)
	value = func(v *ast.Value) {
		if v == nil {
			return
		}
		if v.Kind == ast.Variable {
			used["$"+v.Raw] = true
		}
		for _, c := range v.Children {
			value(c.Value)
		}
	}
	directives := func(list ast.DirectiveList) {
		for _, d := range list {
			for _, a := range d.Arguments {
				value(a.Value)
			}
		}
	}
	walk = func(set *ast.SelectionSet) {
		// A selection that selects nothing any more is none.
		*set = slices.DeleteFunc(*set, func(s ast.Selection) bool {
			switch x := s.(type) {
			case *ast.Field:
				had := len(x.SelectionSet) > 0
				walk(&x.SelectionSet)
				return had && len(x.SelectionSet) == 0
			case *ast.InlineFragment:
				walk(&x.SelectionSet)
				return len(x.SelectionSet) == 0
			}
			return false
		})
		for _, s := range *set {
			switch x := s.(type) {
			case *ast.Field:
				directives(x.Directives)
				for _, a := range x.Arguments {
					value(a.Value)
				}
			case *ast.InlineFragment:
				directives(x.Directives)
			case *ast.FragmentSpread:
				directives(x.Directives)
				if f := doc.Fragments.ForName(x.Name); f != nil && !used[x.Name] {
					used[x.Name] = true
					walk(&f.SelectionSet)
				}
			}
		}
	}
	op := doc.Operations[0]
	walk(&op.SelectionSet)
	doc.Fragments = slices.DeleteFunc(doc.Fragments, func(f *ast.FragmentDefinition) bool { return !used[f.Name] })
	op.VariableDefinitions = slices.DeleteFunc(op.VariableDefinitions, func(d *ast.VariableDefinition) bool { return !used["$"+d.Variable] })
	var b bytes.Buffer
	formatter.NewFormatter(&b, formatter.WithIndent("  ")).FormatQueryDocument(doc)
	return operationtest.Operation{Text: b.String(), Variables: onlyVariables(vars, used)}
}

func onlyVariables(vars json.RawMessage, used map[string]bool) json.RawMessage {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(vars, &all); err != nil {
		return vars
	}
	for name := range all {
		if !used["$"+name] {
			delete(all, name)
		}
	}
	out, err := json.Marshal(all)
	if err != nil {
		return vars
	}
	return out
}

// selections counts the fields and fragments of an operation.
func selections(text string) int {
	doc, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		return 0
	}
	n := 0
	var count func(set ast.SelectionSet)
	count = func(set ast.SelectionSet) {
		for _, s := range set {
			n++
			switch x := s.(type) {
			case *ast.Field:
				count(x.SelectionSet)
			case *ast.InlineFragment:
				count(x.SelectionSet)
			}
		}
	}
	for _, op := range doc.Operations {
		count(op.SelectionSet)
	}
	for _, f := range doc.Fragments {
		count(f.SelectionSet)
	}
	return n
}
