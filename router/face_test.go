package router

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestFace: no exported name of the package mentions the planner's library,
// gqlparser or an internal type, so that none of them is promised to anybody.
func TestFace(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, leak := range leaks(file) {
			t.Errorf("%s: %s", name, leak)
		}
	}
	const bad = `package x
import (
	e "a/internal/engine"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/plan"
)
type A struct { F []*e.T; g e.T }
type B interface { M(ast.Schema) }
type c struct { F e.T }
func F() map[string]plan.Plan { return nil }
func (A) M(x func(e.T)) {}
func (c) M(x e.T) {}
func g(e.T) {}
var V e.T
const Code = e.Code
`
	file, err := parser.ParseFile(token.NewFileSet(), "bad.go", bad, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	if got := leaks(file); len(got) != 5 {
		t.Errorf("found %q, want one each in A, B, F, A.M and V", got)
	}
}

// leaks lists what the exported declarations of a file mention and must not.
func leaks(file *ast.File) []string {
	hidden := make(map[string]string) // name in the file -> path
	for _, imp := range file.Imports {
		path, _ := strconv.Unquote(imp.Path.Value)
		if !strings.Contains(path, "/internal/") && !strings.Contains(path, "gqlparser") && !strings.Contains(path, "graphql-go-tools") {
			continue
		}
		name := filepath.Base(path)
		if imp.Name != nil {
			name = imp.Name.Name
		}
		hidden[name] = path
	}
	var out []string
	var mentions func(declared string, n ast.Node)
	mentions = func(declared string, n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.StructType:
				for _, f := range x.Fields.List {
					if len(f.Names) == 0 || anyExported(f.Names) {
						mentions(declared, f.Type)
					}
				}
				return false
			case *ast.SelectorExpr:
				if id, ok := x.X.(*ast.Ident); ok && hidden[id.Name] != "" {
					out = append(out, declared+" mentions "+hidden[id.Name]+"."+x.Sel.Name)
				}
			}
			return true
		})
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && (d.Recv == nil || ast.IsExported(receiver(d))) {
				mentions(d.Name.Name, d.Type)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					if s.Name.IsExported() {
						mentions(s.Name.Name, s.Type)
					}
				case *ast.ValueSpec:
					if anyExported(s.Names) && s.Type != nil {
						mentions(s.Names[0].Name, s.Type)
					}
				}
			}
		}
	}
	return out
}

func anyExported(names []*ast.Ident) bool {
	for _, n := range names {
		if n.IsExported() {
			return true
		}
	}
	return false
}

func receiver(d *ast.FuncDecl) string {
	t := d.Recv.List[0].Type
	if p, ok := t.(*ast.StarExpr); ok {
		t = p.X
	}
	id, _ := t.(*ast.Ident)
	if id == nil {
		return ""
	}
	return id.Name
}
