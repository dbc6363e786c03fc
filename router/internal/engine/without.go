package engine

import (
	"slices"

	gql "github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/starlinghq/starling/router/internal/execute"
	"github.com/starlinghq/starling/schema/supergraph"
)

// without lets the executor ask for entities whose required fields failed: for
// the fields that do not require them. It is only needed then, and made then.
func (c *converter) without(f *execute.Fetch, entry int) func(members []string) *execute.Fetch {
	g := c.engine.schema.SubgraphNamed(f.Subgraph)
	return func(members []string) *execute.Fetch {
		doc, err := parser.ParseQuery(&gql.Source{Input: f.Query})
		if err != nil || len(doc.Operations) == 0 {
			return nil
		}
		e := &f.Entries[entry]
		kept := &share{fields: make(map[*gql.Field]bool)}
		var asks []string
		for _, sel := range entitySelection(doc, e.Alias) {
			fragment, ok := sel.(*gql.InlineFragment)
			if !ok {
				continue
			}
			t := c.engine.schema.Type(fragment.TypeCondition)
			if t == nil || !c.engine.keyWithout(g, t, &e.Representation, members) {
				continue
			}
			for _, below := range fragment.SelectionSet {
				if field, ok := below.(*gql.Field); ok && field.Name != "__typename" && !requiresOne(g, t, field.Name, members) {
					kept.fields[field] = true
					asks = append(asks, t.Name)
				}
			}
		}
		if len(kept.fields) == 0 {
			return nil
		}
		out := c.part(f, doc, entry, kept, false)
		out.Entries[0].Asks = slices.Compact(asks)
		out.Entries[0].Representation.Fields = slices.DeleteFunc(slices.Clone(e.Representation.Fields), func(rf execute.RepresentationField) bool {
			return slices.Contains(members, rf.Name)
		})
		return out
	}
}

// keyWithout reports whether a representation still has a key of the type
// without some members.
func (e *Engine) keyWithout(g *supergraph.Subgraph, t *supergraph.Type, r *execute.Representation, members []string) bool {
	has := func(name string) bool {
		return !slices.Contains(members, name) && slices.ContainsFunc(r.Fields, func(f execute.RepresentationField) bool { return f.Name == name })
	}
	return slices.ContainsFunc(t.JoinsIn(g), func(j supergraph.TypeJoin) bool {
		if j.Key == nil || j.Unresolvable {
			return false
		}
		return !slices.ContainsFunc(j.Key.Selections, func(sel gql.Selection) bool {
			f, ok := sel.(*gql.Field)
			return ok && !has(f.Name)
		})
	})
}

// requiresOne reports whether a field requires one of the members.
func requiresOne(g *supergraph.Subgraph, t *supergraph.Type, field string, members []string) bool {
	f := t.Field(field)
	if f == nil {
		return false
	}
	j := f.In(g)
	return j != nil && j.Requires != nil && mentionsOne(j.Requires.Selections, members)
}

func mentionsOne(sels gql.SelectionSet, members []string) bool {
	return slices.ContainsFunc(sels, func(sel gql.Selection) bool {
		switch x := sel.(type) {
		case *gql.Field:
			return slices.Contains(members, x.Name)
		case *gql.InlineFragment:
			return mentionsOne(x.SelectionSet, members)
		}
		return false
	})
}

// leaves gives the leaves of a representation their kinds.
func (e *Engine) leaves(r *execute.Representation, types []string) {
	for i := range r.Fields {
		f := &r.Fields[i]
		if f.Static != "" || f.Name == "__typename" {
			continue
		}
		named := e.typeOf(f, types)
		if f.Object == nil {
			f.Leaf = e.leafKind(named)
			continue
		}
		below := []string{named}
		if t := e.schema.Type(named); t != nil {
			below = append(below, names(e.schema.Possible(t))...)
			f.Object.Possible = below
		}
		e.leaves(f.Object, below)
	}
}

// typeOf is the name of the type of a representation's member.
func (e *Engine) typeOf(f *execute.RepresentationField, types []string) string {
	for _, name := range slices.Concat(f.Types, types) {
		if t := e.schema.Type(name); t != nil {
			if def := t.Field(f.Name); def != nil {
				return def.Type.Name()
			}
		}
	}
	return ""
}

// leafKind is how values of a type are checked.
func (e *Engine) leafKind(name string) execute.Leaf {
	switch name {
	case "String":
		return execute.LeafString
	case "Int":
		return execute.LeafInt
	case "Float":
		return execute.LeafFloat
	case "Boolean":
		return execute.LeafBoolean
	case "ID":
		return execute.LeafID
	}
	if t := e.schema.Type(name); t != nil && t.Kind == gql.Enum {
		return execute.LeafEnum
	}
	return execute.LeafCustom
}

// asksRequired reports whether the representation of an entry has more than
// keys need.
func (e *Engine) asksRequired(subgraph string, entry *execute.Entry) bool {
	g := e.schema.SubgraphNamed(subgraph)
	for _, name := range entry.Asks {
		t := e.schema.Type(name)
		if t == nil {
			continue
		}
		for _, f := range t.Fields {
			if j := f.In(g); j != nil && j.Requires != nil && slices.ContainsFunc(entry.Representation.Fields, func(rf execute.RepresentationField) bool {
				return mentionsOne(j.Requires.Selections, []string{rf.Name})
			}) {
				return true
			}
		}
	}
	return false
}
