package compose

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/federation"
	"github.com/starlinghq/starling/schema/supergraph"
)

// checkInterfaces checks interface objects and keys of interfaces against the
// implementations that other subgraphs know.
func (m *merger) checkInterfaces() {
	for _, n := range m.order {
		if t := m.types[n]; t != nil && t.Kind == ast.Interface {
			m.checkInterfaceObject(n)
			m.checkInterfaceKeys(n)
		}
	}
}

func (m *merger) checkInterfaceObject(name string) {
	sources := m.sources[name]
	if !slices.ContainsFunc(sources, func(s source) bool { return !s.g.IsInterfaceObject(s.t) }) {
		m.errorf(InterfaceObjectUsageError, name, locations(sources), "Type %q has @interfaceObject in every subgraph that has it (%s); one subgraph must define it as an interface.", name, names(graphsOf(sources)))
		return
	}
	for _, s := range sources {
		if !s.g.IsInterfaceObject(s.t) {
			continue
		}
		for _, i := range m.implementers[name] {
			if t := s.g.Types[i]; t != nil {
				m.errorf(InterfaceObjectUsageError, name, s.g.At(t.Position), "%q is an @interfaceObject in subgraph %q, so that subgraph should not define its implementation %q; remove the type there.", name, s.g.Name, i)
			}
		}
	}
}

func (m *merger) checkInterfaceKeys(name string) {
	for _, s := range m.sources[name] {
		if s.g.IsInterfaceObject(s.t) {
			continue
		}
		resolvable := slices.ContainsFunc(s.g.All(s.t.Directives, federation.Key), func(d *ast.Directive) bool {
			return federation.BoolArgument(d, "resolvable", true)
		})
		if !resolvable {
			continue
		}
		for _, i := range m.implementers[name] {
			if t := s.g.Types[i]; t == nil || !slices.Contains(t.Interfaces, name) {
				m.errorf(InterfaceKeyMissingImplementationType, name, s.g.At(s.t.Position), "Interface %q has a resolvable key in subgraph %q, but that subgraph does not know its implementation %q; define the type there, as one, or remove the key.", name, s.g.Name, i)
			}
		}
	}
}

// checkInterfaceCost refuses the cost of an interface object's field that other
// subgraphs declare on the interface, where it cannot have one.
func (m *merger) checkInterfaceCost(t *supergraph.Type, coordinate string, all []fieldSource) {
	if t.Kind != ast.Interface || !slices.ContainsFunc(all, func(s fieldSource) bool { return s.f.Parent.Kind == ast.Interface }) {
		return
	}
	for _, s := range all {
		if d := s.g.First(s.f.Directives, federation.Cost); d != nil {
			m.late = append(m.late, diagnostic(CostAppliedToInterfaceField, coordinate, s.g.At(d.Position), "@%s cannot be applied to %q of the interface object in subgraph %q, since other subgraphs declare the field on the interface; apply it to the implementations.", d.Name, coordinate, s.g.Name))
		}
	}
}
