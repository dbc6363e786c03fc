package compose

import (
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/federation"
	"github.com/starlinghq/starling/schema/supergraph"
)

// cacheTags turns the applications of @cacheTag, which concern the router and
// stay with their subgraph, into @join__directive.
func (m *merger) cacheTags(list []applications) ast.DirectiveList {
	type tag struct {
		d      *ast.Directive
		graphs []*ast.Value
	}
	var tags []*tag
	for _, a := range list {
		for _, d := range a.g.All(a.list, federation.CacheTag) {
			m.applied[federation.CacheTag] = true
			value := &ast.Value{Kind: ast.EnumValue, Raw: a.g.value.Value}
			known := false
			for _, t := range tags {
				if federation.StringArgument(t.d, "format") == federation.StringArgument(d, "format") {
					t.graphs, known = append(t.graphs, value), true
				}
			}
			if !known {
				tags = append(tags, &tag{d, []*ast.Value{value}})
			}
		}
	}
	var out ast.DirectiveList
	for _, t := range tags {
		args := &ast.Value{Kind: ast.ObjectValue}
		for _, a := range t.d.Arguments {
			args.Children = append(args.Children, &ast.ChildValue{Name: a.Name, Value: a.Value})
		}
		out = append(out, &ast.Directive{Name: "join__directive", Arguments: ast.ArgumentList{
			{Name: "graphs", Value: listOf(t.graphs)},
			{Name: "name", Value: &ast.Value{Kind: ast.StringValue, Raw: "federation__cacheTag"}},
			{Name: "args", Value: args},
		}})
	}
	return out
}

func (m *merger) emitCacheTag() {
	if m.applied[federation.CacheTag] {
		m.doc.Links = append(m.doc.Links, &supergraph.Link{URL: "https://specs.apollo.dev/cacheTag/v0.1", For: "EXECUTION"})
	}
}
