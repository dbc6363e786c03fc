package engine

import (
	gql "github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/supergraph"
)

// filled asks for a field wherever an operation asks for nothing but the type's
// name: of a value that several subgraphs have, the planner cannot choose one
// else. It reports whether there was such a place.
func (e *Engine) filled(op Operation) (string, bool) {
	changed := false
	var fill func(t *supergraph.Type, sels gql.SelectionSet) gql.SelectionSet
	fill = func(t *supergraph.Type, sels gql.SelectionSet) gql.SelectionSet {
		if t == nil {
			return sels
		}
		named := true
		for _, sel := range sels {
			switch x := sel.(type) {
			case *gql.Field:
				if named = named && x.Name == "__typename"; x.Name == "__typename" {
					continue
				}
				if f := t.Field(x.Name); f != nil && len(x.SelectionSet) > 0 {
					x.SelectionSet = fill(e.schema.Type(f.Type.Name()), x.SelectionSet)
				}
			case *gql.InlineFragment:
				named = false
				on := t
				if x.TypeCondition != "" {
					on = e.schema.Type(x.TypeCondition)
				}
				x.SelectionSet = fill(on, x.SelectionSet)
			}
		}
		if name := e.anyLeaf(t); named && name != "" {
			changed = true
			sels = append(sels, &gql.Field{Alias: "_p_" + name, Name: name})
		}
		return sels
	}
	text, err := e.rewritten(op, fill)
	return text, changed && err == nil
}

// anyLeaf names a field of a type that can be asked for anywhere, or "".
func (e *Engine) anyLeaf(t *supergraph.Type) string {
	if t.Name == e.schema.Query || t.Name == e.schema.Mutation {
		return ""
	}
	best, most := "", 0
	for _, f := range t.Fields {
		if len(f.Arguments) > 0 || !e.leaf(f.Type) {
			continue
		}
		giving := 0
		for _, j := range f.Joins {
			if j.Graph != nil && !j.External && !j.UsedOverridden && j.Requires == nil {
				giving++
			}
		}
		if giving > most {
			best, most = f.Name, giving
		}
	}
	return best
}
