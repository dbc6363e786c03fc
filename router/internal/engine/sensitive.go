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

// Probe names a field of an object type that no subgraph gives which knows the
// interface as an interface object only; "" where there is no such subgraph or
// no such field.
func (e *Engine) Probe(iface, object string) string {
	i, o := e.schema.Type(iface), e.schema.Type(object)
	if i == nil || o == nil || !e.weak[iface] {
		return ""
	}
	for _, f := range o.Fields {
		if len(f.Arguments) > 0 || !e.leaf(f.Type) || e.schema.Inaccessible(f.Directives) {
			continue
		}
		tells := false
		for _, j := range f.Joins {
			if j.Graph == nil || i.InterfaceObjectIn(j.Graph) || j.External || j.Requires != nil {
				tells = false
				break
			}
			tells = true
		}
		if tells {
			return f.Name
		}
	}
	return ""
}

func (e *Engine) leaf(t *gql.Type) bool {
	d := e.schema.Type(t.Name())
	return d == nil || d.Kind == gql.Scalar || d.Kind == gql.Enum
}
