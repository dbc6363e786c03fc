package supergraph_test

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/starlinghq/starling/schema/supergraph"
)

func TestBlockStrings(t *testing.T) {
	for _, tt := range []struct{ sdl, want string }{
		{"\"\"\"One\n    two\n  three\"\"\"", "One\n  two\nthree"},
		{"\"\"\"One\n\ttwo\n\t\tthree\n  \"\"\"", "One\ntwo\n\tthree"},
		{"\"\"\"One\r\n  two\r\n\r\n  three\r\n\"\"\"", "One\ntwo\n\nthree"},
		{"\"\"\"\n  One\n    two\n\"\"\"", "One\n  two"},
		{"\"\"\"  One\n  two\"\"\"", "  One\ntwo"},
		{"\"\"\"One\n\n   two\n\n\"\"\"", "One\n\ntwo"},
		{"\"\"\"One \\\"\"\"\n   two\"\"\"", "One \"\"\"\ntwo"},
		{"\"\"\"One\n   \"two\" # three\"\"\"", "One\n\"two\" # three"},
		{"# \"\"\"One\n  \"two\"", "two"},
		{"\"a \\\" # b\"", "a \" # b"},
	} {
		sdl := tt.sdl + " scalar S"
		doc, err := parser.ParseSchema(&ast.Source{Input: supergraph.BlockStrings(sdl)})
		if err != nil {
			t.Errorf("%q: %v", sdl, err)
			continue
		}
		if got := doc.Definitions[0].Description; got != tt.want {
			t.Errorf("%q: got %q, want %q", sdl, got, tt.want)
		}
	}
}

func FuzzBlockStrings(f *testing.F) {
	f.Add("\"\"\"One\n    two\n  three\"\"\" type T { \"x\" f(a: String = \"\\\"\"): Int # \"\"\"\n}")
	f.Fuzz(func(t *testing.T, sdl string) {
		out := supergraph.BlockStrings(sdl)
		if strings.Count(out, "\n") != strings.Count(sdl, "\n") {
			t.Errorf("%q has another number of lines than %q", out, sdl)
		}
		if again := supergraph.BlockStrings(out); again != out {
			t.Errorf("%q becomes %q, then %q", sdl, out, again)
		}
		_, before := parser.ParseSchema(&ast.Source{Input: sdl})
		_, after := parser.ParseSchema(&ast.Source{Input: out})
		if (before == nil) != (after == nil) {
			t.Errorf("%q parses: %v, but %q: %v", sdl, before, out, after)
		}
	})
}
