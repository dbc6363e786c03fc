package compose

import (
	"github.com/starlinghq/starling/schema/federation"
	"github.com/starlinghq/starling/schema/supergraph"
)

// fieldSource is the definition of a field in one subgraph.
type fieldSource struct {
	g        *graph
	f        *federation.Field
	external bool
	// override is how the subgraph takes part in an override of the field.
	override overrideRole
}

// fieldSources lists the definitions of a field over the sources of its type.
func (m *merger) fieldSources(sources []source, name string) []fieldSource {
	var out []fieldSource
	for _, s := range sources {
		if f := s.t.Field(name); f != nil {
			out = append(out, fieldSource{g: s.g, f: f, external: s.g.External(f), override: m.roles[roleKey{s.g, f}]})
		}
	}
	return out
}

// fieldNames lists the fields of a type in order of first occurrence.
func fieldNames(sources []source) []string {
	var out []string
	seen := make(map[string]bool)
	for _, s := range sources {
		for _, f := range s.t.Fields {
			if !seen[f.Name] && !machineryField(s.t.Name, f.Name) {
				seen[f.Name] = true
				out = append(out, f.Name)
			}
		}
	}
	return out
}

// machineryField reports whether the field is one of those that a federation
// server adds to its Query.
func machineryField(typ, field string) bool {
	return typ == "Query" && (field == "_entities" || field == "_service")
}

func (m *merger) mergeFields(t *supergraph.Type, sources []source) {
	for _, n := range fieldNames(sources) {
		if f := m.mergeField(t, m.fieldSources(sources, n)); f != nil {
			t.Fields = append(t.Fields, f)
		}
	}
}

func (m *merger) mergeField(t *supergraph.Type, all []fieldSource) *supergraph.Field {
	f := &supergraph.Field{Name: all[0].f.Name}
	coordinate := t.Name + "." + f.Name
	active := resolving(all)
	if len(active) == 0 && len(m.throughInterfaces(t, f.Name)) == 0 {
		m.onlyExternal(coordinate, all)
		return nil
	}
	if len(active) == 0 {
		active = all
	}
	f.Description = m.mergeDescription(coordinate, fieldDescriptions(active))
	f.Directives = m.mergeDirectives(coordinate, append(fieldDirectives(active), m.authOfField(t, f.Name)...))
	f.Directives = append(f.Directives, m.cacheTags(fieldDirectives(all))...)
	f.Type = m.mergeOutputType(coordinate, active)
	f.Arguments = m.mergeArguments(coordinate, active)
	m.checkExternals(coordinate, f, active, all)
	m.checkSharing(t, f.Name, all)
	m.checkInterfaceCost(t, coordinate, all)
	f.Joins = m.fieldJoins(f, all)
	dropIdleOverride(f, m.holders(t.Name))
	return f
}

// holders is how many subgraphs have a type; each has a query type, if only for
// what a federation server adds to it.
func (m *merger) holders(name string) int {
	if name == "Query" {
		return len(m.graphs)
	}
	return len(m.sources[name])
}

// resolving keeps the sources that are not external.
func resolving(all []fieldSource) []fieldSource {
	var out []fieldSource
	for _, s := range all {
		if !s.external {
			out = append(out, s)
		}
	}
	return out
}

func (m *merger) fieldJoins(f *supergraph.Field, all []fieldSource) []supergraph.Join {
	differ := false
	for _, s := range all {
		differ = differ || s.f.Type.String() != f.Type.String()
	}
	var out []supergraph.Join
	for _, s := range all {
		j := supergraph.Join{
			Graph: s.g.value, External: s.external,
			Override: s.override.from, OverrideLabel: s.override.label,
			Requires: m.fieldSet(s, federation.Requires), Provides: m.fieldSet(s, federation.Provides),
		}
		if differ {
			j.Type = s.f.Type
		}
		if s.override.overridden {
			j.UsedOverridden = s.g.Used(s.f)
			if !j.UsedOverridden && s.override.label == "" {
				continue
			}
		}
		j.ContextArguments = m.contextArguments(s)
		out = append(out, j)
	}
	return out
}

