package compose

import (
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/supergraph"
)

// usage says how the supergraph uses an enum, with an example of each.
type usage struct{ input, output string }

// findUsage looks at the merged fields, arguments and directive definitions.
func (m *merger) findUsage() {
	m.usage = make(map[string]usage)
	note := func(t *ast.Type, coordinate string, input bool) {
		u := m.usage[t.Name()]
		if input && u.input == "" {
			u.input = coordinate
		} else if !input && u.output == "" {
			u.output = coordinate
		}
		m.usage[t.Name()] = u
	}
	definitions := slices.Clone(m.doc.Directives)
	for _, n := range slices.Sorted(maps.Keys(m.composed)) {
		definitions = append(definitions, m.composed[n].def)
	}
	for _, d := range definitions {
		for _, a := range d.Arguments {
			note(a.Type, "@"+d.Name+"("+a.Name+":)", true)
		}
	}
	for _, t := range m.dropped {
		note(t, "an input field that is left out", true)
	}
	for _, n := range m.order {
		t := m.types[n]
		if t == nil {
			continue
		}
		for _, f := range t.Fields {
			note(f.Type, n+"."+f.Name, t.Kind == ast.InputObject)
			for _, a := range f.Arguments {
				note(a.Type, n+"."+f.Name+"("+a.Name+":)", true)
			}
		}
	}
}

// mergeEnum merges by use: as input only common values, as output all values,
// as both the values must be the same everywhere.
func (m *merger) mergeEnum(t *supergraph.Type) {
	sources := m.sources[t.Name]
	t.Description = m.mergeDescription(t.Name, descriptions(sources))
	t.Directives = m.mergeDirectives(t.Name, appliedTo(sources))
	u := m.usage[t.Name]
	if u.input == "" && u.output == "" {
		m.hintf(UnusedEnumType, t.Name, locations(sources), "Enum type %q is defined but nothing uses it; all its values are kept.", t.Name)
	}
	seen := make(map[string]bool)
	for _, s := range sources {
		for _, v := range s.t.Values {
			if !seen[v.Name] {
				seen[v.Name] = true
				m.mergeValue(t, u, sources, v.Name)
			}
		}
	}
	if len(t.Values) == 0 {
		m.errorf(EmptyMergedEnumType, t.Name, locations(sources), "None of the values of enum type %q are in all of %s; as an input type keeps only such values, it would be empty. Add a common value.", t.Name, names(graphsOf(sources)))
	}
}

func (m *merger) mergeValue(t *supergraph.Type, u usage, sources []source, name string) {
	v := &supergraph.EnumValue{Name: name}
	coordinate := t.Name + "." + name
	var texts []described
	var applied []applications
	var have []*graph
	var at []Location
	for _, s := range sources {
		x := s.t.Value(name)
		if x == nil {
			continue
		}
		v.Graphs = append(v.Graphs, s.g.value)
		have = append(have, s.g)
		at = append(at, s.g.At(x.Position)...)
		texts = append(texts, described{s.g, x.Description, x.Position})
		applied = append(applied, applications{s.g, x.Directives})
	}
	v.Description = m.mergeDescription(coordinate, texts)
	v.Directives = m.mergeDirectives(coordinate, applied)
	if len(have) < len(sources) && !m.partialValue(t.Name, u, v, have, sources, at) {
		return
	}
	t.Values = append(t.Values, v)
}

// partialValue decides on a value that some subgraphs do not have.
func (m *merger) partialValue(enum string, u usage, v *supergraph.EnumValue, have []*graph, sources []source, at []Location) bool {
	coordinate := enum + "." + v.Name
	missing := names(without(graphsOf(sources), have))
	switch {
	case m.hidden(v.Directives) && u.input != "":
	case u.input != "" && u.output != "":
		m.errorf(EnumValueMismatch, enum, at, "Enum type %q is used as input (by %q) and as output (by %q), but its value %q is in %s and not in %s; define it everywhere or hide it with @inaccessible.", enum, u.input, u.output, v.Name, names(have), missing)
	case u.input != "":
		m.hintf(InconsistentEnumValueForInputEnum, coordinate, at, "Value %q of enum %q is left out of the supergraph: it is in %s but not in %s.", v.Name, enum, names(have), missing)
		return false
	default:
		m.hintf(InconsistentEnumValueForOutputEnum, coordinate, at, "Value %q of enum %q is in %s but not in %s; clients may still see it everywhere.", v.Name, enum, names(have), missing)
	}
	return true
}
