package compose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/starlinghq/starling/schema/federation"
	"github.com/starlinghq/starling/schema/supergraph"
)

// graph is a subgraph with its value in join__Graph.
type graph struct {
	*federation.Subgraph
	value *supergraph.Subgraph
}

// read reads all subgraphs and gives each its join__Graph value.
func (m *merger) read(sources []Subgraph, newest federation.Version) {
	list := make([]federation.Source, 0, len(sources))
	for _, s := range sources {
		list = append(list, federation.Source(s))
	}
	subgraphs, errs := federation.ReadAll(list, newest)
	m.errors = append(m.errors, errs...)
	if len(m.errors) == 0 {
		m.checkNames(list)
	}
	for _, s := range subgraphs {
		m.graphs = append(m.graphs, &graph{Subgraph: s})
	}
	values := graphValues(m.graphs)
	for i, g := range m.graphs {
		g.value = &supergraph.Subgraph{Value: values[i], Name: g.Name, URL: g.URL}
	}
}

// checkNames wants a name of its own for each subgraph; errors in subgraphs hide
// this one.
func (m *merger) checkNames(sources []federation.Source) {
	for i, s := range sources {
		switch {
		case s.Name == "":
			m.errorf(InvalidSubgraphName, "", nil, "A subgraph has no name; give each subgraph a name of its own.")
		case i > 0 && sources[i-1].Name == s.Name:
			m.errorf(InvalidSubgraphName, "", nil, "Two subgraphs have the name %q; each needs a name of its own.", s.Name)
		}
	}
}

// graphValues makes enum values out of names: upper case, other characters
// become "_", a leading digit gets a "_" before it and a trailing "_1" one
// behind it; names that fall together are numbered in order of name.
func graphValues(graphs []*graph) []string {
	base := make([]string, len(graphs))
	count := make(map[string]int)
	for i, g := range graphs {
		base[i] = graphValue(g.Name)
		count[base[i]]++
	}
	next := make(map[string]int)
	out := make([]string, len(graphs))
	for i, b := range base {
		if count[b] == 1 {
			out[i] = b
			continue
		}
		next[b]++
		out[i] = fmt.Sprintf("%s_%d", b, next[b])
	}
	return out
}

func graphValue(name string) string {
	v := strings.Map(func(r rune) rune {
		if r < 128 && (r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') {
			return r
		}
		return '_'
	}, name)
	v = strings.ToUpper(v)
	if v != "" && v[0] >= '0' && v[0] <= '9' {
		v = "_" + v
	}
	if digits := strings.TrimRight(v, "0123456789"); digits != v && strings.HasSuffix(digits, "_") && digits != "_" {
		v += "_"
	}
	return v
}

// names joins the quoted names of subgraphs: subgraph "a", subgraphs "a", "b" and "c".
func names(graphs []*graph) string {
	quoted := make([]string, 0, len(graphs))
	for _, g := range graphs {
		q := fmt.Sprintf("%q", g.Name)
		if !slices.Contains(quoted, q) {
			quoted = append(quoted, q)
		}
	}
	slices.Sort(quoted)
	switch len(quoted) {
	case 0:
		return "no subgraph"
	case 1:
		return "subgraph " + quoted[0]
	}
	last := len(quoted) - 1
	return "subgraphs " + strings.Join(quoted[:last], ", ") + " and " + quoted[last]
}
