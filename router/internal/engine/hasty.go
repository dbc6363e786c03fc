package engine

import (
	"slices"
	"sync"

	gql "github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/starlinghq/starling/router/internal/execute"
	"github.com/starlinghq/starling/schema/supergraph"
)

// A subgraph that gives an interface object can be asked for a field at once,
// before another one has said of which type the object is, although the client
// wants the field of some types only. That saves a round trip, and does harm
// when the field fails and may not be null: then an object of another type is
// null too. Where an object is null, nobody can tell either whether the error of
// such a field is one of the answer. Such fields are hasty.

// hasty tells which paths of data keys are those of hasty fields; nil where
// there are no interface objects. It is only needed when something failed, and
// made then.
func (c *converter) hasty(root *execute.Node) func(path string) bool {
	if len(c.engine.weak) == 0 {
		return nil
	}
	paths := sync.OnceValue(func() map[string]bool { return c.hastyPaths(root) })
	return func(path string) bool {
		_, ok := paths()[path]
		return ok
	}
}

// harmful reports whether a hasty field may make an object null.
func (c *converter) harmful(root *execute.Node) bool {
	if len(c.engine.weak) == 0 {
		return false
	}
	for _, nonNull := range c.hastyPaths(root) {
		if nonNull {
			return true
		}
	}
	return false
}

// hastyPaths lists hasty fields, and which of them may not be null.
func (c *converter) hastyPaths(root *execute.Node) map[string]bool {
	h := &haste{engine: c.engine, wanted: make(map[string][]string), out: make(map[string]bool)}
	h.want(c.op)
	h.node(root)
	return h.out
}

// haste looks for hasty fields.
type haste struct {
	engine *Engine
	wanted map[string][]string // path -> types of which the client wants the field
	out    map[string]bool
}

// want notes what an operation selects.
func (h *haste) want(op Operation) {
	doc, err := parser.ParseQuery(&gql.Source{Input: op.Text})
	if err != nil || len(doc.Operations) == 0 {
		return
	}
	if t, path, sels := h.engine.start(op, doc); t != nil {
		h.selected(t, path, *sels, names(h.engine.schema.Possible(t)))
	}
}

// selected notes what is selected of objects of some types.
func (h *haste) selected(t *supergraph.Type, path string, sels gql.SelectionSet, types []string) {
	for _, sel := range sels {
		switch x := sel.(type) {
		case *gql.InlineFragment:
			if on := h.engine.schema.Type(x.TypeCondition); on != nil {
				possible := names(h.engine.schema.Possible(on))
				h.selected(on, path, x.SelectionSet, slices.DeleteFunc(possible, func(name string) bool { return !slices.Contains(types, name) }))
			}
		case *gql.Field:
			f := t.Field(x.Name)
			if f == nil {
				continue
			}
			at := path + h.engine.plainKey(x.Alias)
			h.wanted[at] = union(h.wanted[at], types)
			if below := h.engine.schema.Type(f.Type.Name()); below != nil {
				h.selected(below, at+".", x.SelectionSet, names(h.engine.schema.Possible(below)))
			}
		}
	}
}

// node looks at what a step of the plan asks for.
func (h *haste) node(n *execute.Node) {
	if n == nil {
		return
	}
	for _, c := range n.Children {
		h.node(c)
	}
	if n.Fetch == nil {
		return
	}
	doc, err := parser.ParseQuery(&gql.Source{Input: n.Fetch.Query})
	if err != nil || len(doc.Operations) == 0 {
		return
	}
	g := h.engine.schema.SubgraphNamed(n.Fetch.Subgraph)
	if len(n.Fetch.Entries) == 0 {
		name := h.engine.schema.Query
		if n.Fetch.Mutation {
			name = h.engine.schema.Mutation
		}
		h.asked(g, h.engine.schema.Type(name), "", doc.Operations[0].SelectionSet)
		return
	}
	for i := range n.Fetch.Entries {
		h.entry(g, doc, &n.Fetch.Entries[i])
	}
}

// entry looks at what is asked for of entities.
func (h *haste) entry(g *supergraph.Subgraph, doc *gql.QueryDocument, e *execute.Entry) {
	path := execute.KeyPath(e.Path) + "."
	for _, sel := range entitySelection(doc, e.Alias) {
		x, ok := sel.(*gql.InlineFragment)
		if !ok {
			continue
		}
		t := h.engine.schema.Type(x.TypeCondition)
		if unknown(e, x.TypeCondition) {
			h.asked(g, t, path, x.SelectionSet)
			continue
		}
		for _, below := range x.SelectionSet {
			if f, ok := below.(*gql.Field); ok {
				h.below(g, t, path, f)
			}
		}
	}
}

// unknown reports whether entities may be asked for of which it is only known
// what interface object they are.
func unknown(e *execute.Entry, name string) bool {
	if last := e.Path[len(e.Path)-1].Types; len(last) > 0 && !slices.Contains(last, name) {
		return false
	}
	return slices.ContainsFunc(e.Representation.Fields, func(f execute.RepresentationField) bool {
		return len(f.Types) == 0 || slices.Contains(f.Types, name)
	})
}

// asked looks at what a subgraph is asked for of objects of a type.
func (h *haste) asked(g *supergraph.Subgraph, t *supergraph.Type, path string, sels gql.SelectionSet) {
	if t == nil {
		return
	}
	for _, sel := range sels {
		switch x := sel.(type) {
		case *gql.InlineFragment:
			h.asked(g, h.engine.schema.Type(x.TypeCondition), path, x.SelectionSet)
		case *gql.Field:
			if f := t.Field(x.Name); f != nil && t.InterfaceObjectIn(g) && h.ofSome(t, path+x.Alias) {
				if j := f.In(g); j != nil {
					h.out[path+x.Alias] = h.out[path+x.Alias] || f.TypeIn(j).NonNull
				}
			}
			h.below(g, t, path, x)
		}
	}
}

func (h *haste) below(g *supergraph.Subgraph, t *supergraph.Type, path string, x *gql.Field) {
	if f := t.Field(x.Name); f != nil {
		h.asked(g, h.engine.schema.Type(f.Type.Name()), path+x.Alias+".", x.SelectionSet)
	}
}

// ofSome reports whether the client wants a field of some types behind an
// interface object and not of others.
func (h *haste) ofSome(t *supergraph.Type, path string) bool {
	wanted := h.wanted[path]
	return len(wanted) > 0 && slices.ContainsFunc(h.engine.schema.Possible(t), func(p *supergraph.Type) bool { return !slices.Contains(wanted, p.Name) })
}
