package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	gql "github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/starlinghq/starling/router/internal/execute"
	"github.com/starlinghq/starling/schema/supergraph"
)

// answered tells who is asked for which paths of data keys by the fetches of a
// plan, of objects of a type, or of any where that is "". It is only needed when
// something is missing, and made then.
func (e *Engine) answered(root *execute.Node) func(path, typeName string) []uint16 {
	paths := sync.OnceValue(func() map[string][]asked {
		out := make(map[string][]asked)
		eachPath(root, func(path string, a asked) { out[path] = append(out[path], a) })
		return out
	})
	return func(path, typeName string) []uint16 {
		var out []uint16
		for _, a := range paths()[path] {
			if typeName == "" || !slices.ContainsFunc(a.on, func(on string) bool { return on != typeName && !e.isA(typeName, on) }) {
				out = append(out, a.source)
			}
		}
		return out
	}
}

// asked is who is asked for a field, and of objects of which types.
type asked struct {
	source uint16
	on     []string // all of these
}

// isA reports whether objects of a type are objects of an abstract one too.
func (e *Engine) isA(name, abstract string) bool {
	t := e.schema.Type(abstract)
	return t != nil && slices.Contains(names(e.schema.Possible(t)), name)
}

// eachPath visits the paths of data keys that a step gets: the numbers of the
// subgraphs and the types of whose objects, all of them, it asks.
func eachPath(n *execute.Node, visit func(path string, a asked)) {
	if n == nil {
		return
	}
	for _, c := range n.Children {
		eachPath(c, visit)
	}
	if n.Copy != nil {
		path := execute.KeyPath(n.Copy.Path) + "."
		for _, m := range n.Copy.Members { // an earlier plan asked for it
			visit(path+m.To, asked{source: execute.Unnamed})
		}
	}
	if n.Fetch == nil {
		return
	}
	doc, err := parser.ParseQuery(&gql.Source{Input: n.Fetch.Query})
	if err != nil || len(doc.Operations) == 0 {
		return
	}
	if len(n.Fetch.Entries) == 0 {
		eachField("", doc.Operations[0].SelectionSet, asked{source: n.Fetch.Source}, visit)
	}
	for i := range n.Fetch.Entries {
		entry := &n.Fetch.Entries[i]
		eachField(execute.KeyPath(entry.Path)+".", entitySelection(doc, entry.Alias), asked{source: n.Fetch.Source}, visit)
	}
}

func eachField(path string, sels gql.SelectionSet, a asked, visit func(path string, a asked)) {
	for _, sel := range sels {
		switch x := sel.(type) {
		case *gql.InlineFragment:
			eachField(path, x.SelectionSet, asked{a.source, append(a.on[:len(a.on):len(a.on)], x.TypeCondition)}, visit)
		case *gql.Field:
			visit(path+x.Alias, a)
			eachField(path+x.Alias+".", x.SelectionSet, asked{source: a.source}, visit)
		}
	}
}

// checkKeys refuses a plan that asks for entities by a key which no fetch before
// gets. A mutation cannot be sent again when that shows later.
func (c *converter) checkKeys(root *execute.Node) error {
	have := make(map[string]bool)
	if at := c.op.At; at != nil {
		selectionPaths(have, strings.Join(at.Path, ".")+".", at.there())
	}
	return checkNodeKeys(root, have)
}

// checkAsked refuses a plan that gets an object and not a field which is
// selected on whatever type is behind an interface object: the planner may take
// the same field under another name, or on another type, for it.
func (c *converter) checkAsked(root *execute.Node) error {
	doc, err := parser.ParseQuery(&gql.Source{Input: c.op.Text})
	if err != nil || len(doc.Operations) == 0 {
		return fmt.Errorf("the operation: %v", err)
	}
	have := make(map[string]bool)
	collectPaths(have, root)
	moved := make(map[string]bool)
	for name := range c.moved {
		_, field, _ := strings.Cut(name, ".")
		moved[field] = true
	}
	var check func(t *supergraph.Type, path string, sels gql.SelectionSet, direct bool) error
	check = func(t *supergraph.Type, path string, sels gql.SelectionSet, direct bool) error {
		for _, sel := range sels {
			switch x := sel.(type) {
			case *gql.InlineFragment:
				if err := check(c.engine.schema.Type(x.TypeCondition), path, x.SelectionSet, false); err != nil {
					return err
				}
			case *gql.Field:
				if t == nil || x.Name == "__typename" || t.Field(x.Name) == nil {
					continue
				}
				key := c.engine.plainKey(x.Alias)
				at := path + key
				if !have[at] {
					if direct && c.engine.weak[t.Name] && !moved[key] && !c.engine.unanswered(t, x.Name) {
						return fmt.Errorf("nothing asks for %s", at)
					}
					continue
				}
				if err := check(c.engine.schema.Type(t.Field(x.Name).Type.Name()), at+".", x.SelectionSet, true); err != nil {
					return err
				}
			}
		}
		return nil
	}
	t, path, sels := c.engine.start(c.op, doc)
	if at := c.op.At; at != nil {
		selectionPaths(have, path, at.there())
	}
	return check(t, path, *sels, true)
}

// unanswered reports whether nobody can be asked for a field of an interface
// that nothing implements.
func (e *Engine) unanswered(t *supergraph.Type, field string) bool {
	known, empty := e.empty[t.Name]
	return empty && !slices.Contains(known, field)
}

// checkNodeKeys checks a step against what is there before it, and adds what it
// gets.
func checkNodeKeys(n *execute.Node, have map[string]bool) error {
	if n == nil {
		return nil
	}
	if n.Fetch != nil {
		for i := range n.Fetch.Entries {
			if err := checkEntryKeys(n.Fetch.Subgraph, &n.Fetch.Entries[i], have); err != nil {
				return err
			}
		}
	}
	for _, child := range n.Children {
		there := have
		if n.Parallel {
			there = maps.Clone(have)
		}
		if err := checkNodeKeys(child, there); err != nil {
			return err
		}
	}
	collectPaths(have, n)
	return nil
}

func checkEntryKeys(subgraph string, e *execute.Entry, have map[string]bool) error {
	prefix := execute.KeyPath(e.Path) + "."
	for i := range e.Representation.Fields {
		f := &e.Representation.Fields[i]
		if f.Name != "__typename" && f.Static == "" && !have[prefix+f.Key] {
			return fmt.Errorf("subgraph %s is asked for entities at %s by %s, which nothing gets", subgraph, prefix, f.Key)
		}
	}
	return nil
}

// collectPaths adds the paths that a step gets.
func collectPaths(out map[string]bool, n *execute.Node) {
	eachPath(n, func(path string, _ asked) { out[path] = true })
}

// selectionPaths adds the paths of a selection.
func selectionPaths(out map[string]bool, prefix string, sels gql.SelectionSet) {
	eachField(prefix, sels, asked{}, func(path string, _ asked) { out[path] = true })
}
