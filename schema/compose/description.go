package compose

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
)

// described is a description as one subgraph writes it.
type described struct {
	g    *graph
	text string
	at   *ast.Position
}

func descriptions(sources []source) []described {
	var out []described
	for _, s := range sources {
		out = append(out, described{s.g, s.t.Description, s.t.Position})
	}
	return out
}

func fieldDescriptions(sources []fieldSource) []described {
	var out []described
	for _, s := range sources {
		out = append(out, described{s.g, s.f.Description, s.f.Position})
	}
	return out
}

// mergeDescription takes the description that most subgraphs write, the first
// one if several are as frequent.
func (m *merger) mergeDescription(coordinate string, list []described) string {
	count := make(map[string]int)
	var written []described
	for _, d := range list {
		if d.text != "" {
			count[d.text]++
			written = append(written, d)
		}
	}
	if len(written) == 0 {
		return ""
	}
	best := written[0].text
	for _, d := range written {
		if count[d.text] > count[best] {
			best = d.text
		}
	}
	if len(count) > 1 {
		var at []Location
		for _, d := range written {
			at = append(at, d.g.At(d.at)...)
		}
		what := fmt.Sprintf("%q", coordinate)
		if coordinate == "" {
			what = "the schema"
		}
		m.hintf(InconsistentDescription, coordinate, at, "The description of %s differs between subgraphs; the supergraph uses %q.", what, best)
	}
	return best
}