// dropIdleOverride removes the mention of an override that took nothing away:
// all subgraphs of the type still have the field and nothing else is special.
func dropIdleOverride(f *supergraph.Field, sources int) {
	if len(f.Joins) != sources {
		return
	}
	for _, j := range f.Joins {
		if j.External || j.UsedOverridden || j.OverrideLabel != "" || j.Type != nil || j.Requires != nil || j.Provides != nil || len(j.ContextArguments) > 0 {
			return
		}
	}
	for i := range f.Joins {
		f.Joins[i].Override = ""
	}
}

func (m *merger) fieldSet(s fieldSource, element string) *supergraph.FieldSet {
	d := s.g.First(s.f.Directives, element)
	if d == nil {
		return nil
	}
	fs, err := supergraph.ParseFieldSet(federation.FieldSetText(d))
	if err != nil {
		return nil
	}
	return fs
}

func fieldLocations(sources []fieldSource) []Location {
	var out []Location
	for _, s := range sources {
		out = append(out, s.g.At(s.f.Position)...)
	}
	return out
}

// mergeInput keeps the input fields that all subgraphs have, and those that are
// hidden from clients.
func (m *merger) mergeInput(t *supergraph.Type, sources []source) {
	for _, n := range fieldNames(sources) {
		all := m.fieldSources(sources, n)
		f := m.mergeInputField(t.Name+"."+n, n, all)
		if len(all) < len(sources) && !m.hidden(f.Directives) {
			m.dropped = append(m.dropped, f.Type)
			m.missingInput(t.Name+"."+n, all, sources)
			continue
		}
		t.Fields = append(t.Fields, f)
	}
	if len(t.Fields) == 0 {
		m.errorf(EmptyMergedInputType, t.Name, locations(sources), "None of the fields of input type %q are in all of %s; as only such fields are kept, the type would be empty. Add a common field.", t.Name, names(graphsOf(sources)))
	}
}

func (m *merger) mergeInputField(coordinate, name string, all []fieldSource) *supergraph.Field {
	f := &supergraph.Field{Name: name}
	f.Description = m.mergeDescription(coordinate, fieldDescriptions(all))
	f.Directives = m.mergeDirectives(coordinate, fieldDirectives(all))
	f.Type = m.mergeInputType(coordinate, FieldTypeMismatch, inputTypes(all))
	f.Default = m.plainIDs(f.Type, m.mergeDefault(coordinate, InputFieldDefaultMismatch, inputDefaults(all)))
	f.Joins = m.fieldJoins(f, all)
	return f
}

func graphsOf(sources []source) []*graph {
	var out []*graph
	for _, s := range sources {
		out = append(out, s.g)
	}
	return out
}

func fieldGraphs(sources []fieldSource) []*graph {
	var out []*graph
	for _, s := range sources {
		out = append(out, s.g)
	}
	return out
}

func (m *merger) missingInput(coordinate string, all []fieldSource, sources []source) {
	var required []fieldSource
	for _, s := range all {
		if s.f.Type.NonNull && s.f.Default == nil {
			required = append(required, s)
		}
	}
	missing := without(graphsOf(sources), fieldGraphs(all))
	if len(required) > 0 {
		m.errorf(RequiredInputFieldMissingInSomeSubgraph, coordinate, append(fieldLocations(all), missingLocations(sources, missing)...), "Input field %q is required in %s but missing in %s; add it there or make it optional.", coordinate, names(fieldGraphs(required)), names(missing))
		return
	}
	m.hintf(InconsistentInputObjectField, coordinate, fieldLocations(all), "Input field %q is left out of the supergraph: it is in %s but not in %s.", coordinate, names(fieldGraphs(all)), names(missing))
}

// missingLocations is where the subgraphs that lack something declare the type.
func missingLocations(sources []source, missing []*graph) []Location {
	var out []Location
	for _, s := range sources {
		for _, g := range missing {
			if s.g == g {
				out = append(out, g.At(s.t.Position)...)
			}
		}
	}
	return out
}

func without(all, some []*graph) []*graph {
	var out []*graph
	for _, g := range all {
		found := false
		for _, s := range some {
			found = found || s == g
		}
		if !found {
			out = append(out, g)
		}
	}
	return out
}
