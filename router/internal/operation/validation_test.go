package operation

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
	"go.yaml.in/yaml/v3"

	"github.com/starlinghq/starling/internal/testenv"
)

// validationCase is a document with the verdict of the reference
// implementation.
type validationCase struct {
	name, rule    string
	schema, query string
	refused       bool
}

// module is the folder of a module in the cache.
func module(t *testing.T, pathAtVersion string) string {
	t.Helper()
	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(strings.TrimSpace(string(cache)), filepath.FromSlash(pathAtVersion))
	_, err = os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		testenv.Missing(t, "validation", "go mod download "+pathAtVersion+" brings the cases")
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// graphQLGoCases are the reference implementation's as graphql-go carries them.
func graphQLGoCases(t *testing.T) []validationCase {
	dir := module(t, "github.com/graph-gophers/graphql-go@v1.11.0")
	var file struct {
		Schemas []struct{ ID, SDL string }
		Tests   []struct {
			Name, Rule, Schema, Query string
			Errors                    []any
		}
	}
	if err := json.Unmarshal(read(t, filepath.Join(dir, "internal/validation/testdata/tests.json")), &file); err != nil {
		t.Fatal(err)
	}
	texts := make(map[string]string)
	for _, s := range file.Schemas {
		texts[s.ID] = s.SDL
	}
	var out []validationCase
	for _, c := range file.Tests {
		out = append(out, validationCase{c.Name, c.Rule, texts[c.Schema], c.Query, len(c.Errors) > 0})
	}
	return out
}

// gqlparserCases are the reference implementation's as gqlparser carries them.
func gqlparserCases(t *testing.T) []validationCase {
	dir := filepath.Join(module(t, "github.com/vektah/gqlparser/v2@v2.5.64"), "validator", "imported", "spec")
	var schemas []string
	if err := yaml.Unmarshal(read(t, filepath.Join(dir, "schemas.yml")), &schemas); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.spec.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var out []validationCase
	for _, file := range files {
		var cases []struct {
			Name, Rule, Schema, Query string
			Errors                    []any
		}
		if err := yaml.Unmarshal(read(t, file), &cases); err != nil {
			t.Fatal(err)
		}
		base := strings.TrimSuffix(filepath.Base(file), ".spec.yml")
		for _, c := range cases {
			schema := c.Schema
			if n, err := strconv.Atoi(schema); err == nil {
				schema = schemas[n]
			}
			out = append(out, validationCase{base + "/" + c.Name, c.Rule, schema, c.Query, len(c.Errors) > 0})
		}
	}
	return out
}

// TestValidationCases compares the verdict of the whole pipeline, parsing
// included, with the reference implementation's. The exceptions are the cases
// on which they differ, and why.
func TestValidationCases(t *testing.T) {
	for name, suite := range map[string]struct {
		cases      func(*testing.T) []validationCase
		total      int
		exceptions map[string]string
	}{
		"graphql-go": {graphQLGoCases, 407, map[string]string{
			"Validate: Known type names/references to standard scalars that are missing in schema":                               "every schema has the standard scalars here",
			"Validate: Directives Are Unique Per Location/unknown directives must be ignored":                                    "the document is a schema, which is refused when it is read",
			"Validate: Values of correct type/Invalid input object value/reports error for custom scalar that returns undefined": "the router knows no code of custom scalars",
		}},
		"gqlparser": {gqlparserCases, 432, map[string]string{
			"KnownTypeNamesRule/references to standard scalars that are missing in schema":                              "every schema has the standard scalars here",
			"UniqueDirectivesPerLocationRule/unknown directives must be ignored":                                        "the document is a schema, which is refused when it is read",
			"ValuesOfCorrectTypeRule/Invalid input object value/reports error for custom scalar that returns undefined": "the router knows no code of custom scalars",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			cases := suite.cases(t)
			if len(cases) != suite.total {
				t.Errorf("%d cases, want %d: are they read right?", len(cases), suite.total)
			}
			schemas := make(map[string]*Schema)
			left := maps.Clone(suite.exceptions)
			advice := 0
			for _, c := range cases {
				s := schemas[c.schema]
				if s == nil {
					s = validationSchema(t, c.schema)
					schemas[c.schema] = s
				}
				if isAdvice(c.rule) {
					advice++
					c.refused = false
				}
				errs := verdict(s, c)
				if (len(errs) > 0) == c.refused {
					continue
				}
				if _, ok := left[c.name]; !ok {
					t.Errorf("DIFFERS %s: refused there: %t, here: %v\n%s", c.name, c.refused, errs, c.query)
				}
				delete(left, c.name)
			}
			for name := range left {
				t.Errorf("%s is an exception and does not differ", name)
			}
			t.Logf("%d of %d cases agree, %d of them about rules that are advice; exceptions: %q",
				len(cases)-len(suite.exceptions), len(cases), advice, slices.Sorted(maps.Values(suite.exceptions)))
		})
	}
}

func validationSchema(t *testing.T, sdl string) *Schema {
	t.Helper()
	loaded, err := validator.LoadSchema(&ast.Source{Input: prelude, BuiltIn: true}, &ast.Source{Input: withoutBuiltins(sdl)})
	if err != nil {
		t.Fatalf("%v\n%s", err, sdl)
	}
	return &Schema{ast: loaded, rules: documentRules(), sensitive: func(string) bool { return false }}
}

// verdict runs one rule, as the cases are written for one each, and all of
// them where that one has nothing to say: some cases are about types that their
// schema does not have, and what is refused for another reason is refused.
func verdict(s *Schema, c validationCase) []error {
	doc, err := parseOnly(s, c.query)
	if err != nil {
		return []error{err}
	}
	var out []error
	name := strings.TrimSuffix(c.rule, "Rule")
	if name == rules.OverlappingFieldsCanBeMergedRule.Name {
		for _, e := range findOverlaps(s.ast, doc) {
			out = append(out, e)
		}
	} else if f, ok := s.rules.GetInner()[name]; ok {
		one := &rules.Rules{}
		one.AddRule(name, f)
		for _, e := range validator.ValidateWithRules(s.ast, doc, one) {
			out = append(out, e)
		}
	}
	if c.refused && len(out) == 0 {
		out = s.refusals(c.query)
	}
	return out
}

// parseOnly reads a document and links its fields to their definitions.
func parseOnly(s *Schema, query string) (*ast.QueryDocument, error) {
	doc, err := parser.ParseQuery(&ast.Source{Input: query})
	if err == nil {
		validator.Walk(s.ast, doc, &validator.Events{})
	}
	return doc, err
}

// isAdvice tells the two rules that the specification does not have, and the
// reference implementation does not run unless it is told to. What they warn of
// is valid.
func isAdvice(rule string) bool {
	return strings.HasPrefix(rule, "NoDeprecatedCustom") || strings.HasPrefix(rule, "NoSchemaIntrospectionCustom")
}

// refusals runs all rules but the two that most cases break in passing.
func (s *Schema) refusals(query string) []error {
	most := &Schema{ast: s.ast, rules: documentRules(), sensitive: s.sensitive}
	most.rules.RemoveRule(rules.NoUnusedFragmentsRule.Name)
	most.rules.RemoveRule(rules.NoUnusedVariablesRule.Name)
	_, errs := most.Parse(query, Limits{Tokens: -1, Depth: -1, Aliases: -1, RootFields: -1, Fields: -1})
	out := make([]error, len(errs))
	for i, e := range errs {
		out[i] = e
	}
	return out
}

// withoutBuiltins drops what our prelude defines itself.
func withoutBuiltins(sdl string) string {
	var out []string
	for _, line := range strings.Split(sdl, "\n") {
		for _, name := range []string{"directive @skip", "directive @include", "directive @deprecated", "directive @specifiedBy", "directive @oneOf"} {
			if strings.HasPrefix(strings.TrimSpace(line), name) {
				line = ""
			}
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}
