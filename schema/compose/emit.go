package compose

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/federation"
	"github.com/starlinghq/starling/schema/supergraph"
)

// feature is a specification whose directives reach the supergraph.
type feature struct {
	name, version, purpose string
	directives             []string // elements, the one that has the feature's name first
	scalar                 string
}

func features() []feature {
	return []feature{
		{"tag", "v0.3", "", []string{federation.Tag}, ""},
		{"inaccessible", "v0.2", "SECURITY", []string{federation.Inaccessible}, ""},
		{"authenticated", "v0.1", "SECURITY", []string{federation.Authenticated}, ""},
		{"requiresScopes", "v0.1", "SECURITY", []string{federation.RequiresScopes}, "Scope"},
		{"policy", "v0.1", "SECURITY", []string{federation.Policy}, "Policy"},
		{"cost", "v0.1", "", []string{federation.Cost, federation.ListSize}, ""},
		{"context", "v0.1", "SECURITY", []string{federation.Context, federation.FromContext}, "ContextFieldValue"},
	}
}

// joinVersion is the version of the join specification that the newest
// federation version among the subgraphs calls for.
func (m *merger) joinVersion() string {
	v := federation.Version{Major: 2}
	for _, g := range m.graphs {
		for _, x := range []federation.Version{g.Version, g.Upgraded} {
			if x.AtLeast(v) {
				v = x
			}
		}
	}
	switch {
	case v.AtLeast(federation.Version{Major: 2, Minor: 8}):
		return "v0.5"
	case v.AtLeast(federation.Version{Major: 2, Minor: 7}):
		return "v0.4"
	}
	return "v0.3"
}

// emit adds what a supergraph carries besides the merged types.
func (m *merger) emit() {
	version := m.joinVersion()
	m.doc.Links = append(m.doc.Links,
		&supergraph.Link{URL: federation.LinkIdentity + "/v1.0"},
		&supergraph.Link{URL: "https://specs.apollo.dev/join/" + version, For: "EXECUTION"},
	)
	for _, g := range m.graphs {
		m.doc.Subgraphs = append(m.doc.Subgraphs, g.value)
	}
	directives, types, err := supergraph.Specification(version)
	if err != nil {
		m.errorf(federation.InvalidGraphQL, "", nil, "%v", err)
		return
	}
	for _, t := range append(types, &supergraph.Type{Name: "join__Graph"}) {
		if m.types[t.Name] != nil {
			m.errorf(federation.InvalidGraphQL, t.Name, m.typeLocations(t.Name), "The name %q is reserved for the supergraph; rename the type.", t.Name)
		}
	}
	m.doc.Directives = append(m.doc.Directives, directives...)
	m.doc.Types = append(m.doc.Types, types...)
	for _, f := range features() {
		if slices.ContainsFunc(f.directives, func(d string) bool { return m.applied[d] }) {
			m.emitFeature(f)
		}
	}
	m.emitCacheTag()
	m.emitComposed()
}

func (m *merger) emitFeature(f feature) {
	l := &supergraph.Link{URL: "https://specs.apollo.dev/" + f.name + "/" + f.version, For: f.purpose}
	for _, d := range f.directives {
		name := m.specName(d)
		plain := d == f.name && name == d || d != f.name && name == f.name+"__"+d
		if m.applied[d] && !plain {
			i := supergraph.Import{Name: "@" + d}
			if name != d {
				i.As = "@" + name
			}
			l.Imports = append(l.Imports, i)
		}
	}
	m.doc.Links = append(m.doc.Links, l)
	scalar := ""
	if f.scalar != "" {
		scalar = f.name + "__" + f.scalar
	}
	if scalar != "" && m.types[scalar] == nil {
		m.doc.Types = append(m.doc.Types, &supergraph.Type{Kind: ast.Scalar, Name: scalar})
	}
	for _, d := range f.directives {
		name := f.name + "__" + d
		if d == f.name || m.applied[d] {
			name = m.specName(d)
		}
		m.doc.Directives = append(m.doc.Directives, federation.Define(name, d, func(t string) string { return f.name + "__" + t }))
	}
}

// specName is the name under which the subgraphs that apply a directive of the
// specification import it.
func (m *merger) specName(element string) string {
	if n := m.specNames[element]; n != "" {
		return n
	}
	return element
}

// findApplied notes which directives of the specification the subgraphs apply,
// even where nothing of it reaches the supergraph.
func (m *merger) findApplied() {
	for _, element := range mergeable() {
		for _, g := range m.graphs {
			for name := range g.Applied(element) {
				m.applied[element], m.specNames[element] = true, name
			}
		}
	}
}

// nameInSupergraph is the name of a merged directive.
func (m *merger) nameInSupergraph(id string, list []application) string {
	if strings.HasPrefix(id, "@") {
		return id[1:]
	}
	if id == "deprecated" || id == "specifiedBy" {
		return id
	}
	name := list[0].d.Name
	m.specNames[id] = name
	return name
}

// mergeSchema merges roots, descriptions and directives of the schema.
func (m *merger) mergeSchema() {
	var texts []described
	var applied []applications
	for _, g := range m.graphs {
		texts = append(texts, described{g, g.SchemaDescription, g.SchemaPosition})
		applied = append(applied, applications{g, g.Schema})
	}
	m.doc.Description = m.mergeDescription("", texts)
	m.doc.SchemaDirectives = m.mergeDirectives("schema", applied)
	m.roots()
}

// roots names the root types. Every subgraph takes part in Query: through it
// the router fetches entities.
func (m *merger) roots() {
	q := m.types["Query"]
	if q == nil || len(q.Fields) == 0 {
		m.errorf(NoQueries, "", nil, "No subgraph has a query field; a supergraph needs at least one.")
		return
	}
	m.doc.Query = "Query"
	for _, g := range m.graphs {
		if !slices.ContainsFunc(q.Joins, func(j supergraph.TypeJoin) bool { return j.Graph == g.value }) {
			q.Joins = append(q.Joins, supergraph.TypeJoin{Graph: g.value})
		}
		if g.Roots[ast.Mutation] {
			m.doc.Mutation = "Mutation"
		}
		if g.Roots[ast.Subscription] {
			m.doc.Subscription = "Subscription"
		}
	}
	slices.SortStableFunc(q.Joins, func(a, b supergraph.TypeJoin) int { return strings.Compare(a.Graph.Name, b.Graph.Name) })
}
