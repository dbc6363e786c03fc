package supergraph_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/supergraph"
	"github.com/starlinghq/starling/schema/supergraph/supergraphtest"
)

func TestRoundTrip(t *testing.T) {
	t.Run("own", func(t *testing.T) {
		roundTrip(t, small)
		b, err := os.ReadFile(filepath.Join("supergraphtest", "testdata", "shop.graphql"))
		if err != nil {
			t.Fatal(err)
		}
		roundTrip(t, string(b))
	})
	t.Run("corpus", func(t *testing.T) {
		accepted := 0
		for _, in := range supergraphtest.Corpus(t) {
			if in.Judge.OK {
				accepted++
				t.Run(in.ID, func(t *testing.T) { roundTrip(t, in.Judge.Supergraph) })
			}
		}
		if accepted < 300 {
			t.Errorf("only %d supergraphs in the corpus", accepted)
		}
	})
}

// roundTrip checks that a printed supergraph states the same facts and prints the same again, and that its API schema is valid.
func roundTrip(t *testing.T, sdl string) {
	t.Helper()
	s := parse(t, sdl)
	printed := s.SDL()
	_, all, err := supergraphtest.Compare(sdl, printed)
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	if !all.Equal() {
		t.Errorf("facts differ:\n%s", all)
	}
	if again := parse(t, printed).SDL(); again != printed {
		t.Error("a printed supergraph prints differently")
	}
	api := s.API().SDL()
	if _, err := gqlparser.LoadSchema(&ast.Source{Name: "api", Input: api}); err != nil {
		t.Errorf("the API schema is invalid: %v\n%s", err, api)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(small)
	f.Fuzz(func(t *testing.T, sdl string) {
		s, err := supergraph.Parse("fuzz", sdl)
		if err != nil {
			return
		}
		printed := s.SDL()
		again, err := supergraph.Parse("printed", printed)
		if err != nil {
			t.Fatalf("does not read what it printed: %v\n%s", err, printed)
		}
		if second := again.SDL(); second != printed {
			t.Errorf("prints differently the second time:\n%s\n\n%s", printed, second)
		}
		s.API().SDL()
	})
}

func FuzzFieldSet(f *testing.F) {
	for _, s := range []string{"id", "{ id org { id } }", `f(a: [1, {x: "y"}]) ... on T @skip(if: true) { b }`, "... { a: b }"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fs, err := supergraph.ParseFieldSet(text)
		if err != nil {
			return
		}
		again, err := supergraph.ParseFieldSet(fs.String())
		if err != nil {
			t.Fatalf("%q prints as %q, which does not parse: %v", text, fs, err)
		}
		if again.String() != fs.String() {
			t.Errorf("%q: %q, then %q", text, fs, again)
		}
	})
}
