package compose

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/federation"
)

// checkLinks checks what the subgraphs link against each other: directives that
// reach the supergraph have one name, and composed directives are one thing.
func (m *merger) checkLinks() {
	if m.checkFed1Interfaces(); len(m.errors) > 0 {
		return
	}
	m.checkImportNames()
	m.checkComposed()
	for _, g := range m.graphs {
		if g.Upgraded != (federation.Version{}) {
			m.hintf(ImplicitlyUpgradedFederationVersion, "", g.At(g.SchemaPosition), "Subgraph %q links federation %s but a feature of %s; it is treated as the latter. Link that version.", g.Name, g.Version, g.Upgraded)
		}
	}
}

// checkImportNames wants a merged directive to have the same name wherever it is
// applied.
func (m *merger) checkImportNames() {
	for _, element := range append(mergeable(), federation.Context, federation.CacheTag) {
		used := make(map[string][]*graph)
		var at []Location
		for _, g := range m.graphs {
			for name, pos := range g.Applied(element) {
				used[name] = append(used[name], g)
				at = append(at, g.At(pos)...)
			}
		}
		if len(used) < 2 {
			continue
		}
		var parts []string
		for _, n := range slices.Sorted(maps.Keys(used)) {
			parts = append(parts, fmt.Sprintf("\"@%s\" in %s", n, names(used[n])))
		}
		m.errorf(LinkImportNameMismatch, "@"+element, at, "The directive \"@%s\" has different names across subgraphs: %s; import it under one name.", element, strings.Join(parts, ", "))
	}
}

