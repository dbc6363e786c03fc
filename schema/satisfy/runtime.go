package satisfy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/supergraph"
)

// compareRuntime compares the object types that the subgraphs of a shared field may return. A router may ask any of them, so they
// should agree; with nothing in common they cannot all be right. Fields of interface objects are not compared with those of the types.
// It returns what they have in common, or differs = false if there is nothing to compare or no difference.
func (c *checker) compareRuntime(s *state, f *supergraph.Field, below []*place) (common []*supergraph.Type, differs bool) {
	var order []string
	graphs := map[string][]string{}
	seen := map[*supergraph.Subgraph]bool{}
	for _, p := range below {
		if p.typ.Kind == ast.Object || p.local.objects || seen[p.graph] || !s.typ.In(p.graph) {
			continue
		}
		types := p.local.possible
		if len(seen) == 0 {
			common = slices.Clone(types)
		} else {
			common = slices.DeleteFunc(common, func(t *supergraph.Type) bool { return !slices.Contains(types, t) })
		}
		seen[p.graph] = true
		names := typeNames(types)
		if graphs[names] == nil {
			order = append(order, names)
		}
		graphs[names] = append(graphs[names], p.graph.Name)
	}
	if len(order) < 2 {
		return nil, false
	}
	common = slices.DeleteFunc(common, func(t *supergraph.Type) bool { return c.hidden[t.Name] })
	if !c.compared(s) {
		c.reportRuntime(s, f, order, graphs, len(common) == 0)
	}
	return common, true
}

// reportRuntime reports that the subgraphs in graphs, by the types they may return, do not agree; apart says that they have none in common.
func (c *checker) reportRuntime(s *state, f *supergraph.Field, order []string, graphs map[string][]string, apart bool) {
	p := Problem{Code: HintRuntime, Hint: true, Coordinate: s.typ.Name + "." + f.Name, Query: s.query(asked(f), true)}
	says := "different sets of object types"
	if apart {
		p.Code, p.Hint = CodeMismatchedRuntime, false
		says = "no object type in common"
	}
	for _, names := range order {
		for _, g := range graphs[names] {
			p.Reasons = append(p.Reasons, Reason{Subgraph: g, Texts: []string{"may return " + names}})
		}
	}
	slices.SortFunc(p.Reasons, func(a, b Reason) int { return strings.Compare(a.Subgraph, b.Subgraph) })
	p.Message = fmt.Sprintf("The shared field %q of type %q has %s in the subgraphs that a router may ask for it:\n%s"+
		"Let all of them return the same types, or do not share the field. A query that asks for it:\n%s",
		p.Coordinate, f.Type, says, reasonLines(p.Reasons), p.Query)
	c.report(p)
}

// compared says whether the fields have been compared in a state that is held in no more subgraphs.
func (c *checker) compared(s *state) bool {
	for _, v := range c.visited[s.typ] {
		if v != s && subsetGraphs(v.places, s.places) {
			return true
		}
	}
	return false
}

func subsetGraphs(a, b []*place) bool {
	for _, p := range a {
		if !slices.ContainsFunc(b, func(q *place) bool { return q.graph == p.graph }) {
			return false
		}
	}
	return true
}

func typeNames(types []*supergraph.Type) string {
	if len(types) == 0 {
		return "nothing"
	}
	names := make([]string, 0, len(types))
	for _, t := range types {
		names = append(names, fmt.Sprintf("%q", t.Name))
	}
	return strings.Join(names, ", ")
}
