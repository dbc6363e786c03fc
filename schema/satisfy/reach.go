package satisfy

import (
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/supergraph"
)

// barrier is a set of subgraphs that must not be entered: while the key of a move into a subgraph is looked for, that subgraph is out of
// bounds, for values of any type. (A router that is not yet there cannot use it to get there; both composers known to us hold to it.)
// Equal sets are one pointer; the empty set is nil.
type barrier struct {
	graphs []int // sorted indices
}

func (b *barrier) bars(g *supergraph.Subgraph) bool {
	return b != nil && slices.Contains(b.graphs, g.Index)
}

// with returns the set with one more subgraph.
func (c *checker) with(b *barrier, g *supergraph.Subgraph) *barrier {
	var graphs []int
	if b != nil {
		graphs = slices.Clone(b.graphs)
	}
	graphs = append(graphs, g.Index)
	slices.Sort(graphs)
	key := fmt.Sprint(graphs)
	if c.barriers[key] == nil {
		c.barriers[key] = &barrier{graphs: graphs}
	}
	return c.barriers[key]
}

// closure are the places of the same value that keys lead to from a place, the place itself first, without entering what is barred.
type closure struct {
	from    *place
	barred  *barrier
	places  []*place
	pending []move // not yet known to be possible
}

// demand is the question whether a place can answer what one of its fields requires.
type demand struct {
	at       *place
	barred   *barrier
	requires *supergraph.FieldSet
	met      bool
}

type demandKey struct {
	at     *place
	barred *barrier
	field  *localField
}

// reach returns the places of the same value that keys lead to from p, p first.
//
// Whether a key can be answered may depend on what other places reach and on what fields require, in circles too. So what is asked for
// the first time joins a batch, and the batch is tried until nothing is added any more: the least fixpoint. Earlier batches are final.
func (c *checker) reach(p *place, barred *barrier) []*place {
	cl := p.closures[barred]
	if cl == nil {
		cl = &closure{from: p, barred: barred, places: []*place{p}, pending: c.moves(p, barred)}
		p.closures[barred] = cl
		if len(cl.pending) > 0 {
			c.batch = append(c.batch, cl)
			c.settle()
		}
	}
	return cl.places
}

// meets says whether what the field requires can be answered from the place. It is part of the same fixpoint.
func (c *checker) meets(p *place, f *localField, barred *barrier) bool {
	key := demandKey{p, barred, f}
	d := c.demanded[key]
	if d == nil {
		d = &demand{at: p, barred: barred, requires: f.requires}
		c.demanded[key] = d
		c.demands = append(c.demands, d)
		c.settle()
	}
	return d.met
}

func (c *checker) settle() {
	if c.settling {
		return
	}
	c.settling = true
	for changed := true; changed && c.err == nil && !c.exhausted; {
		// Both lists grow while they are walked, and what is added late must be tried too.
		known := len(c.batch)
		changed = false
		for i := 0; i < len(c.batch); i++ {
			changed = c.tryMoves(c.batch[i]) || changed
		}
		for i := 0; i < len(c.demands); i++ {
			if d := c.demands[i]; !d.met && c.answerable([]*place{d.at}, d.requires.Selections, d.barred) {
				d.met, changed = true, true
			}
		}
		changed = changed || len(c.batch) > known
	}
	c.batch, c.demands, c.settling = nil, nil, false
}

// tryMoves makes the pending moves that their keys allow by now.
func (c *checker) tryMoves(cl *closure) bool {
	changed := false
	from := []*place{cl.from}
	cl.pending = slices.DeleteFunc(cl.pending, func(m move) bool {
		if slices.Contains(cl.places, m.to) {
			return true
		}
		if m.key != nil && !c.answerable(from, m.key.Selections, c.with(cl.barred, m.to.graph)) {
			return false
		}
		cl.places = append(cl.places, m.to)
		changed = true
		return true
	})
	return changed
}

// answerable says whether a selection can be answered for a value held in any of the places, each field on its own.
func (c *checker) answerable(at []*place, sels ast.SelectionSet, barred *barrier) bool {
	for _, s := range sels {
		switch x := s.(type) {
		case *ast.Field:
			if !c.answerableField(at, x, barred) {
				return false
			}
		case *ast.InlineFragment:
			if !c.answerableFragment(at, x, barred) {
				return false
			}
		}
	}
	return true
}

