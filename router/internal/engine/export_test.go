package engine

import (
	"fmt"
	"strings"

	"github.com/wundergraph/graphql-go-tools/v2/pkg/engine/plan"
)

// Describe prints what the planner is told of each subgraph.
func Describe(e *Engine) string {
	var b strings.Builder
	for _, g := range e.schema.Subgraphs {
		s := &source{schema: e.schema, graph: g, variants: e.variants}
		m := s.metadata()
		fmt.Fprintf(&b, "%s\n", g.Name)
		nodes := func(kind string, list plan.TypeFields) {
			for _, n := range list {
				fmt.Fprintf(&b, "  %s %s: %s", kind, n.TypeName, strings.Join(n.FieldNames, " "))
				if len(n.ExternalFieldNames) > 0 {
					fmt.Fprintf(&b, " external: %s", strings.Join(n.ExternalFieldNames, " "))
				}
				b.WriteString("\n")
			}
		}
		nodes("root", m.RootNodes)
		nodes("child", m.ChildNodes)
		for _, k := range m.Keys {
			fmt.Fprintf(&b, "  key %s %q", k.TypeName, k.SelectionSet)
			if k.DisableEntityResolver {
				b.WriteString(" implicit or not resolvable")
			}
			if len(k.Conditions) > 0 {
				b.WriteString(" conditional")
			}
			b.WriteString("\n")
		}
		for _, r := range m.Requires {
			fmt.Fprintf(&b, "  requires %s.%s %q\n", r.TypeName, r.FieldName, r.SelectionSet)
		}
		for _, p := range m.Provides {
			fmt.Fprintf(&b, "  provides %s.%s %q\n", p.TypeName, p.FieldName, p.SelectionSet)
		}
		for _, i := range m.EntityInterfaces {
			fmt.Fprintf(&b, "  entity interface %s of %s\n", i.InterfaceTypeName, strings.Join(i.ConcreteTypeNames, " "))
		}
		for _, i := range m.InterfaceObjects {
			fmt.Fprintf(&b, "  interface object %s of %s\n", i.InterfaceTypeName, strings.Join(i.ConcreteTypeNames, " "))
		}
	}
	return b.String()
}
