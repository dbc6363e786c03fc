package engine

import (
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

func collectPaths(out map[string]bool, n *execute.Node) {
	if n == nil {
		return
	}
	for _, c := range n.Children {
		collectPaths(out, c)
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
