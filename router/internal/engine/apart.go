package engine

import (
	"slices"
	"strings"

	gql "github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/starlinghq/starling/router/internal/execute"
	"github.com/starlinghq/starling/schema/supergraph"
)

// The planner adds fields of keys and @requires to selections, and gives up on
// some where the client asks for the same fields. Then the client's get names
// of their own while it plans. Both are one value, so the names are taken back
// in the plan: requests and answers never have them.

const apartPrefix = "_apart_"

// apart gives an operation's fields that the planner may add names of their
// own. It reports whether there are any.
func (e *Engine) apart(op Operation) (string, bool) {
	changed := false
	var rename func(t *supergraph.Type, sels gql.SelectionSet) gql.SelectionSet
	rename = func(t *supergraph.Type, sels gql.SelectionSet) gql.SelectionSet {
		for _, sel := range sels {
			switch x := sel.(type) {
			case *gql.InlineFragment:
				x.SelectionSet = rename(t, x.SelectionSet)
			case *gql.Field:
				x.SelectionSet = rename(t, x.SelectionSet)
				if x.Alias == x.Name && x.Name != "__typename" && len(x.Arguments) == 0 && e.sensitive[x.Name] {
					x.Alias, changed = apartPrefix+x.Name, true
				}
			}
		}
		return sels
	}
	text, err := e.rewritten(op, rename)
	return text, changed && err == nil
}

// together takes the names back in a query, where the planner may ask for the
// same field too.
func (e *Engine) together(query string) string {
	if !strings.Contains(query, apartPrefix) {
		return query
	}
	doc, err := parser.ParseQuery(&gql.Source{Input: query})
	if err != nil || len(doc.Operations) == 0 {
		return query
	}
	doc.Operations[0].SelectionSet = e.joined(doc.Operations[0].SelectionSet)
	return printQuery(doc)
}

func (e *Engine) joined(sels gql.SelectionSet) gql.SelectionSet {
	leaves := make(map[string]bool)
	return slices.DeleteFunc(sels, func(sel gql.Selection) bool {
		switch x := sel.(type) {
		case *gql.InlineFragment:
			x.SelectionSet = e.joined(x.SelectionSet)
		case *gql.Field:
			x.Alias = e.plainKey(x.Alias)
			if x.SelectionSet = e.joined(x.SelectionSet); len(x.SelectionSet) > 0 || len(x.Directives) > 0 {
				return false
			}
			twice := leaves[x.Alias]
			leaves[x.Alias] = true
			return twice
		}
		return false
	})
}

// plainKey takes it back in a data key.
func (e *Engine) plainKey(key string) string {
	if name, ok := strings.CutPrefix(key, apartPrefix); ok && e.sensitive[name] {
		return name
	}
	return key
}

func (e *Engine) plainKeys(r *execute.Representation) {
	for i := range r.Fields {
		f := &r.Fields[i]
		f.Key = e.plainKey(f.Key)
		if f.Object != nil {
			e.plainKeys(f.Object)
		}
	}
}
