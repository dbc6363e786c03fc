package satisfy

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/supergraph"
)

// place is where a router may hold a value: as a type, in a subgraph, with what the path there provides beyond the subgraph's own.
type place struct {
	id    int
	typ   *supergraph.Type
	graph *supergraph.Subgraph
	local *local
	// provided are the selections of @provides that reach this value; provision is their canonical text.
	provided  ast.SelectionSet
	provision string

	closures map[closureKey]*closure
}

type placeKey struct {
	typ       *supergraph.Type
	graph     *supergraph.Subgraph
	provision string
}

// move is a way to another subgraph: its key, nil where none is needed.
type move struct {
	to  *place
	key *supergraph.FieldSet
}

// at returns the place, nil if the subgraph does not know the type.
func (c *checker) at(t *supergraph.Type, g *supergraph.Subgraph, provided ast.SelectionSet) *place {
	key := placeKey{typ: t, graph: g}
	if len(provided) > 0 {
		key.provision = supergraph.FormatSelections(provided)
	}
	if p, ok := c.places[key]; ok {
		return p
	}
	var p *place
	if l := c.local(t, g); l != nil {
		p = &place{id: len(c.places), typ: t, graph: g, local: l, provided: provided, provision: key.provision, closures: map[closureKey]*closure{}}
	}
	c.places[key] = p
	return p
}

// as returns the place of a value once its object type is known; nil if the subgraph does not count it among the possible ones.
func (c *checker) as(p *place, t *supergraph.Type) *place {
	if p.typ == t {
		return p
	}
	if p.typ.Kind == ast.Object || !p.local.objects && !slices.Contains(p.local.possible, t) {
		return nil
	}
	return c.at(t, p.graph, c.narrowed(p.provided, t))
}

// narrowed keeps of provided selections what applies to an object type.
func (c *checker) narrowed(sels ast.SelectionSet, t *supergraph.Type) ast.SelectionSet {
	var out ast.SelectionSet
	for _, s := range sels {
		f, ok := s.(*ast.InlineFragment)
		if !ok {
			out = append(out, s)
			continue
		}
		if c.applies(f.TypeCondition, t) {
			out = append(out, c.narrowed(f.SelectionSet, t)...)
		}
	}
	return out
}

// applies says whether a fragment with that type condition selects from the object type.
func (c *checker) applies(condition string, t *supergraph.Type) bool {
	if condition == "" || condition == t.Name || slices.Contains(t.Interfaces, condition) {
		return true
	}
	ct := c.schema.Type(condition)
	return ct != nil && slices.Contains(ct.Members, t.Name)
}

// provides returns the field among the provided selections, nil if it is not there, with its sub-selection.
func (p *place) provides(name string) (sub ast.SelectionSet, ok bool) {
	for _, s := range p.provided {
		if f, isField := s.(*ast.Field); isField && f.Name == name {
			sub, ok = append(sub, f.SelectionSet...), true
		}
	}
	return sub, ok
}

// child returns the place of a field's value.
func (c *checker) child(p *place, f *localField) *place {
	sub, _ := p.provides(f.name)
	if f.provides != nil {
		sub = append(sub, f.provides.Selections...)
	}
	if f.typ.Kind == ast.Object {
		sub = c.narrowed(sub, f.typ)
	}
	return c.at(f.typ, p.graph, sub)
}

// moves lists the ways from a place to the other subgraphs that have the type and are not barred.
func (c *checker) moves(p *place, barred *barrier) []move {
	var out []move
	add := func(g *supergraph.Subgraph, key *supergraph.FieldSet) {
		if g == p.graph || barred.bars(g) {
			return
		}
		if to := c.at(p.typ, g, nil); to != nil {
			out = append(out, move{to: to, key: key})
		}
	}
	if p.typ.Name == c.schema.Query || p.typ.Name == c.schema.Mutation || p.typ.Name == c.schema.Subscription {
		for _, g := range p.typ.Graphs() {
			add(g, nil)
		}
		return out
	}
	for _, j := range p.typ.Joins {
		if j.Key != nil && !j.Unresolvable {
			add(j.Graph, j.Key)
		}
	}
	if p.typ.Kind != ast.Object {
		return out
	}
	for _, name := range p.typ.Interfaces {
		for _, j := range c.schema.Type(name).Joins {
			if j.IsInterfaceObject && j.Key != nil && !j.Unresolvable {
				add(j.Graph, j.Key)
			}
		}
	}
	return out
}

func sortPlaces(ps []*place) []*place {
	slices.SortFunc(ps, func(a, b *place) int { return a.id - b.id })
	return slices.Compact(ps)
}

func graphNames(ps []*place) string {
	var names []string
	for _, p := range ps {
		if !slices.Contains(names, p.graph.Name) {
			names = append(names, p.graph.Name)
		}
	}
	return strings.Join(names, ", ")
}
