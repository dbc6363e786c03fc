package compose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/federation"
	"github.com/starlinghq/starling/schema/supergraph"
)

// resolver is a subgraph that resolves a field; through names the interface
// object's field by which it does.
type resolver struct {
	fieldSource
	through string
}

func (r resolver) String() string {
	if r.through == "" {
		return fmt.Sprintf("%q", r.g.Name)
	}
	return fmt.Sprintf("%q (through @interfaceObject field %q)", r.g.Name, r.through)
}

// checkSharing wants a field that several subgraphs resolve to be shareable in
// all of them.
func (m *merger) checkSharing(t *supergraph.Type, name string, all []fieldSource) {
	if t.Kind != ast.Object {
		return
	}
	var resolvers []resolver
	for _, s := range all {
		if !s.override.overridden && (!s.external || s.g.Provided(s.f)) {
			resolvers = append(resolvers, resolver{s, ""})
		}
		if d := s.g.First(s.f.Directives, federation.Shareable); d != nil && t.Name == "Subscription" {
			m.errorf(InvalidFieldSharing, t.Name+"."+name, s.g.At(d.Position), "The subscription field %q cannot be @shareable; one subgraph serves it.", t.Name+"."+name)
		}
	}
	resolvers = append(resolvers, m.throughInterfaces(t, name)...)
	m.reportSharing(t.Name+"."+name, resolvers)
}

// throughInterfaces lists the interface objects that give the type this field.
func (m *merger) throughInterfaces(t *supergraph.Type, name string) []resolver {
	var out []resolver
	for _, i := range t.Interfaces {
		for _, s := range m.sources[i] {
			if !s.g.IsInterfaceObject(s.t) {
				continue
			}
			if f := s.t.Field(name); f != nil && !s.g.External(f) && !m.roles[roleKey{s.g, f}].overridden {
				out = append(out, resolver{fieldSource{g: s.g, f: f}, i + "." + name})
			}
		}
	}
	return out
}

func (m *merger) reportSharing(coordinate string, resolvers []resolver) {
	if len(resolvers) < 2 {
		return
	}
	var all, not []string
	var at []Location
	for _, r := range resolvers {
		all = append(all, r.String())
		at = append(at, r.g.At(r.f.Position)...)
		if !r.external && !r.g.Shareable(r.f) {
			not = append(not, fmt.Sprintf("%q", r.g.Name))
		}
	}
	if len(not) == 0 {
		return
	}
	slices.Sort(all)
	m.errorf(InvalidFieldSharing, coordinate, at, "Field %q is resolved by subgraphs %s but is not shareable in %s; mark it @shareable everywhere or let one subgraph resolve it.", coordinate, strings.Join(all, ", "), strings.Join(slices.Compact(not), ", "))
}

// interfaceObjectFields gives the implementers of an interface the fields that
// only its interface objects have.
func (m *merger) interfaceObjectFields() {
	for _, n := range m.order {
		t := m.types[n]
		if t == nil || t.Kind != ast.Object {
			continue
		}
		for _, i := range t.Interfaces {
			if it := m.types[i]; it != nil {
				m.addFromInterface(t, it)
			}
		}
	}
}

func (m *merger) addFromInterface(t, it *supergraph.Type) {
	for _, f := range it.Fields {
		if slices.ContainsFunc(t.Fields, func(o *supergraph.Field) bool { return o.Name == f.Name }) || !m.onlyInterfaceObjects(it, f.Name) {
			continue
		}
		t.Fields = append(t.Fields, &supergraph.Field{
			Name: f.Name, Description: f.Description, Type: f.Type, Arguments: f.Arguments,
			Directives: m.ownDirectives(it, f.Name), Joins: []supergraph.Join{{}},
		})
		m.reportSharing(t.Name+"."+f.Name, m.throughInterfaces(t, f.Name))
	}
}

// ownDirectives merges what the subgraphs apply to an interface's field, without
// what the implementations require.
func (m *merger) ownDirectives(it *supergraph.Type, field string) ast.DirectiveList {
	hints := len(m.hints)
	out := m.mergeDirectives(it.Name+"."+field, fieldDirectives(resolving(m.fieldSources(m.sources[it.Name], field))))
	m.hints = m.hints[:hints]
	return out
}

// onlyInterfaceObjects reports whether no subgraph declares the field on the
// interface itself and some has it on an interface object.
func (m *merger) onlyInterfaceObjects(it *supergraph.Type, field string) bool {
	found := false
	for _, s := range m.sources[it.Name] {
		if s.t.Field(field) == nil {
			continue
		}
		if !s.g.IsInterfaceObject(s.t) {
			return false
		}
		found = true
	}
	return found
}