// answerableField tries the places themselves first: most keys need no more, and what need not be asked costs nothing.
func (c *checker) answerableField(at []*place, f *ast.Field, barred *barrier) bool {
	if f.Name == "__typename" {
		return true
	}
	w := way{barred: barred}
	var below []*place
	ok := false
	for _, p := range at {
		b, has := c.take(p, f.Name, w)
		ok = ok || has
		if b != nil {
			below = append(below, b)
		}
	}
	if ok && (len(f.SelectionSet) == 0 || c.answerable(below, f.SelectionSet, barred)) {
		return true
	}
	below, ok = c.follow(at, f.Name, w)
	return ok && (len(f.SelectionSet) == 0 || c.answerable(below, f.SelectionSet, barred))
}

// answerableFragment checks a fragment for each object type that it selects from. A type that none of the places can return is fine.
func (c *checker) answerableFragment(at []*place, f *ast.InlineFragment, barred *barrier) bool {
	var types []*supergraph.Type
	for _, p := range at {
		for _, t := range c.runtimeTypes(p, barred) {
			if c.applies(f.TypeCondition, t) && !slices.Contains(types, t) {
				types = append(types, t)
			}
		}
	}
	for _, t := range types {
		if narrow := c.narrow(at, t, barred); len(narrow) > 0 && !c.answerable(narrow, f.SelectionSet, barred) {
			return false
		}
	}
	return true
}

// runtimeTypes returns the object types that a value held in the place may have.
func (c *checker) runtimeTypes(p *place, barred *barrier) []*supergraph.Type {
	if p.typ.Kind == ast.Object {
		return []*supergraph.Type{p.typ}
	}
	if !p.local.objects {
		return p.local.possible
	}
	var out []*supergraph.Type
	for _, q := range c.reach(p, barred) {
		for _, t := range q.local.possible {
			if !slices.Contains(out, t) {
				out = append(out, t)
			}
		}
	}
	return out
}

// narrow returns the places of a value that turned out to be of an object type.
func (c *checker) narrow(at []*place, t *supergraph.Type, barred *barrier) []*place {
	var out []*place
	for _, p := range at {
		if p.local.objects && !slices.Contains(c.runtimeTypes(p, barred), t) {
			continue
		}
		if q := c.as(p, t); q != nil {
			out = append(out, q)
		}
	}
	return sortPlaces(out)
}

// way is how fields may be taken: env is what the path has settled, nil in a condition; barred is what must not be entered.
type way struct {
	env    *env
	barred *barrier
}

// follow takes a field from any of the places or from where keys lead, and returns the places of its value. ok is false if none has it;
// a leaf has no places.
func (c *checker) follow(at []*place, name string, w way) (below []*place, ok bool) {
	for _, p := range at {
		found := false
		for _, q := range c.reach(p, w.barred) {
			b, has := c.take(q, name, w)
			found = found || has
			if b != nil {
				below = append(below, b)
			}
		}
		if !found && p.typ.Kind != ast.Object {
			var b []*place
			b, found = c.explode(p, name, w)
			below = append(below, b...)
		}
		ok = ok || found
	}
	return sortPlaces(below), ok
}

// explode takes a field of an abstract type from each object type that the place may hold; all must have it.
func (c *checker) explode(p *place, name string, w way) (below []*place, ok bool) {
	types := c.runtimeTypes(p, w.barred)
	for _, t := range types {
		q := c.as(p, t)
		if q == nil {
			return nil, false
		}
		b, has := c.follow([]*place{q}, name, w)
		if !has {
			return nil, false
		}
		below = append(below, b...)
	}
	return below, len(types) > 0
}

// take takes a field in one place itself.
func (c *checker) take(p *place, name string, w way) (below *place, ok bool) {
	if !c.step() {
		return nil, false
	}
	f := p.local.fields[name]
	if f == nil || !c.available(p, f, w) {
		return nil, false
	}
	if f.leaf {
		return nil, true
	}
	below = c.child(p, f)
	return below, below != nil
}

// available says whether the place can answer the field.
func (c *checker) available(p *place, f *localField, w way) bool {
	if f.external {
		if _, provided := p.provides(f.name); !provided {
			return false
		}
	}
	if f.overridden || !w.env.on(f) || !w.env.has(f.contexts) {
		return false
	}
	if p.typ.Kind != ast.Object && !p.local.objects && !c.everywhere(p, f.name) {
		return false
	}
	return f.requires == nil || p.local.resumable && c.meets(p, f, w.barred)
}

// everywhere says whether each object type behind an interface has the field in the subgraph with nothing special about it. If not,
// the field must be taken type by type.
func (c *checker) everywhere(p *place, name string) bool {
	for _, t := range p.local.possible {
		q := c.as(p, t)
		if q == nil {
			return false
		}
		f := q.local.fields[name]
		if f == nil || f.overridden || f.label != "" || f.requires != nil || len(f.contexts) > 0 {
			return false
		}
		if _, provided := q.provides(name); f.external && !provided {
			return false
		}
	}
	return true
}
