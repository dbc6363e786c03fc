package satisfy

import (
	"github.com/vektah/gqlparser/v2/ast"
)

// spread returns all places that keys lead to from any of the places.
func (c *checker) spread(at []*place, w way) []*place {
	if len(at) == 1 {
		return c.reach(at[0], w)
	}
	seen := make(map[*place]bool, 2*len(at))
	var out []*place
	for _, p := range at {
		for _, q := range c.reach(p, w) {
			if !seen[q] {
				seen[q] = true
				out = append(out, q)
			}
		}
	}
	return out
}

// follow takes a field from any of the places or from where keys lead, and returns the places of its value. ok is false if none has it;
// a leaf has no places.
func (c *checker) follow(at []*place, name string, w way) (below []*place, ok bool) {
	below, ok = c.takeAny(c.spread(at, w), name, w)
	for _, p := range at {
		if p.typ.Kind == ast.Object {
			continue
		}
		if _, direct := c.takeAny(c.reach(p, w), name, w); direct {
			continue
		}
		b, exploded := c.explode(p, name, w)
		below, ok = append(below, b...), ok || exploded
	}
	return sortPlaces(below), ok
}

// takeAny takes a field in each of the places that has it.
func (c *checker) takeAny(at []*place, name string, w way) (below []*place, ok bool) {
	for _, p := range at {
		b, has := c.take(p, name, w)
		ok = ok || has
		if b != nil {
			below = append(below, b)
		}
	}
	return below, ok
}

// explode takes a field of an abstract type from each object type that the place may hold; all must have it.
func (c *checker) explode(p *place, name string, w way) (below []*place, ok bool) {
	types := c.runtimeTypes(p, w)
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
	return f.requires == nil || p.local.resumable && c.meets(p, f, w)
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
