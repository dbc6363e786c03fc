package difftest

import (
	"slices"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/router/internal/operation/operationtest"
	"github.com/starlinghq/starling/schema/supergraph"
)

// limit is something the engine cannot plan, by what is asked of which schema,
// not by what the engine says.
type limit struct {
	name    string
	applies func(h *harness, op operationtest.Operation) bool
}

// limits are all that a run may refuse.
var limits = []limit{
	{"a key with objects in it that is only known by way of a third subgraph", func(h *harness, op operationtest.Operation) bool {
		return h.selects(op, func(t *supergraph.Type) bool { return chainedKeys(t) })
	}},
}

// chainedKeys reports whether some subgraph of a type has none of the keys that
// another one has, and all of its own have objects in them.
func chainedKeys(t *supergraph.Type) bool {
	keys := make(map[*supergraph.Subgraph][]string)
	objects := make(map[string]bool)
	for _, j := range t.Joins {
		if j.Key != nil {
			keys[j.Graph] = append(keys[j.Graph], j.Key.String())
			objects[j.Key.String()] = slices.ContainsFunc(j.Key.Selections, func(sel ast.Selection) bool { return len(sel.(*ast.Field).SelectionSet) > 0 })
		}
	}
	for to, wanted := range keys {
		for from, have := range keys {
			if from != to && !slices.ContainsFunc(wanted, func(k string) bool { return slices.Contains(have, k) || !objects[k] }) {
				return true
			}
		}
	}
	return false
}

// selects reports whether an operation selects on a type.
func (h *harness) selects(op operationtest.Operation, is func(t *supergraph.Type) bool) bool {
	//lint:ignore SA1019 the rules of its default set are meant
	doc, errs := gqlparser.LoadQuery(h.client, op.Text)
	if len(errs) > 0 {
		return false
	}
	found := false
	var walk func(sels ast.SelectionSet)
	walk = func(sels ast.SelectionSet) {
		for _, sel := range sels {
			switch x := sel.(type) {
			case *ast.Field:
				if t := h.world.schema.Type(x.Definition.Type.Name()); t != nil {
					for _, p := range append(h.world.schema.Possible(t), t) {
						found = found || is(p)
					}
				}
				walk(x.SelectionSet)
			case *ast.InlineFragment:
				walk(x.SelectionSet)
			}
		}
	}
	walk(doc.Operations[0].SelectionSet)
	for _, f := range doc.Fragments {
		walk(f.SelectionSet)
	}
	return found
}
