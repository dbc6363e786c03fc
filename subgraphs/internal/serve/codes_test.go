package serve

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"
)

// TestListsOfCodesAreWhole compares Codes and UserCodes with the constants of
// their types in the source.
func TestListsOfCodesAreWhole(t *testing.T) {
	var codes, userCodes []string
	for _, c := range Codes() {
		codes = append(codes, string(c))
	}
	for _, c := range UserCodes() {
		userCodes = append(userCodes, string(c))
	}
	if want := constants(t, "errors.go", "Code"); !slices.Equal(codes, want) {
		t.Errorf("Codes lists %v, the constants are %v", codes, want)
	}
	if want := constants(t, "refusal.go", "UserCode"); !slices.Equal(userCodes, want) {
		t.Errorf("UserCodes lists %v, the constants are %v", userCodes, want)
	}
}

func constants(t *testing.T, file, typ string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if id, ok := spec.Type.(*ast.Ident); ok && id.Name == typ && len(spec.Values) == 1 {
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
				s, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, s)
			}
		}
		return true
	})
	return out
}
