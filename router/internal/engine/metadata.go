package engine

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/engine/plan"

	"github.com/starlinghq/starling/schema/supergraph"
)

// source derives what the planner must know about one subgraph.
type source struct {
	schema *supergraph.Schema
	graph  *supergraph.Subgraph
	labels map[string]bool // active override labels
	// variants are further names of fields.
	variants *variants

	provided map[coordinate]bool
	nodes    map[string]*node
	order    []string
	meta     *plan.DataSourceMetadata
}

type coordinate struct{ typ, field string }

// node is a type of the subgraph on its way into the metadata. Root nodes are
// those where a fetch can start.
type node struct {
	tf   plan.TypeField
	root bool
	keys plan.FederationFieldConfigurations
}

// metadata derives the planner's view of a subgraph: root nodes are the types
// with a key (a key that cannot be resolved counts too), the operation types,
// entity interfaces and every concrete type behind an interface object; child
// nodes are the other objects and interfaces; unions are neither.
func (s *source) metadata() *plan.DataSourceMetadata {
	s.meta = &plan.DataSourceMetadata{Directives: plan.NewDirectiveConfigurations(nil)}
	s.provided = s.providedFields()
	s.nodes = make(map[string]*node)
	for _, t := range s.schema.Types {
		if t.In(s.graph) && (t.Kind == ast.Object || t.Kind == ast.Interface) {
			s.addType(t)
		}
	}
	for _, t := range s.schema.Types {
		if t.InterfaceObjectIn(s.graph) {
			s.addInterfaceObject(t)
		}
	}
	for _, name := range s.order {
		n := s.nodes[name]
		if n.root {
			s.meta.RootNodes = append(s.meta.RootNodes, n.tf)
		} else {
			s.meta.ChildNodes = append(s.meta.ChildNodes, n.tf)
		}
		s.meta.Keys = append(s.meta.Keys, n.keys...)
	}
	return s.meta
}

func (s *source) node(name string) *node {
	n := s.nodes[name]
	if n == nil {
		n = &node{tf: plan.TypeField{TypeName: name}}
		s.nodes[name] = n
		s.order = append(s.order, name)
	}
	return n
}

func (s *source) addType(t *supergraph.Type) {
	fields := 0
	for _, f := range t.Fields {
		if f.In(s.graph) != nil {
			fields++
		}
	}
	if fields == 0 {
		return
	}
	n := s.node(t.Name)
	n.root = s.isRoot(t.Name)
	for _, f := range t.Fields {
		j := f.In(s.graph)
		if j == nil {
			continue
		}
		if s.answers(t, f, j) {
			n.tf.FieldNames = append(append(n.tf.FieldNames, f.Name), s.variants.of(t, f)...)
		} else if j.External || j.UsedOverridden || j.OverrideLabel != "" {
			n.tf.ExternalFieldNames = append(append(n.tf.ExternalFieldNames, f.Name), s.variants.of(t, f)...)
		}
		if j.Requires != nil {
			s.meta.Requires = append(s.meta.Requires, plan.FederationFieldConfiguration{TypeName: t.Name, FieldName: f.Name, SelectionSet: s.variants.required(j.Requires).String()})
		}
		if j.Provides != nil {
			s.meta.Provides = append(s.meta.Provides, plan.FederationFieldConfiguration{TypeName: t.Name, FieldName: f.Name, SelectionSet: j.Provides.String()})
		}
	}
	s.addKeys(t, n)
	if t.Kind == ast.Interface && len(n.keys) > 0 && !t.InterfaceObjectIn(s.graph) && s.hasKey(t) {
		s.meta.EntityInterfaces = append(s.meta.EntityInterfaces, plan.EntityInterfaceConfiguration{
			InterfaceTypeName: t.Name, ConcreteTypeNames: names(s.schema.PossibleIn(t, s.graph)),
		})
	}
}

func (s *source) isRoot(name string) bool {
	return name == s.schema.Query || name == s.schema.Mutation || name == s.schema.Subscription
}

func (s *source) hasKey(t *supergraph.Type) bool {
	return slices.ContainsFunc(t.JoinsIn(s.graph), func(j supergraph.TypeJoin) bool { return j.Key != nil })
}

// answers reports whether the subgraph really gives the field's value where
// it is asked for it: not an external or overridden field, except a key field
// that is external on an extension, which is how federation 1 writes keys.
func (s *source) answers(t *supergraph.Type, f *supergraph.Field, j *supergraph.Join) bool {
	if j.OverrideLabel != "" {
		if s.labels[j.OverrideLabel] != (j.Override != "") {
			return false
		}
		if !j.External {
			return true
		}
	}
	if j.UsedOverridden {
		return false
	}
	return !j.External || s.isExtension(t) && s.inKey(t, f.Name)
}

func (s *source) isExtension(t *supergraph.Type) bool {
	return slices.ContainsFunc(t.JoinsIn(s.graph), func(j supergraph.TypeJoin) bool { return j.Extension })
}

func (s *source) inKey(t *supergraph.Type, field string) bool {
	for _, j := range t.JoinsIn(s.graph) {
		if j.Key == nil {
			continue
		}
		for _, sel := range j.Key.Selections {
			if f, ok := sel.(*ast.Field); ok && f.Name == field {
				return true
			}
		}
	}
	return false
}

