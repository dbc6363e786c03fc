package satisfy

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/supergraph"
)

type localKey struct {
	typ   *supergraph.Type
	graph *supergraph.Subgraph
}

// local is what one subgraph knows of a type: the fields it has there, be it through an interface object.
type local struct {
	fields map[string]*localField
	// possible are the object types behind an abstract type, by what the subgraph knows. objects says that it knows none because
	// the type is an interface object.
	possible []*supergraph.Type
	objects  bool
	// resumable says that the subgraph has a key of the type whose fields it can answer itself.
	resumable bool
}

// localField is a field as one subgraph has it.
type localField struct {
	name     string
	typ      *supergraph.Type // nil for a built-in scalar
	leaf     bool
	external bool
	// overridden says that the subgraph gave the field away for good.
	overridden bool
	// label is that of a progressive override, taken whether the field is here when the label is on.
	label    string
	taken    bool
	requires *supergraph.FieldSet
	provides *supergraph.FieldSet
	contexts []string
}

// local returns what a subgraph knows of a type, nil if nothing.
func (c *checker) local(t *supergraph.Type, g *supergraph.Subgraph) *local {
	key := localKey{t, g}
	if l, ok := c.locals[key]; ok {
		return l
	}
	l := &local{fields: map[string]*localField{}}
	c.locals[key] = l
	known := t.In(g) && !c.gone[key]
	if known {
		c.addFields(l, t, g)
	}
	for _, i := range c.interfaceObjects(t, g) {
		known = true
		c.addFields(l, i, g)
	}
	if !known {
		c.locals[key] = nil
		return nil
	}
	if t.Kind != ast.Object {
		l.objects = t.InterfaceObjectIn(g)
		l.possible = slices.DeleteFunc(c.schema.PossibleIn(t, g), func(o *supergraph.Type) bool { return c.gone[localKey{o, g}] })
	}
	l.resumable = c.resumable(l, t, g)
	return l
}

// leave notes the types that are not there for a router in a subgraph that has them: those whose fields have all been overridden, unions
// that have only such members, and what has only fields of such types.
func (c *checker) leave() {
	c.gone = map[localKey]bool{}
	for again := true; again; {
		again = false
		for _, t := range c.schema.Types {
			for _, g := range t.Graphs() {
				if key := (localKey{t, g}); !c.gone[key] && c.leaves(t, g) {
					c.gone[key], again = true, true
				}
			}
		}
	}
}

func (c *checker) leaves(t *supergraph.Type, g *supergraph.Subgraph) bool {
	switch {
	case slices.Contains(c.schema.Roots(), t):
		return false
	case t.Kind == ast.Object || t.Kind == ast.Interface:
		return !slices.ContainsFunc(t.Fields, func(f *supergraph.Field) bool {
			j := f.In(g)
			return j != nil && (len(c.gone) == 0 || !c.gone[localKey{c.schema.Type(f.TypeIn(j).Name()), g}])
		})
	case t.Kind == ast.Union:
		return len(c.gone) > 0 && !slices.ContainsFunc(t.MemberJoins, func(j supergraph.MemberJoin) bool {
			return j.Graph == g && !c.gone[localKey{c.schema.Type(j.Member), g}]
		})
	}
	return false
}

// interfaceObjects returns the interfaces of an object type that are interface objects in the subgraph.
func (c *checker) interfaceObjects(t *supergraph.Type, g *supergraph.Subgraph) []*supergraph.Type {
	var out []*supergraph.Type
	if t.Kind != ast.Object {
		return nil
	}
	for _, name := range t.Interfaces {
		if i := c.schema.Type(name); i.InterfaceObjectIn(g) {
			out = append(out, i)
		}
	}
	return out
}

func (c *checker) addFields(l *local, t *supergraph.Type, g *supergraph.Subgraph) {
	for _, f := range t.Fields {
		j := f.In(g)
		if j == nil || l.fields[f.Name] != nil {
			continue
		}
		lf := &localField{
			name: f.Name, typ: c.schema.Type(f.TypeIn(j).Name()), external: j.External, label: j.OverrideLabel, taken: j.Override != "",
			overridden: j.UsedOverridden && j.OverrideLabel == "", requires: j.Requires, provides: j.Provides,
		}
		lf.leaf = lf.typ == nil || lf.typ.Kind == ast.Scalar || lf.typ.Kind == ast.Enum
		if lf.external && ownedByExtension(t, g, f.Name) {
			lf.external = false
		}
		for _, a := range j.ContextArguments {
			lf.contexts = append(lf.contexts, a.Context)
		}
		l.fields[f.Name] = lf
	}
}

// ownedByExtension says whether an external field is part of a key on an extension of the type: there @external means nothing.
func ownedByExtension(t *supergraph.Type, g *supergraph.Subgraph, field string) bool {
	for _, j := range t.Joins {
		if j.Graph != g || !j.Extension || j.Key == nil {
			continue
		}
		for _, s := range j.Key.Selections {
			if f, ok := s.(*ast.Field); ok && f.Name == field {
				return true
			}
		}
	}
	return false
}

func (c *checker) resumable(l *local, t *supergraph.Type, g *supergraph.Subgraph) bool {
	for _, o := range append(c.interfaceObjects(t, g), t) {
		for _, j := range o.Joins {
			if j.Graph == g && j.Key != nil && c.answers(l, g, j.Key.Selections) {
				return true
			}
		}
	}
	return false
}

// answers says whether the subgraph has all fields of a selection itself.
func (c *checker) answers(l *local, g *supergraph.Subgraph, sels ast.SelectionSet) bool {
	return !slices.ContainsFunc(sels, func(s ast.Selection) bool {
		f, ok := s.(*ast.Field)
		if !ok || f.Name == "__typename" {
			return false
		}
		lf := l.fields[f.Name]
		if lf == nil || lf.external {
			return true
		}
		if len(f.SelectionSet) == 0 || lf.typ == nil {
			return false
		}
		sub := c.local(lf.typ, g)
		return sub == nil || !c.answers(sub, g, f.SelectionSet)
	})
}
