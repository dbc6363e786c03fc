package main

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// asker makes random operations on an API schema.
type asker struct {
	*rand.Rand
	doc *ast.SchemaDocument
	b   strings.Builder
}

// operations makes count operations from a seed: the same for the same schema.
func operations(doc *ast.SchemaDocument, seed uint64, count int) []string {
	a := &asker{Rand: rand.New(rand.NewPCG(seed, 1)), doc: doc}
	roots := doc.Schema[0].OperationTypes
	out := make([]string, 0, count)
	for range count {
		root := roots[0]
		if a.IntN(6) == 0 {
			root = roots[a.IntN(len(roots))]
		}
		a.b.Reset()
		a.b.WriteString(string(root.Operation) + " ")
		a.selection(a.doc.Definitions.ForName(root.Type), 4, root.Operation == ast.Subscription)
		out = append(out, a.b.String())
	}
	return out
}

func composite(d *ast.Definition) bool { return d != nil && d.IsCompositeType() }

// selection writes a selection on a type. Each field comes once, so that arguments cannot conflict.
func (a *asker) selection(d *ast.Definition, depth int, single bool) {
	a.b.WriteString("{ ")
	defer a.b.WriteString("} ")
	if d.Kind == ast.Union || depth == 0 || len(d.Fields) == 0 {
		a.b.WriteString("__typename ")
	}
	want := 1 + a.IntN(4)
	if single {
		want = 1
	}
	written := 0
	for _, i := range a.Perm(len(d.Fields)) {
		f := d.Fields[i]
		target := a.doc.Definitions.ForName(f.Type.Name())
		if written == want || composite(target) && depth == 0 {
			continue
		}
		written++
		a.b.WriteString(f.Name)
		a.arguments(f.Arguments)
		a.b.WriteString(" ")
		if composite(target) {
			a.selection(target, depth-1, false)
		}
	}
	if written == 0 && depth > 0 {
		a.b.WriteString("__typename ")
	}
	if d.Kind != ast.Object && depth > 0 {
		a.fragments(d, depth)
	}
}

// fragments selects from some of the types behind an abstract type, under an alias of their own each, as their fields may differ in type.
func (a *asker) fragments(d *ast.Definition, depth int) {
	for _, t := range a.doc.Definitions {
		member := t.Kind == ast.Object && (contains(d.Types, t.Name) || contains(t.Interfaces, d.Name))
		if !member || a.IntN(3) == 0 || len(t.Fields) == 0 {
			continue
		}
		f := t.Fields[a.IntN(len(t.Fields))]
		fmt.Fprintf(&a.b, "... on %s { x%s%s: %s", t.Name, t.Name, f.Name, f.Name)
		a.arguments(f.Arguments)
		a.b.WriteString(" ")
		if target := a.doc.Definitions.ForName(f.Type.Name()); composite(target) {
			a.selection(target, depth-1, false)
		}
		a.b.WriteString("} ")
	}
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

func (a *asker) arguments(args ast.ArgumentDefinitionList) {
	var parts []string
	for _, arg := range args {
		if required := arg.Type.NonNull && arg.DefaultValue == nil; required || a.IntN(3) == 0 {
			parts = append(parts, arg.Name+": "+a.value(arg.Type, 3))
		}
	}
	if len(parts) > 0 {
		a.b.WriteString("(" + strings.Join(parts, ", ") + ")")
	}
}

// value writes a literal of a type; only required input fields are given.
func (a *asker) value(t *ast.Type, depth int) string {
	if t.Elem != nil {
		return "[" + a.value(t.Elem, depth) + "]"
	}
	switch t.NamedType {
	case "Int":
		return fmt.Sprint(a.IntN(100))
	case "Float":
		return "1.5"
	case "Boolean":
		return "true"
	}
	d := a.doc.Definitions.ForName(t.NamedType)
	switch {
	case d != nil && d.Kind == ast.Enum:
		return d.EnumValues[a.IntN(len(d.EnumValues))].Name
	case d != nil && d.Kind == ast.InputObject:
		var parts []string
		for _, f := range d.Fields {
			if f.Type.NonNull && f.DefaultValue == nil && depth > 0 {
				parts = append(parts, f.Name+": "+a.value(f.Type, depth-1))
			}
		}
		if len(parts) == 0 && d.Directives.ForName("oneOf") != nil {
			parts = append(parts, d.Fields[0].Name+": "+a.value(d.Fields[0].Type, depth-1))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return `"x"`
}
