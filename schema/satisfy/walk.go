package satisfy

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/supergraph"
)

// state is where a path of a query has led: a type, and the places where its value may be held.
type state struct {
	typ    *supergraph.Type
	places []*place
	env    *env
	// only are the object types that the value of a shared field can have, where its subgraphs do not agree on them (narrowed).
	only     []*supergraph.Type
	narrowed bool

	parent *state
	// step is the field or the fragment that led here; for a root it is the operation.
	step string
}

// walk visits the states of all queries. It goes deep first, last found first, which decides how often a hint repeats (as the judge
// counts them). If it finds a query without an answer it goes again in breadth, for the shortest such queries.
func (c *checker) walk() {
	c.visit(func(open []*state) (*state, []*state) { return open[len(open)-1], open[:len(open)-1] })
	refused := slices.ContainsFunc(c.problems, func(p Problem) bool { return !p.Hint })
	if !refused || c.err != nil || c.exhausted {
		return
	}
	deep := c.problems
	c.problems = nil
	c.visit(func(open []*state) (*state, []*state) { return open[0], open[1:] })
	c.problems = append(slices.DeleteFunc(c.problems, func(p Problem) bool { return p.Hint }),
		slices.DeleteFunc(deep, func(p Problem) bool { return !p.Hint })...)
}

func (c *checker) visit(next func(open []*state) (*state, []*state)) {
	c.visited = map[*supergraph.Type][]*state{}
	open := c.roots()
	for len(open) > 0 && c.err == nil && !c.exhausted {
		var s *state
		s, open = next(open)
		if len(s.places) == 0 || c.seen(s) {
			continue
		}
		open = append(open, c.next(s)...)
	}
}

func (c *checker) roots() []*state {
	var out []*state
	for i, op := range []string{"query", "mutation", "subscription"} {
		t := c.schema.Type([]string{c.schema.Query, c.schema.Mutation, c.schema.Subscription}[i])
		if t == nil || c.hidden[t.Name] {
			continue
		}
		s := &state{typ: t, env: &env{}, step: op}
		for _, g := range t.Graphs() {
			s.places = append(s.places, c.at(t, g, nil))
		}
		s.places = sortPlaces(s.places)
		out = append(out, s)
	}
	return out
}

// seen says whether a state that can do no more than s has been visited, and notes s otherwise.
func (c *checker) seen(s *state) bool {
	list := c.visited[s.typ]
	for _, v := range list {
		if v.narrowed == s.narrowed && slices.Equal(v.only, s.only) && v.env.covers(s.env) && subset(v.places, s.places) {
			return true
		}
	}
	c.visited[s.typ] = append(list, s)
	return false
}

// subset compares sorted places.
func subset(a, b []*place) bool {
	if len(a) > len(b) {
		return false
	}
	i := 0
	for _, p := range a {
		for i < len(b) && b[i].id < p.id {
			i++
		}
		if i == len(b) || b[i] != p {
			return false
		}
	}
	return true
}

// next checks everything that a query may select in the state and returns the states below.
func (c *checker) next(s *state) []*state {
	if s.typ.Kind != ast.Object {
		return c.nextAbstract(s)
	}
	spread := c.spread(s.places, way{})
	var out []*state
	for _, f := range s.typ.Fields {
		if c.visible(f) {
			out = append(out, c.nextField(s, f, spread)...)
		}
	}
	return out
}

func (c *checker) visible(f *supergraph.Field) bool {
	return !c.schema.Inaccessible(f.Directives) && !c.hidden[f.Type.Name()]
}

// nextAbstract goes on with the object types behind an interface or union. An interface's fields need no look of their own, because a
// router may always take them from each type. Types that clients do not see do not count, and without any there is nothing to answer;
// nor do those that not all subgraphs of a shared field know, as it must resolve the same way in all of them.
func (c *checker) nextAbstract(s *state) []*state {
	var out []*state
	var types []*supergraph.Type
	var untyped *place
	for _, p := range s.places {
		if p.local.objects {
			untyped = p
		}
		for _, t := range c.runtimeTypes(p, way{}) {
			if !slices.Contains(types, t) {
				types = append(types, t)
			}
		}
	}
	if len(types) == 0 && untyped != nil && len(c.schema.Possible(s.typ)) > 0 {
		c.unresolvedObject(s, untyped)
		return nil
	}
	slices.SortFunc(types, byName)
	for _, t := range types {
		if c.hidden[t.Name] || s.narrowed && !slices.Contains(s.only, t) {
			continue
		}
		out = append(out, &state{typ: t, places: c.narrow(s.places, t, way{}), env: s.env, parent: s, step: "... on " + t.Name})
	}
	return out
}

// nextField checks one field, which any of the places in spread may have, in every state of the labels that it depends on.
func (c *checker) nextField(s *state, f *supergraph.Field, spread []*place) []*state {
	var out []*state
	ft := c.schema.Type(f.Type.Name())
	composite := ft != nil && (ft.Kind == ast.Object || ft.Kind == ast.Interface || ft.Kind == ast.Union)
	for _, e := range s.env.settle(c.labels(s.typ, f)) {
		below, ok := c.takeAny(spread, f.Name, way{env: e})
		below = sortPlaces(below)
		if c.err != nil || c.exhausted {
			return nil
		}
		if !ok {
			c.unsatisfiable(s, f, e)
			continue
		}
		if !composite {
			continue
		}
		next := &state{typ: ft, places: below, env: e.below(c.contexts[s.typ.Name]), parent: s, step: asked(f)}
		if ft.Kind != ast.Object {
			next.only, next.narrowed = c.compareRuntime(s, f, below)
		}
		out = append(out, next)
	}
	return out
}

// labels are the override labels that decide where a field is.
func (c *checker) labels(t *supergraph.Type, f *supergraph.Field) []string {
	var out []string
	add := func(f *supergraph.Field) {
		for _, j := range f.Joins {
			if j.OverrideLabel != "" && !slices.Contains(out, j.OverrideLabel) {
				out = append(out, j.OverrideLabel)
			}
		}
	}
	add(f)
	for _, name := range t.Interfaces {
		if inherited := c.schema.Type(name).Field(f.Name); inherited != nil && t.Kind == ast.Object {
			add(inherited)
		}
	}
	return out
}

func byName(a, b *supergraph.Type) int {
	switch {
	case a.Name < b.Name:
		return -1
	case a.Name > b.Name:
		return 1
	}
	return 0
}
