package federation_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/starlinghq/starling/schema/federation"
)

func TestParseVersion(t *testing.T) {
	for text, want := range map[string]federation.Version{"v2.9": {Major: 2, Minor: 9}, "v0.14": {Minor: 14}} {
		if got, ok := federation.ParseVersion(text); !ok || got != want || got.String() != text {
			t.Errorf("%s: %v %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "2.9", "v2", "v2.", "v.9", "v2.x", "v-1.0", "v2.-1", "v2.9.1"} {
		if got, ok := federation.ParseVersion(text); ok {
			t.Errorf("%q is taken as %v", text, got)
		}
	}
	if v := (federation.Version{Major: 2, Minor: 9}); !v.AtLeast(v) || v.AtLeast(federation.Version{Major: 2, Minor: 10}) || !v.AtLeast(federation.Fed1) {
		t.Error("versions are not in order")
	}
}

func TestSplitContext(t *testing.T) {
	for in, want := range map[string][3]string{
		"$ctx { a }":          {"ctx", " { a }", "true"},
		"$ctx ... on A { a }": {"ctx", " ... on A { a }", "true"},
		"$c_1{ a }":           {"c_1", "{ a }", "true"},
		"$ctx":                {"", "", "false"},
		"ctx { a }":           {"", "", "false"},
		"$ { a }":             {"", "", "false"},
		"":                    {"", "", "false"},
	} {
		name, selection, ok := federation.SplitContext(in)
		got := [3]string{name, selection, "false"}
		if ok {
			got[2] = "true"
		}
		if got != want {
			t.Errorf("%q: %v, want %v", in, got, want)
		}
	}
}

// TestReadAll checks what reading makes of names: renamed directives and roots,
// fields of extensions, and positions in runes.
func TestReadAll(t *testing.T) {
	list, errs := federation.ReadAll([]federation.Source{{Name: "a", SDL: `"ünï" type A { a: Missing }`}, {Name: "b", SDL: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [{name: "@key", as: "@id"}, "@shareable"])
schema { query: Root }
type Root { a: A }
extend type A @id(fields: "x") { x: Int @federation__tag(name: "t") }
type A { y: Int @shareable }
`}}, federation.Newest)
	if len(list) != 2 || len(errs) != 1 || errs[0].Code != federation.InvalidGraphQL {
		t.Fatalf("%d subgraphs, errors %v", len(list), errs)
	}
	if want := []federation.Location{{Subgraph: "a", Line: 1, Column: 16}}; !cmp.Equal(want, errs[0].Locations) {
		t.Errorf("the error is at %v, want %v", errs[0].Locations, want)
	}
	s := list[1]
	a := s.Types["A"]
	switch {
	case s.Types["Root"] != nil || s.Types["Query"] == nil:
		t.Error("the root type keeps its name")
	case s.Meaning("id") != federation.Key || s.Meaning("key") != "" || s.Meaning("federation__tag") != federation.Tag:
		t.Error("names do not mean what they should")
	case !a.HasBase || !a.HasExtension || len(a.Fields) != 2:
		t.Error("definition and extension are not one type")
	case !s.Shareable(a.Field("x")) || !s.Shareable(a.Field("y")):
		t.Error("key fields and @shareable fields are shareable")
	}
}

// FuzzReadAll reads whatever it is given beside a good subgraph: it must not panic.
func FuzzReadAll(f *testing.F) {
	f.Add(`extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", {name: "@tag", as: "@t"}])
type Query { a(x: In = {a: [1]}): A } type A @key(fields: "id b { c }") { id: ID! b: B } type B { c: Int } input In { a: [Int!] }`)
	f.Add(`extend type A @key(fields: "id") { id: ID! @external b: Int @requires(fields: "id c(x: 1)") c(x: Int): Int @external }`)
	f.Add(`directive @x(a: Int = 1 @x) repeatable on FIELD | SCHEMA schema @x { query: Q } union U = Q interface I implements J { a: Int }`)
	f.Fuzz(func(t *testing.T, sdl string) {
		_, errs := federation.ReadAll([]federation.Source{{Name: "a", SDL: sdl}, {Name: "b", SDL: "type Query { a: Int }"}}, federation.Newest)
		for _, e := range errs {
			if e.Code == "" || e.Message == "" {
				t.Errorf("an error says nothing: %+v", e)
			}
		}
	})
}
