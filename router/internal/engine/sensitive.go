package engine

import (
	gql "github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/supergraph"
)

// sensitiveNames collects the field names that the planner itself adds to
// selections.
func sensitiveNames(s *supergraph.Schema) map[string]bool {
	out := map[string]bool{"__typename": true}
	for _, t := range s.Types {
		for _, j := range t.Joins {
			if j.Key != nil {
				collectNames(out, j.Key.Selections)
			}
		}
		for _, f := range t.Fields {
			for _, j := range f.Joins {
				if j.Requires != nil {
					collectNames(out, j.Requires.Selections)
				}
				if j.Provides != nil {
					collectNames(out, j.Provides.Selections)
				}
			}
		}
	}
	return out
}

func collectNames(out map[string]bool, sels gql.SelectionSet) {
	for _, sel := range sels {
		switch x := sel.(type) {
		case *gql.Field:
			out[x.Name] = true
			collectNames(out, x.SelectionSet)
		case *gql.InlineFragment:
			collectNames(out, x.SelectionSet)
		}
	}
}
