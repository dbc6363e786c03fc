package supergraphtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// Facts are the lines that a supergraph states, sorted, with repetitions.
type Facts struct {
	All, Planning []string
}

// Read parses a supergraph SDL into its facts.
func Read(sdl string) (*Facts, error) {
	doc, err := parser.ParseSchema(&ast.Source{Name: "supergraph", Input: sdl})
	if err != nil {
		return nil, fmt.Errorf("supergraphtest: %w", err)
	}
	return read(doc), nil
}

func read(doc *ast.SchemaDocument) *Facts {
	r := newReader(doc)
	for _, s := range append(slices.Clone(doc.Schema), doc.SchemaExtension...) {
		r.schema(s)
	}
	for _, d := range doc.Directives {
		r.directiveDefinition(d)
	}
	for _, d := range append(slices.Clone(doc.Definitions), doc.Extensions...) {
		r.definition(d)
	}
	slices.Sort(r.facts.All)
	slices.Sort(r.facts.Planning)
	return r.facts
}

// Difference lists the lines of one multiset that the other lacks.
type Difference struct {
	Missing, Extra []string
}

// Equal says whether there is no difference.
func (d Difference) Equal() bool { return len(d.Missing)+len(d.Extra) == 0 }

// String prints the lines with - (missing) and + (extra), sorted by what they speak of.
func (d Difference) String() string {
	lines := make([]string, 0, len(d.Missing)+len(d.Extra))
	for _, l := range d.Missing {
		lines = append(lines, "- "+l)
	}
	for _, l := range d.Extra {
		lines = append(lines, "+ "+l)
	}
	slices.SortStableFunc(lines, func(a, b string) int { return cmp.Compare(a[2:], b[2:]) })
	return strings.Join(lines, "\n")
}

// Diff compares two sorted multisets.
func Diff(want, got []string) Difference {
	var d Difference
	i, j := 0, 0
	for i < len(want) || j < len(got) {
		switch {
		case j == len(got) || i < len(want) && want[i] < got[j]:
			d.Missing = append(d.Missing, want[i])
			i++
		case i == len(want) || want[i] > got[j]:
			d.Extra = append(d.Extra, got[j])
			j++
		default:
			i++
			j++
		}
	}
	return d
}

// Compare reads two SDLs and compares their planning facts and all their facts.
func Compare(want, got string) (planning, all Difference, err error) {
	w, err := Read(want)
	if err != nil {
		return planning, all, fmt.Errorf("wanted SDL: %w", err)
	}
	g, err := Read(got)
	if err != nil {
		return planning, all, fmt.Errorf("SDL in question: %w", err)
	}
	return Diff(w.Planning, g.Planning), Diff(w.All, g.All), nil
}
