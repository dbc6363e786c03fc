package engine

import (
	"fmt"
	"maps"
	"strings"
	"sync"

	gql "github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/starlinghq/starling/router/internal/execute"
)

// answered tells which paths of data keys the fetches of a plan ask for. It is
// only needed when something is missing, and made then.
func answered(root *execute.Node) func(path string) bool {
	paths := sync.OnceValue(func() map[string]bool {
		out := make(map[string]bool)
		collectPaths(out, root)
		return out
	})
	return func(path string) bool { return paths()[path] }
}

// checkKeys refuses a plan that asks for entities by a key which no fetch before
// gets. A mutation cannot be sent again when that shows later.
func (c *converter) checkKeys(root *execute.Node) error {
	have := make(map[string]bool)
	if at := c.op.At; at != nil {
		for _, key := range strings.Fields(at.Key) {
			have[strings.Join(at.Path, ".")+"."+key] = true
		}
	}
	return checkNodeKeys(root, have)
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
	keys := make([]string, len(e.Path))
	for i := range e.Path {
		keys[i] = e.Path[i].Key
	}
	prefix := strings.Join(keys, ".") + "."
	for i := range e.Representation.Fields {
		f := &e.Representation.Fields[i]
		if f.Name != "__typename" && f.Static == "" && !have[prefix+f.Key] {
			return fmt.Errorf("subgraph %s is asked for entities at %s by %s, which nothing gets", subgraph, prefix, f.Key)
		}
	}
	return nil
}

func collectPaths(out map[string]bool, n *execute.Node) {
	if n == nil {
		return
	}
	for _, c := range n.Children {
		collectPaths(out, c)
	}
	if n.Copy != nil {
		keys := make([]string, len(n.Copy.Path))
		for i := range n.Copy.Path {
			keys[i] = n.Copy.Path[i].Key
		}
		for _, m := range n.Copy.Members {
			out[strings.Join(keys, ".")+"."+m.To] = true
		}
	}
	if n.Fetch == nil {
		return
	}
	doc, err := parser.ParseQuery(&gql.Source{Input: n.Fetch.Query})
	if err != nil || len(doc.Operations) == 0 {
		return
	}
	sels := doc.Operations[0].SelectionSet
	if len(n.Fetch.Entries) == 0 {
		selectionPaths(out, "", sels)
		return
	}
	for i := range n.Fetch.Entries {
		e := &n.Fetch.Entries[i]
		keys := make([]string, len(e.Path))
		for j := range e.Path {
			keys[j] = e.Path[j].Key
		}
		for _, sel := range sels {
			if f, ok := sel.(*gql.Field); ok && f.Alias == e.Alias {
				selectionPaths(out, strings.Join(keys, ".")+".", f.SelectionSet)
			}
		}
	}
}

func selectionPaths(out map[string]bool, prefix string, sels gql.SelectionSet) {
	for _, sel := range sels {
		switch x := sel.(type) {
		case *gql.Field:
			out[prefix+x.Alias] = true
			selectionPaths(out, prefix+x.Alias+".", x.SelectionSet)
		case *gql.InlineFragment:
			selectionPaths(out, prefix, x.SelectionSet)
		}
	}
}
