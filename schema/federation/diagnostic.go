package federation

import (
	"cmp"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// Location is a place in the SDL of one subgraph. Lines and columns count
// from 1, columns in runes. Zero means that the place is not known.
type Location struct {
	Subgraph string `json:"subgraph"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
}

// Diagnostic is one error or hint: a stable code, a sentence that says what
// is wrong and what to do, the schema coordinate it is about ("Type",
// "Type.field", "Type.field(arg:)", "@directive"; empty when it is about the
// whole graph) and a position in each subgraph involved.
type Diagnostic struct {
	Code       Code       `json:"code"`
	Message    string     `json:"message"`
	Coordinate string     `json:"coordinate"`
	Locations  []Location `json:"locations"`
}

// Sort orders diagnostics by code, coordinate, message, and the places of each by
// subgraph, line, column; it drops exact repetitions. The same inputs give the
// same list.
func Sort(list []Diagnostic) []Diagnostic {
	for i := range list {
		at := append([]Location{}, list[i].Locations...) // others may share the list
		slices.SortFunc(at, func(a, b Location) int {
			return cmp.Or(cmp.Compare(a.Subgraph, b.Subgraph), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
		})
		list[i].Locations = slices.Compact(at)
	}
	slices.SortStableFunc(list, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Coordinate, b.Coordinate),
			cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.CompactFunc(list, func(a, b Diagnostic) bool {
		return a.Code == b.Code && a.Coordinate == b.Coordinate && a.Message == b.Message
	})
}

// At makes the location of a position in this subgraph.
func (s *Subgraph) At(pos *ast.Position) []Location {
	if pos == nil || pos.Line == 0 {
		return []Location{}
	}
	return []Location{{Subgraph: s.Name, Line: pos.Line, Column: pos.Column}}
}
