package engine

import (
	gql "github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
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
