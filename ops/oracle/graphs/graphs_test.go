package graphs

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"
)

func TestRecipesAreRead(t *testing.T) {
	recipes, err := Recipes()
	if err != nil {
		t.Fatal(err)
	}
	if len(recipes) < 150 {
		t.Errorf("only %d recipes", len(recipes))
	}
	for _, r := range recipes {
		for seed := range uint64(3) {
			g := New(seed, r)
			for _, s := range g.Subgraphs {
				if sdl := s.SDL(); strings.Contains(sdl, "<<") || strings.Contains(sdl, ">>") || strings.Contains(sdl, "~") || strings.Contains(sdl, "{{") {
					t.Errorf("%s: a placeholder is left in\n%s", r.Name, sdl)
				}
			}
		}
	}
}

func TestSeedDecides(t *testing.T) {
	recipes, err := Recipes()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range recipes {
		a, b := New(7, r), New(7, r)
		for i := range a.Subgraphs {
			if a.Subgraphs[i].SDL() != b.Subgraphs[i].SDL() {
				t.Errorf("%s: two graphs of one seed differ", r.Name)
			}
		}
	}
}

// sample has what an SDL can have where its parts must be told apart.
const sample = `
"""Described "in" quotes"""
schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", {name: "@tag", as: "@label"}]) { query: Query }
directive @type(input: In = {enum: [A], type: "x"}) repeatable on FIELD_DEFINITION | ENUM
type Query implements Node & Other @type(input: {n: 1}) @key(fields: "id type { id }") {
  "with {braces} # and more" type(input: In! = {n: -1.5e3}, type: [Int!]! = [1, 2] @type): [type!]! @type # a comment
  input: String @label(name: "a@b")
  """
  A block
  """
  enum: E
}
extend interface Node { id: ID! }
union type = Query | Node
enum E { type @type input "last" enum }
input In { n: Float = 1 enum: [E!] = [input] type: String }
scalar Date @specifiedBy(url: "https://example.org/{date}")
extend type Query @tag
`

func TestReadKeepsTheDocument(t *testing.T) {
	s, err := Read("a", "", sample)
	if err != nil {
		t.Fatal(err)
	}
	if want, got := formatted(t, sample), formatted(t, s.SDL()); got != want {
		t.Errorf("read and printed:\n%s\nwant:\n%s", got, want)
	}
	if len(s.Blocks) != 9 {
		t.Errorf("%d blocks, want 9", len(s.Blocks))
	}
}

func TestReadAdoptsPlainLinks(t *testing.T) {
	s, err := Read("a", "", `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"]) type Query @key(fields: "id") { id: ID }`)
	if err != nil {
		t.Fatal(err)
	}
	if s.Version != "2.3" || len(s.Blocks) != 1 {
		t.Errorf("version %q, %d blocks", s.Version, len(s.Blocks))
	}
}

func TestMutantsDependOnTheSeed(t *testing.T) {
	s, err := Read("a", "", sample)
	if err != nil {
		t.Fatal(err)
	}
	pool := []*Graph{{Subgraphs: []*Subgraph{s}}}
	changed := 0
	for seed := range uint64(200) {
		a, b := Mutant(seed, pool, 3), Mutant(seed, pool, 3)
		if printed(a) != printed(b) {
			t.Errorf("two mutants of seed %d differ", seed)
		}
		if printed(a) != printed(pool[0]) {
			changed++
		}
	}
	if changed < 150 {
		t.Errorf("only %d of 200 mutants differ from the original", changed)
	}
	if want, got := formatted(t, sample), formatted(t, s.SDL()); got != want {
		t.Error("the original changed")
	}
}

func printed(g *Graph) string {
	var b strings.Builder
	for _, s := range g.Subgraphs {
		b.WriteString(s.Name + "\n" + s.SDL())
	}
	return b.String()
}

func formatted(t *testing.T, sdl string) string {
	t.Helper()
	doc, err := parser.ParseSchema(&ast.Source{Input: sdl})
	if err != nil {
		t.Fatalf("%v\n%s", err, sdl)
	}
	var b strings.Builder
	formatter.NewFormatter(&b).FormatSchemaDocument(doc)
	return b.String()
}