// checkComposed checks the applications of @composeDirective.
func (m *merger) checkComposed() {
	links := make(map[string][]linked)
	for _, g := range m.graphs {
		for _, d := range g.All(g.Schema, federation.ComposeDirective) {
			if l := m.checkComposeDirective(g, d); l != nil {
				links[strings.TrimPrefix(federation.StringArgument(d, "name"), "@")] = append(links[strings.TrimPrefix(federation.StringArgument(d, "name"), "@")], *l)
			}
		}
	}
	identities := make(map[string][]linked)
	for _, n := range slices.Sorted(maps.Keys(links)) {
		m.checkSameDirective(n, links[n])
		for _, l := range links[n] {
			identities[l.link.Identity] = append(identities[l.link.Identity], l)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(identities)) {
		m.checkMajor(id, identities[id])
	}
}

// linked is a composed directive as one subgraph links it.
type linked struct {
	g       *graph
	d       *ast.Directive
	link    *federation.Link
	element string
}

func (m *merger) checkComposeDirective(g *graph, d *ast.Directive) *linked {
	name := federation.StringArgument(d, "name")
	at := g.At(d.Position)
	local := strings.TrimPrefix(name, "@")
	switch meaning := g.Meaning(local); {
	case name == "":
		m.errorf(DirectiveCompositionError, "", at, "@composeDirective in subgraph %q needs the name of a directive, such as \"@name\".", g.Name)
		return nil
	case local == name:
		m.errorf(DirectiveCompositionError, "", at, "The name %q of @composeDirective in subgraph %q must start with \"@\".", name, g.Name)
		return nil
	case meaning != "" && slices.Contains(mergeable(), meaning):
		m.hintf(DirectiveCompositionInfo, name, at, "The directive %q in subgraph %q is composed anyway; @composeDirective is not needed for it.", name, g.Name)
		return nil
	case meaning != "":
		m.errorf(DirectiveCompositionError, name, at, "The federation directive %q in subgraph %q cannot be composed; remove the @composeDirective.", name, g.Name)
		return nil
	case g.Directives[local] == nil:
		m.errorf(DirectiveCompositionError, name, at, "Subgraph %q composes %q but does not define it; add the directive's definition.", g.Name, name)
		return nil
	}
	link, element := g.Feature(local)
	if link == nil {
		m.errorf(DirectiveCompositionError, name, at, "The directive %q in subgraph %q cannot be composed because no @link imports it; link it under a url of its own.", name, g.Name)
		return nil
	}
	for _, other := range m.graphs {
		if e := other.Meaning(local); slices.Contains(mergeable(), e) && len(other.Applied(e)) > 0 {
			m.errorf(DirectiveCompositionError, name, at, "The directive %q in subgraph %q cannot be composed because it has the name of the federation directive used in subgraph %q; rename it.", name, g.Name, other.Name)
			return nil
		}
	}
	return &linked{g, d, link, element}
}

func (m *merger) checkSameDirective(name string, list []linked) {
	for _, l := range list[1:] {
		if l.link.Identity == list[0].link.Identity && l.element == list[0].element {
			continue
		}
		m.errorf(DirectiveCompositionError, "@"+name, linkedLocations(list), "The composed directive \"@%s\" is not the same in every subgraph: it is \"@%s\" of %q in subgraph %q but \"@%s\" of %q in subgraph %q; link one feature.",
			name, list[0].element, list[0].link.Identity, list[0].g.Name, l.element, l.link.Identity, l.g.Name)
		return
	}
}

// checkMajor wants one major version of a feature, and one name for each of its
// directives.
func (m *merger) checkMajor(identity string, list []linked) {
	local := make(map[string]string)
	for _, l := range list {
		if l.link.Version.Major != list[0].link.Version.Major {
			m.errorf(DirectiveCompositionError, "", linkedLocations(list), "The feature %q is linked with different major versions: %s in subgraph %q but %s in subgraph %q; use one.",
				identity, list[0].link.Version, list[0].g.Name, l.link.Version, l.g.Name)
			return
		}
		name := federation.StringArgument(l.d, "name")
		if other, ok := local[l.element]; ok && other != name {
			m.errorf(DirectiveCompositionError, name, linkedLocations(list), "The directive \"@%s\" of %q is composed as %q and as %q; import it under one name.", l.element, identity, other, name)
			return
		}
		local[l.element] = name
	}
	m.checkDefined(identity, list)
	for _, g := range m.graphs {
		for _, l := range g.Links {
			if l.Identity == identity && l.Version.Major != list[0].link.Version.Major {
				m.hintf(DirectiveCompositionInfo, "", g.At(l.Pos), "Subgraph %q links %s of %q, whose major version differs from the composed one; it is left out.", g.Name, l.Version, identity)
			}
		}
	}
}

// checkDefined wants the subgraph with the newest version of a feature, from which
// the definitions are taken, to define all of its directives that are composed.
func (m *merger) checkDefined(identity string, list []linked) {
	newest := list[0]
	for _, l := range list {
		if l.link.Version.AtLeast(newest.link.Version) {
			newest = l
		}
	}
	for _, l := range list {
		name := federation.StringArgument(l.d, "name")
		if newest.g.Directives[strings.TrimPrefix(name, "@")] == nil {
			m.errorf(DirectiveCompositionError, name, linkedLocations(list), "The composed directive %q of %q is not defined in subgraph %q, which links its newest version %s; define it there too.", name, identity, newest.g.Name, newest.link.Version)
		}
	}
}

func linkedLocations(list []linked) []Location {
	var out []Location
	for _, l := range list {
		out = append(out, l.g.At(l.d.Position)...)
	}
	return out
}

// checkFed1Interfaces wants the keys of an interface to mean something where there
// is an interface object for it: those of federation 1 do not.
func (m *merger) checkFed1Interfaces() {
	for _, g := range m.graphs {
		for _, n := range g.Order {
			t := g.Types[n]
			if !g.IsInterfaceObject(t) {
				continue
			}
			at, lost := g.At(t.Position), false
			for _, o := range m.graphs {
				if x := o.Types[n]; x != nil && o.LostKey(n) {
					lost = true
					at = append(at, o.At(x.Position)...)
				}
			}
			if lost {
				m.errorf(InterfaceObjectUsageError, n, at, "%q is an @interfaceObject in subgraph %q, but a subgraph that defines it as an interface with a @key uses federation 1, where that has no meaning; move it to federation 2 or remove the key.", n, g.Name)
			}
		}
	}
}

// root reports whether the type is one that every subgraph may extend.
func root(name string) bool { return name == "Query" || name == "Mutation" || name == "Subscription" }
