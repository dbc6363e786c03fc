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
	way     way
	places  []*place
	pending []move // not yet known to be possible
}

// demand is the question whether a place can answer what one of its fields requires.
type demand struct {
	at       *place
	way      way
	requires *supergraph.FieldSet
	met      bool
}

type demandKey struct {
	at     *place
	barred *barrier
	loose  bool
	field  *localField
}

type closureKey struct {
	barred *barrier
	loose  bool
}

// way is how fields may be taken: env is what the path has settled, nil in a condition; barred is what must not be entered. A loose way
// raises no further barriers as it goes: what it cannot reach, no way can.
type way struct {
	env    *env
	barred *barrier
	loose  bool
}

// reach returns the places of the same value that keys lead to from p, p first.
//
// Nearly always the keys are fields that the places reached so far have themselves; such moves cross no barrier, because what a place is
// reached by was reached before it. What is left over is checked by the letter, and only if the loose way can do it: the letter needs a
// closure for each set of barred subgraphs, of which there could be very many.
func (c *checker) reach(p *place, w way) []*place {
	w.env = nil
	key := closureKey{w.barred, w.loose}
	if cl := p.closures[key]; cl != nil {
		return cl.places
	}
	cl := &closure{from: p, way: w, places: []*place{p}, pending: c.moves(p, w.barred)}
	p.closures[key] = cl
	c.tryEasy(cl)
	if len(cl.pending) > 0 {
		c.batch = append(c.batch, cl)
		c.settle()
	}
	return cl.places
}

// tryEasy makes the moves whose keys the places reached so far have themselves.
func (c *checker) tryEasy(cl *closure) {
	for moved := true; moved; {
		moved = false
		cl.pending = slices.DeleteFunc(cl.pending, func(m move) bool {
			if slices.Contains(cl.places, m.to) {
				return true
			}
			if m.key != nil && !c.answersDirectly(cl.places, m.key.Selections) {
				return false
			}
			cl.places = append(cl.places, m.to)
			moved = true
			return true
		})
	}
}

// answersDirectly says whether the places have a selection themselves, without leaving their subgraphs.
func (c *checker) answersDirectly(at []*place, sels ast.SelectionSet) bool {
	for _, s := range sels {
		f, ok := s.(*ast.Field)
		if !ok {
			return false
		}
		if f.Name == "__typename" {
			continue
		}
		found := false
		for _, p := range at {
			lf := p.local.fields[f.Name]
			if lf == nil || lf.requires != nil {
				continue
			}
			below, has := c.take(p, f.Name, way{})
			if has && (len(f.SelectionSet) == 0 || c.answersDirectly([]*place{below}, f.SelectionSet)) {
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// meets says whether what the field requires can be answered from the place.
func (c *checker) meets(p *place, f *localField, w way) bool {
	w.env = nil
	if c.answersDirectly([]*place{p}, f.requires.Selections) {
		return true
	}
	key := demandKey{p, w.barred, w.loose, f}
	d := c.demanded[key]
	if d == nil {
		d = &demand{at: p, way: w, requires: f.requires}
		c.demanded[key] = d
		c.demands = append(c.demands, d)
		c.settle()
	}
	return d.met
}

// settle decides what was asked for the first time. Whether a key can be answered may depend on what other places reach and on what
// fields require, in circles too. So questions join a batch, and the batch is tried until nothing is added any more: the least
// fixpoint. What earlier batches decided is final.
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
			if d := c.demands[i]; !d.met && c.answerable([]*place{d.at}, d.requires.Selections, d.way) {
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
		if !c.step() || slices.Contains(cl.places, m.to) {
			return true
		}
		if m.key != nil && !c.enters(from, m, cl.way) {
			return false
		}
		cl.places = append(cl.places, m.to)
		changed = true
		return true
	})
	return changed
}

// enters says whether the key of a move can be answered on the way.
func (c *checker) enters(from []*place, m move, w way) bool {
	if w.loose {
		return c.answerable(from, m.key.Selections, w)
	}
	w.barred = c.with(w.barred, m.to.graph)
	loose := w
	loose.loose = true
	return c.answerable(from, m.key.Selections, loose) && c.answerable(from, m.key.Selections, w)
}

// answerable says whether a selection can be answered for a value held in any of the places, each field on its own.
func (c *checker) answerable(at []*place, sels ast.SelectionSet, w way) bool {
	for _, s := range sels {
		switch x := s.(type) {
		case *ast.Field:
			if !c.answerableField(at, x, w) {
				return false
			}
		case *ast.InlineFragment:
			if !c.answerableFragment(at, x, w) {
				return false
			}
		}
	}
	return true
}

// answerableField tries the places themselves first: most keys need no more, and what need not be asked costs nothing.
func (c *checker) answerableField(at []*place, f *ast.Field, w way) bool {
	if f.Name == "__typename" || c.answersDirectly(at, ast.SelectionSet{f}) {
		return true
	}
	below, ok := c.follow(at, f.Name, w)
	return ok && (len(f.SelectionSet) == 0 || c.answerable(below, f.SelectionSet, w))
}

// answerableFragment checks a fragment for each object type that it selects from. One that selects from none of what the places can
// return cannot be answered, unless it selects from all of it and does not need to know the types.
func (c *checker) answerableFragment(at []*place, f *ast.InlineFragment, w way) bool {
	var types []*supergraph.Type
	for _, p := range at {
		for _, t := range c.runtimeTypes(p, w) {
			if c.applies(f.TypeCondition, t) && !slices.Contains(types, t) {
				types = append(types, t)
			}
		}
	}
	if len(types) == 0 {
		narrows := func(p *place) bool { return !c.applies(f.TypeCondition, p.typ) }
		return !slices.ContainsFunc(at, narrows) && c.answerable(at, f.SelectionSet, w)
	}
	for _, t := range types {
		if narrow := c.narrow(at, t, w); len(narrow) > 0 && !c.answerable(narrow, f.SelectionSet, w) {
			return false
		}
	}
	return true
}

// runtimeTypes returns the object types that a value held in the place may have.
func (c *checker) runtimeTypes(p *place, w way) []*supergraph.Type {
	if p.typ.Kind == ast.Object {
		return []*supergraph.Type{p.typ}
	}
	if !p.local.objects {
		return p.local.possible
	}
	var out []*supergraph.Type
	for _, q := range c.reach(p, w) {
		for _, t := range q.local.possible {
			if !slices.Contains(out, t) {
				out = append(out, t)
			}
		}
	}
	return out
}

// narrow returns the places of a value that turned out to be of an object type.
func (c *checker) narrow(at []*place, t *supergraph.Type, w way) []*place {
	var out []*place
	for _, p := range at {
		if p.local.objects && !slices.Contains(c.runtimeTypes(p, w), t) {
			continue
		}
		if q := c.as(p, t); q != nil {
			out = append(out, q)
		}
	}
	return sortPlaces(out)
}
