package compose

import (
	"github.com/starlinghq/starling/schema/federation"
)

// overrideRole is what an @override makes of a field in one subgraph: from is
// set where the field is taken over, overridden where it is taken away. A label
// makes either progressive.
type overrideRole struct {
	from, label string
	overridden  bool
}

type roleKey struct {
	g *graph
	f *federation.Field
}

// overrides finds the roles of all fields with @override.
func (m *merger) overrides() {
	m.roles = make(map[roleKey]overrideRole)
	for _, n := range m.order {
		sources := m.sources[n]
		for _, s := range sources {
			for _, f := range s.t.Fields {
				if d := s.g.First(f.Directives, federation.Override); d != nil {
					m.override(sources, s, f, federation.StringArgument(d, "from"), federation.StringArgument(d, "label"))
				}
			}
		}
	}
}

func (m *merger) override(sources []source, s source, f *federation.Field, from, label string) {
	m.roles[roleKey{s.g, f}] = overrideRole{from: from, label: label}
	for _, o := range sources {
		if o.g.Name != from {
			continue
		}
		if other := o.t.Field(f.Name); other != nil {
			m.roles[roleKey{o.g, other}] = overrideRole{overridden: true, label: label}
		}
	}
}
