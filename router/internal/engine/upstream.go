package engine

import (
	"fmt"
	"slices"

	gql "github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/starlinghq/starling/router/internal/execute"
	"github.com/starlinghq/starling/schema/supergraph"
)

// rootKeys lists the data keys of the root fields of a query.
func rootKeys(query string) []string {
	doc, err := parser.ParseQuery(&gql.Source{Input: query})
	if err != nil || len(doc.Operations) == 0 {
		return nil
	}
	var out []string
	for _, sel := range doc.Operations[0].SelectionSet {
		if f, ok := sel.(*gql.Field); ok {
			out = append(out, f.Alias)
		}
	}
	return out
}

// asks lists the types that an _entities field of a query has fragments for.
func asks(query, alias string) []string {
	doc, err := parser.ParseQuery(&gql.Source{Input: query})
	if err != nil || len(doc.Operations) == 0 {
		return nil
	}
	var out []string
	for _, sel := range doc.Operations[0].SelectionSet {
		f, ok := sel.(*gql.Field)
		if !ok || f.Alias != alias {
			continue
		}
		for _, below := range f.SelectionSet {
			if fragment, ok := below.(*gql.InlineFragment); ok {
				out = append(out, fragment.TypeCondition)
			}
		}
	}
	return out
}

// checkEntry refuses an entry that asks a subgraph for entities which it cannot
// give, or for which there is no key: the planner makes such plans.
func (e *Engine) checkEntry(subgraph string, entry *execute.Entry) error {
	g := e.schema.SubgraphNamed(subgraph)
	for _, name := range entry.Asks {
		t := e.schema.Type(name)
		if t == nil || !slices.ContainsFunc(t.JoinsIn(g), func(j supergraph.TypeJoin) bool { return j.Key != nil && !j.Unresolvable }) {
			return fmt.Errorf("subgraph %s is asked for entities of type %s, which it does not resolve", subgraph, name)
		}
		if !slices.ContainsFunc(entry.Representation.Fields, func(f execute.RepresentationField) bool {
			return f.Name != "__typename" && (len(f.Types) == 0 || slices.Contains(f.Types, name) || e.implements(f.Types, name))
		}) {
			return fmt.Errorf("subgraph %s is asked for entities of type %s without a key", subgraph, name)
		}
	}
	return nil
}

// trim takes out of a representation what belongs to types that the entry does
// not ask for: the planner mixes the keys of an entity with those of entities
// inside of its key.
func (e *Engine) trim(entry *execute.Entry) {
	fields := entry.Representation.Fields
	entry.Representation.Fields = nil
	for _, f := range fields {
		if len(f.Types) > 0 {
			f.Types = slices.DeleteFunc(slices.Clone(f.Types), func(name string) bool { return !e.concerns(name, entry.Asks) })
			if len(f.Types) == 0 {
				continue
			}
		}
		entry.Representation.Fields = append(entry.Representation.Fields, f)
	}
}

// widen lets a subgraph that knows a type as an interface object be asked for
// those objects behind it of which the planner says nothing: by then another
// subgraph may have told what they are. The planner has overlooked them where it
// sends the type that an object has.
func (e *Engine) widen(subgraph string, entry *execute.Entry) {
	g := e.schema.SubgraphNamed(subgraph)
	for _, asked := range entry.Asks {
		fields := entry.Representation.Fields
		t := e.schema.Type(asked)
		if t == nil || !t.InterfaceObjectIn(g) || !slices.ContainsFunc(fields, func(f execute.RepresentationField) bool {
			return f.Name == "__typename" && f.Static == "" && slices.Contains(f.Types, asked)
		}) {
			continue
		}
		unsaid := slices.DeleteFunc(names(e.schema.Possible(t)), func(name string) bool {
			return slices.ContainsFunc(fields, func(f execute.RepresentationField) bool { return slices.Contains(f.Types, name) })
		})
		entry.Representation.Fields = nil
		for _, f := range fields {
			if slices.Contains(f.Types, asked) {
				f.Types = union(slices.Clone(f.Types), unsaid)
				if f.Name == "__typename" {
					f.Static, f.Key = asked, ""
				}
			}
			entry.Representation.Fields = member(entry.Representation.Fields, f)
		}
	}
}

// concerns reports whether a type is one of those asked for, implements one or
// is implemented by one.
func (e *Engine) concerns(name string, asks []string) bool {
	return slices.ContainsFunc(asks, func(asked string) bool {
		return name == asked || e.implements([]string{name}, asked) || e.implements([]string{asked}, name)
	})
}

// implements reports whether one of the types implements an interface.
func (e *Engine) implements(types []string, iface string) bool {
	return slices.ContainsFunc(types, func(name string) bool {
		t := e.schema.Type(name)
		return t != nil && slices.Contains(t.Interfaces, iface)
	})
}
