package operation

import (
	"fmt"
	"strings"
	"testing"
)

// TestOverlapWork: documents that are made to cost much are read in work that
// goes with their length, or are refused.
func TestOverlapWork(t *testing.T) {
	s := testSchema(t)
	fragments := func(n int) string {
		var b strings.Builder
		b.WriteString("{ a { ")
		for i := range n {
			fmt.Fprintf(&b, "...F%d ", i)
		}
		b.WriteString("} }")
		for i := range n {
			fmt.Fprintf(&b, " fragment F%d on A { id name b { id } }", i)
		}
		return b.String()
	}
	// Each level has a field for everybody and one for a type alone, with other
	// arguments: the sets below never are the same.
	entangled := func(n int) string {
		text := "id"
		for i := range n {
			text = fmt.Sprintf("... on Node { name ... on A { b(size: %d) { ... on B { a { %s } a { id } } } } } ... on A { b(size: %d) { a { id } } }", i, text, i)
		}
		return "{ n { " + text + " } }"
	}
	for name, c := range map[string]struct {
		query string
		most  int // work per field
	}{
		"one field":                  {"{ a { " + strings.Repeat("id ", 9000) + "} }", 10},
		"one field, with a field":    {"{ a { " + strings.Repeat("b { id } ", 4500) + "} }", 10},
		"many fragments":             {fragments(900), 10},
		"levels that are entangled":  {entangled(11), 100},
		"fragments nobody uses":      {"{ a { id } } " + doubled(60), 100},
		"fragments of all, doubling": {"{ a { ...D0 } } " + doubled(60), 100},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := parseOnly(s, c.query)
			if err != nil {
				t.Fatal(err)
			}
			o := newOverlaps(s.ast, doc)
			o.document(doc)
			if fields := strings.Count(c.query, " "); o.work > c.most*fields {
				t.Errorf("work %d for about %d fields", o.work, fields)
			}
			if o.spent() {
				t.Error("refused")
			}
		})
	}
}

// TestOverlapIsBounded: what no memory of sets helps against is refused.
func TestOverlapIsBounded(t *testing.T) {
	s := testSchema(t)
	doc, err := parseOnly(s, `{ a { id } }`)
	if err != nil {
		t.Fatal(err)
	}
	o := newOverlaps(s.ast, doc)
	o.work = maxOverlapWork
	o.document(doc)
	if faults := o.faults(); len(faults) != 1 || !strings.Contains(faults[0].Message, "too large") {
		t.Errorf("faults %v", faults)
	}
}

// doubled is fragments each of which uses the next one twice.
func doubled(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "fragment D%d on A { b { a { ...D%d } } b { a { ...D%d id } } } ", i, i+1, i+1)
	}
	fmt.Fprintf(&b, "fragment D%d on A { id }", n)
	return b.String()
}
