package compose_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/starlinghq/starling/schema/compose"
)

// TestCases composes the subgraphs of testdata. A case is a list of subgraphs,
// each under "--- name". The line "federation 2.9 @key @tag" stands for the @link
// that imports those directives; without a list it imports the most common ones.
// The result is the supergraph, without the definitions of the join and link
// specifications, or the errors, and the hints.
func TestCases(t *testing.T) {
	datadriven.Walk(t, "testdata/cases", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd != "compose" {
				d.Fatalf(t, "unknown command %q", d.Cmd)
			}
			var opts []compose.Option
			if d.HasArg("max-steps") {
				var steps int
				d.ScanArgs(t, "max-steps", &steps)
				opts = append(opts, compose.MaxSteps(steps))
			}
			subgraphs := parseCase(d.Input)
			res := mustCompose(t, subgraphs, opts...)
			slices.Reverse(subgraphs)
			if again := mustCompose(t, subgraphs, opts...); describe(again) != describe(res) {
				t.Errorf("%s: the order of the subgraphs matters", d.Pos)
			}
			return describe(res)
		})
	})
}

func mustCompose(t testing.TB, subgraphs []compose.Subgraph, opts ...compose.Option) *compose.Result {
	t.Helper()
	res, err := compose.Compose(t.Context(), subgraphs, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

var shorthand = regexp.MustCompile(`(?m)^federation (\d+\.\d+)((?: @\w+)*)$`)

func parseCase(input string) []compose.Subgraph {
	var out []compose.Subgraph
	for _, part := range strings.Split("\n"+input, "\n--- ")[1:] {
		name, sdl, _ := strings.Cut(part, "\n")
		out = append(out, compose.Subgraph{Name: name, SDL: shorthand.ReplaceAllStringFunc(sdl, func(m string) string {
			parts := shorthand.FindStringSubmatch(m)
			imports := strings.Fields(parts[2])
			if len(imports) == 0 {
				imports = strings.Fields("@key @shareable @external @requires @provides @override @tag @inaccessible")
			}
			return fmt.Sprintf(`extend schema @link(url: "https://specs.apollo.dev/federation/v%s", import: ["%s"])`, parts[1], strings.Join(imports, `", "`))
		})})
	}
	return out
}

var machinery = regexp.MustCompile(`^(directive @(join__|link)|scalar (join|link)__|enum (join__Graph|link__)|input join__)`)

func describe(res *compose.Result) string {
	var b strings.Builder
	diagnostics(&b, "", res.Errors)
	if res.Supergraph != nil {
		for _, block := range blocks(res.Supergraph.SDL()) {
			if !machinery.MatchString(block) {
				b.WriteString(block + "\n")
			}
		}
	}
	diagnostics(&b, "hint ", res.Hints)
	return b.String()
}

// blocks splits an SDL into its definitions.
func blocks(sdl string) []string {
	var out []string
	for _, p := range strings.Split(strings.TrimSpace(sdl), "\n\n") {
		if n := len(out); n > 0 && strings.HasPrefix(p, " ") {
			out[n-1] += "\n\n" + p // a described member
			continue
		}
		out = append(out, p)
	}
	return out
}

func diagnostics(b *strings.Builder, kind string, list []compose.Diagnostic) {
	for _, d := range list {
		fmt.Fprintf(b, "%s%s", kind, d.Code)
		if d.Coordinate != "" {
			fmt.Fprintf(b, " on %s", d.Coordinate)
		}
		for _, l := range d.Locations {
			fmt.Fprintf(b, " %s:%d:%d", l.Subgraph, l.Line, l.Column)
		}
		fmt.Fprintf(b, "\n  %s\n", strings.ReplaceAll(d.Message, "\n", "\n  "))
	}
}

// TestCasesCoverEverything wants every code and every directive in testdata.
func TestCasesCoverEverything(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	var all strings.Builder
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	seen := make(map[string]bool)
	for _, m := range regexp.MustCompile(`(?m)^(?:hint )?([A-Z][A-Z_]+[A-Z])\b`).FindAllStringSubmatch(all.String(), -1) {
		seen[m[1]] = true
	}
	for _, c := range append(constants(t, "code.go"), constants(t, "../federation/code.go")...) {
		if !seen[c] {
			t.Errorf("no case shows %s", c)
		}
	}
	for _, d := range strings.Fields("key requires provides external shareable override inaccessible tag interfaceObject composeDirective authenticated requiresScopes policy cost listSize context fromContext extends cacheTag") {
		if !strings.Contains(all.String(), "@"+d) {
			t.Errorf("no case uses @%s", d)
		}
	}
}

// constants lists the codes that a file defines.
func constants(t *testing.T, file string) []string {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(f, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			if s, err := strconv.Unquote(l.Value); err == nil && s == strings.ToUpper(s) {
				out = append(out, s)
			}
		}
		return true
	})
	return out
}