// addKeys adds the subgraph's own keys and the implicit ones: every resolvable
// key of the type in another subgraph that this one can answer in full. Without
// those the planner finds no way from here to there. The keys of interface
// objects that an object implements count too.
func (s *source) addKeys(t *supergraph.Type, n *node) {
	seen := make(map[string]bool)
	for _, j := range t.JoinsIn(s.graph) {
		if j.Key == nil {
			continue
		}
		key := j.Key.String()
		if seen[key] {
			// Written twice: resolvable if one of them is.
			for i := range n.keys {
				if n.keys[i].SelectionSet == key {
					n.keys[i].DisableEntityResolver = n.keys[i].DisableEntityResolver && j.Unresolvable
				}
			}
			continue
		}
		seen[key] = true
		n.root = true
		n.keys = append(n.keys, plan.FederationFieldConfiguration{TypeName: t.Name, SelectionSet: key, DisableEntityResolver: j.Unresolvable})
	}
	candidates := []*supergraph.Type{t}
	if t.Kind == ast.Object {
		for _, i := range t.Interfaces {
			candidates = append(candidates, s.schema.Type(i))
		}
	}
	for _, other := range s.schema.Subgraphs {
		if other == s.graph {
			continue
		}
		for _, c := range candidates {
			if c != t && !c.InterfaceObjectIn(other) {
				continue
			}
			for _, j := range c.JoinsIn(other) {
				if j.Key == nil || j.Unresolvable || seen[j.Key.String()] {
					continue
				}
				conditional := false
				if !s.covers(t, j.Key.Selections, &conditional) {
					continue
				}
				seen[j.Key.String()] = true
				n.root = true
				key := plan.FederationFieldConfiguration{TypeName: t.Name, SelectionSet: j.Key.String(), DisableEntityResolver: true}
				if conditional {
					// The planner only asks whether there are any.
					key.Conditions = []plan.KeyCondition{{}}
				}
				n.keys = append(n.keys, key)
			}
		}
	}
}

// covers reports whether the subgraph can answer a whole selection by itself.
// conditional is set when it can only below some @provides.
func (s *source) covers(t *supergraph.Type, sels ast.SelectionSet, conditional *bool) bool {
	for _, sel := range sels {
		f, ok := sel.(*ast.Field)
		if !ok {
			return false
		}
		if f.Name == "__typename" {
			continue
		}
		def := t.Field(f.Name)
		if def == nil || len(def.Arguments) > 0 {
			return false
		}
		j := def.In(s.graph)
		if j == nil {
			return false
		}
		if !s.answers(t, def, j) {
			if !j.External || !s.provided[coordinate{t.Name, f.Name}] {
				return false
			}
			*conditional = true
		}
		if len(f.SelectionSet) == 0 {
			continue
		}
		child := s.schema.Type(def.TypeIn(j).Name())
		if child == nil || child.Kind != ast.Object || !s.covers(child, f.SelectionSet, conditional) {
			return false
		}
	}
	return true
}

// providedFields lists the coordinates that some @provides of the subgraph
// selects.
func (s *source) providedFields() map[coordinate]bool {
	out := make(map[coordinate]bool)
	for _, t := range s.schema.Types {
		for _, f := range t.Fields {
			if j := f.In(s.graph); j != nil && j.Provides != nil {
				s.provides(out, s.schema.Type(f.TypeIn(j).Name()), j.Provides.Selections)
			}
		}
	}
	return out
}

func (s *source) provides(out map[coordinate]bool, t *supergraph.Type, sels ast.SelectionSet) {
	if t == nil || !t.In(s.graph) {
		return
	}
	for _, sel := range sels {
		switch x := sel.(type) {
		case *ast.InlineFragment:
			if x.TypeCondition == "" {
				s.provides(out, t, x.SelectionSet)
			} else {
				s.provides(out, s.schema.Type(x.TypeCondition), x.SelectionSet)
			}
		case *ast.Field:
			out[coordinate{t.Name, x.Name}] = true
			if f := t.Field(x.Name); f != nil && len(x.SelectionSet) > 0 {
				if j := f.In(s.graph); j != nil {
					s.provides(out, s.schema.Type(f.TypeIn(j).Name()), x.SelectionSet)
				}
			}
		}
	}
	if t.Kind == ast.Interface && !t.InterfaceObjectIn(s.graph) {
		for _, impl := range s.schema.PossibleIn(t, s.graph) {
			s.provides(out, impl, sels)
		}
	}
}

// addInterfaceObject gives every concrete type behind an interface object the
// object's fields and keys; @requires and @provides stay on the interface.
func (s *source) addInterfaceObject(t *supergraph.Type) {
	impls := s.schema.Possible(t)
	s.meta.InterfaceObjects = append(s.meta.InterfaceObjects, plan.EntityInterfaceConfiguration{InterfaceTypeName: t.Name, ConcreteTypeNames: names(impls)})
	from := s.node(t.Name)
	for _, impl := range impls {
		n := s.node(impl.Name)
		n.root = true
		n.tf.FieldNames = union(n.tf.FieldNames, from.tf.FieldNames)
		n.tf.ExternalFieldNames = union(n.tf.ExternalFieldNames, from.tf.ExternalFieldNames)
		for _, k := range from.keys {
			k.TypeName = impl.Name
			n.keys.AppendIfNotPresent(k)
		}
	}
}

func union(a, b []string) []string {
	for _, x := range b {
		if !slices.Contains(a, x) {
			a = append(a, x)
		}
	}
	return a
}

func names(types []*supergraph.Type) []string {
	out := make([]string, len(types))
	for i, t := range types {
		out[i] = t.Name
	}
	return out
}
