package serve

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// Selects tells whether the operation asks for one of the named fields
// anywhere below the field that is being resolved, so that a resolver reads
// nothing that nobody asked for. It may say yes where a directive skips them.
func Selects(ctx context.Context, names ...string) bool {
	f := graphql.GetFieldContext(ctx)
	if f == nil || f.Field.Field == nil {
		return true
	}
	return selects(f.Field.SelectionSet, names)
}

func selects(set ast.SelectionSet, names []string) bool {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if slices.Contains(names, s.Name) || selects(s.SelectionSet, names) {
				return true
			}
		case *ast.InlineFragment:
			if selects(s.SelectionSet, names) {
				return true
			}
		case *ast.FragmentSpread:
			if s.Definition != nil && selects(s.Definition.SelectionSet, names) {
				return true
			}
		}
	}
	return false
}
