package difftest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/supergraph"
)

// answering is a request that a subgraph answers. Nothing of it is shared with
// the oracle's executor, so that a mistake in one of them is a difference. The
// oracle collects the fields of an object, then executes them and lets null
// rise on the way back. Here a tree grows selection by selection, in the order
// of the document, and null rises when the whole tree is there. The oracle
// coerces arguments by the supergraph, this by the subgraph's own SDL.
type answering struct {
	s         *simulated
	fragments ast.FragmentDefinitionList
	vars      map[string]json.RawMessage
	errors    []any
}

// place is what is known about an object on the way to it.
type place struct {
	obj *object
	// representation is what the router sent about the entity, or nil.
	representation map[string]any
	provided       ast.SelectionSet
	// providedBy is the type of the field with the @provides, depth how far
	// below that is.
	providedBy *supergraph.Type
	depth      int
}

// node is a position of the answer: an object if it has a type, a list, a leaf,
// or null.
type node struct {
	nonNull bool
	on      *ast.Definition
	at      place
	list    bool
	keys    []any // of the children: names or indices
	nodes   []*node
	leaf    json.RawMessage
	broken  bool
}

// answer is the body of the answer to an operation.
func (a *answering) answer(op *ast.OperationDefinition) ([]byte, error) {
	on := a.s.schema.Query
	if op.Operation == ast.Mutation {
		on = a.s.schema.Mutation
	}
	root := &node{on: on, at: place{obj: &object{typ: a.s.typeNamed(on.Name)}}}
	if err := a.grow(root, op.SelectionSet); err != nil {
		return nil, err
	}
	out := map[string]any{"data": a.settle(root, nil)}
	if len(a.errors) > 0 {
		out["errors"] = a.errors
	}
	return json.Marshal(out)
}

// grow adds what a selection set says to an object, or to those of a list.
func (a *answering) grow(n *node, set ast.SelectionSet) error {
	if n.list {
		for _, item := range n.nodes {
			if err := a.grow(item, set); err != nil {
				return err
			}
		}
		return nil
	}
	if n.on == nil {
		return nil
	}
	for _, sel := range set {
		var err error
		switch x := sel.(type) {
		case *ast.Field:
			if a.wanted(x.Directives) {
				err = a.member(n, x)
			}
		case *ast.InlineFragment:
			if a.wanted(x.Directives) && a.fits(n.on, x.TypeCondition) {
				err = a.grow(n, x.SelectionSet)
			}
		case *ast.FragmentSpread:
			f := a.fragments.ForName(x.Name)
			if a.wanted(x.Directives) && a.fits(n.on, f.TypeCondition) {
				err = a.grow(n, f.SelectionSet)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// member grows a member of an object. Its field is asked for once.
func (a *answering) member(n *node, f *ast.Field) error {
	if i := slices.Index(n.keys, any(f.Alias)); i >= 0 {
		return a.grow(n.nodes[i], f.SelectionSet)
	}
	child, err := a.ask(n, f)
	if err != nil {
		return err
	}
	n.keys, n.nodes = append(n.keys, f.Alias), append(n.nodes, child)
	return a.grow(child, f.SelectionSet)
}

func (a *answering) ask(n *node, f *ast.Field) (*node, error) {
	if f.Name == "__typename" {
		return &node{nonNull: true, leaf: quote(n.on.Name)}, nil
	}
	def := n.on.Fields.ForName(f.Name)
	if f.Name == "_entities" {
		return a.entities(def, f)
	}
	v, below, err := a.s.field(a, n, f)
	if errors.Is(err, errField) {
		return &node{nonNull: def.Type.NonNull, broken: true}, nil
	}
	if err != nil {
		return nil, err
	}
	return a.plant(def.Type, v, below)
}

// entities are the objects of the representations.
func (a *answering) entities(def *ast.FieldDefinition, f *ast.Field) (*node, error) {
	var list []json.RawMessage
	text, _ := a.spell(f.Arguments.ForName("representations").Value)
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, a.s.fault("the representations are no list: %v", err)
	}
	out := &node{nonNull: true, list: true}
	for i, item := range list {
		rep, _ := decode(normal(item)).(map[string]any)
		o, err := a.s.find(rep)
		if err != nil {
			return nil, err
		}
		entity, err := a.plant(def.Type.Elem, o, place{representation: rep})
		if err != nil {
			return nil, err
		}
		out.keys, out.nodes = append(out.keys, i), append(out.nodes, entity)
	}
	return out, nil
}

// plant makes the node of a value of the world, without members yet.
func (a *answering) plant(t *ast.Type, v any, below place) (*node, error) {
	n := &node{nonNull: t.NonNull}
	switch x := v.(type) {
	case nil:
	case json.RawMessage:
		n.leaf = x
	case *object:
		n.at = below
		n.at.obj = x
		if n.on = a.typeOf(x, t); n.on == nil {
			return nil, a.s.fault("%s cannot be the value of a %s here", x.typ.Name, t)
		}
	case []any:
		if t.Elem == nil {
			return nil, a.s.fault("a list for a %s", t)
		}
		n.list = true
		for i := range x {
			item, err := a.plant(t.Elem, x[i], below)
			if err != nil {
				return nil, err
			}
			n.keys, n.nodes = append(n.keys, i), append(n.nodes, item)
		}
	default:
		return nil, fmt.Errorf("a value of type %T", v)
	}
	return n, nil
}

// typeOf is the subgraph's name for an object: that of an interface object
// where it has one.
func (a *answering) typeOf(o *object, t *ast.Type) *ast.Definition {
	for _, name := range append([]string{t.Name(), o.typ.Name}, o.typ.Interfaces...) {
		if d := a.s.schema.Types[name]; d != nil && d.Kind == ast.Object {
			return d
		}
	}
	return nil
}

// settle is the text of a node, nil if null stands there or rises to there, and
// gathers the errors.
func (a *answering) settle(n *node, path []any) json.RawMessage {
	if n.broken {
		a.errors = append(a.errors, map[string]any{
			"message": "broken in " + a.s.graph.Name, "path": slices.Clone(path), "extensions": map[string]any{"code": "BROKEN"},
		})
	}
	if n.on == nil && !n.list {
		return n.leaf
	}
	null := false
	parts := make([]string, len(n.nodes))
	for i, child := range n.nodes {
		text := a.settle(child, append(path, n.keys[i]))
		if text == nil {
			null = null || child.nonNull
			text = json.RawMessage("null")
		}
		if parts[i] = string(text); !n.list {
			parts[i] = fmt.Sprintf("%q:%s", n.keys[i], text)
		}
	}
	switch {
	case null:
		return nil
	case n.list:
		return json.RawMessage("[" + strings.Join(parts, ",") + "]")
	default:
		return json.RawMessage("{" + strings.Join(parts, ",") + "}")
	}
}

// wanted reports what @skip and @include say.
func (a *answering) wanted(ds ast.DirectiveList) bool {
	says := func(name string) string {
		d := ds.ForName(name)
		if d == nil {
			return ""
		}
		text, _ := a.spell(d.Arguments.ForName("if").Value)
		return string(text)
	}
	return says("skip") != "true" && says("include") != "false"
}

// fits reports whether a type condition is met by an object type.
func (a *answering) fits(on *ast.Definition, condition string) bool {
	if condition == "" || condition == on.Name || slices.Contains(on.Interfaces, condition) {
		return true
	}
	return slices.Contains(a.s.schema.Types[condition].Types, on.Name)
}
