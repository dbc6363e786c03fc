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
		m.doc.Directives = append(m.doc.Directives, c.def)
	}
}
