package compose

import (
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/federation"
	"github.com/starlinghq/starling/schema/supergraph"
)

// composed is a directive that @composeDirective brings into the supergraph.
type composed struct {
	name    string // in the documents, without @
	element string // in its feature
	link    *federation.Link
	def     *ast.DirectiveDefinition
	graphs  []*graph
}

// findComposed finds the directives that subgraphs ask to be composed. Where they
// link different minor versions, the definition of the newest counts.
func (m *merger) findComposed() {
	for _, g := range m.graphs {
		for _, d := range g.All(g.Schema, federation.ComposeDirective) {
			name := strings.TrimPrefix(federation.StringArgument(d, "name"), "@")
			link, element := g.Feature(name)
			def := g.Directives[name]
			if link == nil || def == nil {
				continue
			}
			c := m.composed[name]
			if c == nil {
				c = &composed{name: name, element: element, link: link, def: def}
				m.composed[name] = c
			}
			if link.Version.AtLeast(c.link.Version) {
				c.link, c.def = link, def
			}
			if !slices.Contains(c.graphs, g) {
				c.graphs = append(c.graphs, g)
			}
		}
	}
	for _, n := range slices.Sorted(maps.Keys(m.composed)) {
		m.findDefinition(m.composed[n])
	}
}

// findDefinition takes the definition of the last subgraph that links the version,
// and tells about subgraphs that know the directive under another name.
func (m *merger) findDefinition(c *composed) {
	for _, g := range m.graphs {
		if link, element := g.Feature(c.name); link != nil && link.Identity == c.link.Identity && link.Version == c.link.Version && element == c.element {
			c.def = g.Directives[c.name]
		}
		for n, d := range g.Directives {
			if link, element := g.Feature(n); n != c.name && link != nil && link.Identity == c.link.Identity && element == c.element {
				m.hintf(DirectiveCompositionWarn, "@"+n, g.At(d.Position), "The composed directive \"@%s\" is called \"@%s\" in subgraph %q, which does not compose it; what is applied there is left out.", c.name, n, g.Name)
			}
		}
	}
}

// emitComposed adds the links and definitions of composed directives.
func (m *merger) emitComposed() {
	links := make(map[string]*supergraph.Link)
	newest := make(map[string]federation.Version)
	for _, n := range slices.Sorted(maps.Keys(m.composed)) {
		c := m.composed[n]
		l := links[c.link.Identity]
		if l == nil {
			l = &supergraph.Link{}
			links[c.link.Identity] = l
			m.doc.Links = append(m.doc.Links, l)
		}
		if c.link.Version.AtLeast(newest[c.link.Identity]) {
			newest[c.link.Identity] = c.link.Version
			l.URL = c.link.FullURL()
		}
		i := supergraph.Import{Name: "@" + c.element}
		if c.element != c.name {
			i.As = "@" + c.name
		}
		l.Imports = append(l.Imports, i)
		m.doc.Directives = append(m.doc.Directives, m.plainDefinition(c.def))
	}
}
