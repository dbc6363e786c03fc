package lint

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// maxLines is how long a hand-written file may be.
const maxLines = 420

// calls says where functions that reach past their arguments may be called.
var calls = []struct {
	name string
	may  []string
}{
	{"os.Getenv", []string{"cmd/...", "internal/app", "internal/cli", "schema/cli", "internal/testenv"}},
	{"os.Exit", []string{"cmd/..."}},
	{"log.Fatal", nil},
	{"fmt.Print", nil},
	{"fmt.Printf", nil},
	{"fmt.Println", nil},
	{"slog.Default", nil},
	{"context.Background", []string{"cmd/...", "internal/app", "internal/cli", "schema/cli"}},
	{"context.TODO", nil},
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func exists(t *testing.T, path string) bool {
	t.Helper()
	_, err := os.Stat(filepath.Join(root(t), path))
	return err == nil
}

func TestFilesAreShort(t *testing.T) {
	for _, p := range list(t) {
		for _, f := range p.GoFiles {
			if strings.HasSuffix(f, ".gen.go") {
				continue
			}
			b, err := os.ReadFile(filepath.Join(p.Dir, f))
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(b), "\n"); n > maxLines {
				t.Errorf("%s/%s has %d lines, more than %d: is it one thing?", p.path(), f, n, maxLines)
			}
		}
	}
}

func TestProcessWideCallsStandAtTheEdge(t *testing.T) {
	for _, p := range list(t) {
		if strings.HasSuffix(p.path(), "test") {
			continue // a suite, imported by tests only
		}
		for _, f := range p.GoFiles {
			if strings.HasSuffix(f, ".gen.go") {
				continue
			}
			for _, c := range called(t, filepath.Join(p.Dir, f)) {
				for _, rule := range calls {
					if c == rule.name && !matchesAny(rule.may, p.path()) {
						t.Errorf("%s/%s calls %s; take it as an argument", p.path(), f, c)
					}
				}
			}
		}
	}
}

func TestTestsDoNotSleep(t *testing.T) {
	for _, p := range list(t) {
		for _, f := range append(p.TestGoFiles, p.XTestGoFiles...) {
			path := filepath.Join(p.Dir, f)
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(b), "testing/synctest") {
				continue // its clock is not the wall's
			}
			for _, c := range called(t, path) {
				if c == "time.Sleep" {
					t.Errorf("%s/%s calls time.Sleep; use testenv.Eventually or testing/synctest", p.path(), f)
				}
			}
		}
	}
}

// called returns the pkg.Function names that a file calls.
func called(t *testing.T, path string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(file, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
				if x, ok := sel.X.(*ast.Ident); ok {
					out = append(out, x.Name+"."+sel.Sel.Name)
				}
			}
		}
		return true
	})
	return out
}

// docPath finds what documents show as paths of this tree.
var docPath = regexp.MustCompile("`((?:cmd|router|subgraphs|workers|schema|internal|ops|docs|\\.ci)/[A-Za-z0-9_./{},-]*)`")

func TestDocumentsNamePathsThatExist(t *testing.T) {
	docs, err := filepath.Glob(filepath.Join(root(t), "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob(filepath.Join(root(t), "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range append(docs, more...) {
		b, err := os.ReadFile(d)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range docPath.FindAllStringSubmatch(string(b), -1) {
			if strings.ContainsAny(m[1], "{}") {
				continue
			}
			if !exists(t, m[1]) {
				t.Errorf("%s names %s, which does not exist", filepath.Base(d), m[1])
			}
		}
	}
}
