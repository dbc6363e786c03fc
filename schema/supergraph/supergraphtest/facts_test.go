package supergraphtest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/starlinghq/starling/schema/supergraph"
)

func TestLayoutIsIgnored(t *testing.T) {
	sdl := own(t)
	want := mustRead(t, sdl)
	for old, changed := range map[string]string{
		`key: "id org { id }"`:                  `key: "  org{id},id"`,
		`"""Who buys."""`:                       `"Who buys."`,
		`{min: 1, max: 3}`:                      `{max: 3, min: 1}`,
		`[["a", "b"], ["c"]]`:                   `[["c"], ["b", "a"]]`,
		`import: ["@listSize", "@cost"]`:        `import: ["@cost", "@listSize"]`,
		"extension: false":                      "",
		"first: Int = 10, after: String":        "after: String, first: Int = 10",
		`email: String`:                         `email: String @join__field(graph: B) @join__field(graph: A)`,
		`requires: "price weight(u: KG, r: 1)"`: `requires: "weight(r: 1 u: KG) price"`,
		`selection: " { a b }"`:                 `selection: "{b, a}"`,
	} {
		if !strings.Contains(sdl, old) {
			t.Errorf("%q is not in the document", old)
		}
		got := mustRead(t, strings.Replace(sdl, old, changed, 1))
		if d := Diff(want.All, got.All); !d.Equal() {
			t.Errorf("%s -> %s is no change of facts, but:\n%s", old, changed, d)
		}
	}
}

func TestPlanningFactsLeaveOut(t *testing.T) {
	sdl := own(t)
	want := mustRead(t, sdl)
	for _, tt := range []struct {
		old, changed string
		planning     bool
	}{
		{`"""Who buys."""`, `"""Who sells."""`, false},
		{"(graph: A) @inaccessible", "(graph: A) @tag(name: \"x\")", false},
		{"extension: true", "extension: false", false},
		{`url: "http://a"`, `url: "http://b"`, false},
		{`graph: B, override: "a"`, `graph: B, override: "a", overrideLabel: "percent(1)"`, true},
		{"resolvable: false", "resolvable: true", true},
		{"name: \"a__ctx\"", "name: \"a__other\"", true},
		{"first: Int = 10", "first: Int = 11", true},
		{"@join__enumValue(graph: A)", "", true},
	} {
		changed := strings.Replace(sdl, tt.old, tt.changed, 1)
		got := mustRead(t, changed)
		if changed == sdl || Diff(want.All, got.All).Equal() {
			t.Errorf("%s -> %s is not reported", tt.old, tt.changed)
		}
		if d := Diff(want.Planning, got.Planning); d.Equal() == tt.planning {
			t.Errorf("%s -> %s: planning facts differ: %t, want %t\n%s", tt.old, tt.changed, !d.Equal(), tt.planning, d)
		}
	}
}

func TestMultisets(t *testing.T) {
	d := Diff([]string{"a", "b", "b", "d"}, []string{"b", "c", "d", "d"})
	if !slices.Equal(d.Missing, []string{"a", "b"}) || !slices.Equal(d.Extra, []string{"c", "d"}) {
		t.Errorf("got %+v", d)
	}
	if want := "- a\n- b\n+ c\n+ d"; d.String() != want {
		t.Errorf("got\n%s\nwant\n%s", d, want)
	}
}

// TestMutants changes or deletes everything that may carry a fact, one at a time; each mutant must be reported.
func TestMutants(t *testing.T) {
	t.Run("own", func(t *testing.T) { killMutants(t, own(t)) })
	t.Run("corpus", func(t *testing.T) {
		supergraphs, mutants := 0, 0
		for i, in := range Corpus(t) {
			if testing.Short() && supergraphs == 3 {
				t.Log("-short: mutated 3 supergraphs only")
				return
			}
			if !in.Judge.OK || len(in.Judge.Supergraph) > 12_000 || i%8 != 0 && !strings.Contains(in.Judge.Supergraph, "contextArguments: [{") {
				continue
			}
			supergraphs++
			mutants += killMutants(t, in.Judge.Supergraph)
		}
		t.Logf("%d mutants of %d supergraphs, all reported", mutants, supergraphs)
		if supergraphs < 30 {
			t.Errorf("only %d supergraphs were mutated", supergraphs)
		}
	})
}

func killMutants(t *testing.T, sdl string) int {
	t.Helper()
	doc, err := parser.ParseSchema(&ast.Source{Input: sdl})
	if err != nil {
		t.Fatal(err)
	}
	want := read(doc).All
	m := &mutator{check: func(what string) {
		if slices.Equal(want, read(doc).All) {
			t.Errorf("survives: %s in\n%s", what, supergraph.Print(doc)[:200])
		}
	}}
	m.document(doc)
	if !slices.Equal(want, read(doc).All) {
		t.Fatal("the mutator did not restore the document")
	}
	if m.count < 100 {
		t.Errorf("only %d mutants", m.count)
	}
	return m.count
}

func mustRead(t *testing.T, sdl string) *Facts {
	t.Helper()
	f, err := Read(sdl)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func own(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "shop.graphql"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
