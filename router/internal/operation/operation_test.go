package operation

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/starlinghq/starling/router/internal/execute"
)

const testSDL = `
type Query { a(x: Int, y: [In!], z: ID, e: E, any: Any): A  n: Node  u: U  list: [[A!]] }
type Mutation { first(in: In): A  second: A }
interface Node { id: ID!  name: String }
type A implements Node { id: ID!  name: String  b(size: Int! = 3): B  price(cut: Int): Int }
type B implements Node { id: ID!  name: String  a: A  many: [A] }
union U = A | B
input In { s: String!  n: Int = 1  deep: In  list: [Int] }
input One @oneOf { a: Int b: String }
enum E { X Y }
scalar Any
`

type testPlanner struct{}

func (testPlanner) Sensitive(name string) bool {
	return name == "id" || name == "price" || name == "__typename"
}

func (testPlanner) Probe(string, string) string { return "" }

func (testPlanner) Behind(string) string { return "" }

func testSchema(t testing.TB) *Schema {
	t.Helper()
	s, err := NewSchema(testSDL, testPlanner{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestPrepare shows the canonical operations, by form, with the values of
// their variables.
func TestPrepare(t *testing.T) {
	s := testSchema(t)
	datadriven.RunTest(t, "testdata/prepare", func(t *testing.T, d *datadriven.TestData) string {
		var variables string
		form := 0
		for _, a := range d.CmdArgs {
			switch a.Key {
			case "vars":
				variables = strings.Join(a.Vals, ",")
			case "form":
				form = map[string]int{"plain": int(FormPlain), "keys": int(FormKeys), "split": int(FormSplit), "fields": int(FormFields)}[a.Vals[0]]
			}
		}
		doc, errs := s.Parse(d.Input, Limits{})
		if len(errs) > 0 {
			return fmt.Sprintf("%s: %s\n", errs[0].Code, errs[0].Message)
		}
		op, err := doc.Operation("")
		if err != nil {
			return err.Message + "\n"
		}
		vars, errs := op.Coerce([]byte(strings.ReplaceAll(variables, "'", `"`)))
		if len(errs) > 0 {
			var out string
			for _, e := range errs {
				out += e.Code + ": " + e.Message + "\n"
			}
			return out
		}
		p := op.Prepare(vars, Form(form), nil)
		values, verr := p.Values(vars)
		if verr != nil {
			return verr.Message + "\n"
		}
		var b strings.Builder
		for _, st := range p.Steps {
			b.WriteString(st.Text + "\n")
		}
		for i, v := range values {
			if v == nil {
				v = []byte("(absent)")
			}
			fmt.Fprintf(&b, "v%d = %s\n", i, v)
		}
		if len(p.Steps) > 0 && len(p.Steps[0].Names) > 0 {
			names, _ := json.Marshal(p.Steps[0].Names)
			fmt.Fprintf(&b, "names %s\n", names)
		}
		writeShape(&b, p.Shape, 0)
		return b.String()
	})
}

func writeShape(b *strings.Builder, s *execute.Shape, depth int) {
	if s.Abstract {
		for _, name := range []string{"A", "B"} {
			if fields, ok := s.Expand(name); ok {
				fmt.Fprintf(b, "%son %s\n", strings.Repeat("  ", depth), name)
				writeFields(b, fields, depth+1)
			}
		}
		return
	}
	writeFields(b, s.Fields, depth)
}

func writeFields(b *strings.Builder, fields []execute.Field, depth int) {
	for _, f := range fields {
		fmt.Fprintf(b, "%s%s", strings.Repeat("  ", depth), f.Name)
		if f.Key != f.Name {
			fmt.Fprintf(b, " (as %s)", f.Key)
		}
		b.WriteByte('\n')
		if f.Object != nil {
			writeShape(b, f.Object, depth+1)
		}
	}
}

// TestCoerce shows what becomes of a variable.
func TestCoerce(t *testing.T) {
	s := testSchema(t)
	for _, c := range []struct{ typ, given, want string }{
		{"Int", `3`, `3`},
		{"Int", `3.0`, `3`},
		{"Int", `2147483648`, `!does not fit Int`},
		{"Int", `"3"`, `!where Int is expected`},
		{"Int!", `null`, `!null is given where Int! is expected`},
		{"Int", `null`, `null`},
		{"[Int!]", `3`, `[3]`},
		{"[[Int]]", `[1,[2,null]]`, `[[1],[2,null]]`},
		{"[Int!]", `[1,null]`, `!at [1]`},
		{"Float", `1e3`, `1e3`},
		{"Float", `12345678901234567890`, `12345678901234567890`},
		{"ID", `12345678901234567890`, `"12345678901234567890"`},
		{"ID", `1.5`, `!where ID is expected`},
		{"String", `"<é>"`, `"<é>"`},
		{"Boolean", `1`, `!where Boolean is expected`},
		{"E", `"X"`, `"X"`},
		{"E", `"Z"`, `!is not a value of E`},
		{"In", `{"s":"a","deep":{"s":"b","list":7}}`, `{"s":"a","deep":{"s":"b","list":[7]}}`},
		{"In", `{"s":"a","deep":{"n":1}}`, `!at deep: the field "s" of In is required`},
		{"In", `{"s":"a","x":1}`, `!In has no field "x"`},
		{"In", `[1]`, `!where an object of type In is expected`},
		{"One", `{"a":1}`, `{"a":1}`},
		{"One", `{"a":1,"b":"c"}`, `!exactly one field`},
		{"One", `{"a":null}`, `!must not be null`},
		{"Any", `{"x":[1.50,"y"]}`, `{"x":[1.50,"y"]}`},
	} {
		v, err := decodeVariables([]byte(`{"v":` + c.given + `}`))
		if err != nil {
			t.Fatal(err)
		}
		typ, err := parseType(c.typ)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.coerce(nil, v["v"], typ)
		want, fails := strings.CutPrefix(c.want, "!")
		switch {
		case fails && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s as %s: %s %v, want an error with %q", c.given, c.typ, got, err, want)
		case !fails && (err != nil || string(got) != want):
			t.Errorf("%s as %s: %s %v, want %s", c.given, c.typ, got, err, want)
		}
	}
}

// TestLimitsCount: sizes are those of the expanded operation.
func TestLimitsCount(t *testing.T) {
	s := testSchema(t)
	doc := `{ a { ...F } x: a { ...F } } fragment F on A { b { id a { id } } y: name }`
	for name, c := range map[string]struct {
		limits Limits
		ok     bool
	}{
		"depth 4":   {Limits{Depth: 4}, true},
		"depth 3":   {Limits{Depth: 3}, false},
		"fields 12": {Limits{Fields: 12}, true},
		"fields 11": {Limits{Fields: 11}, false},
		"aliases 3": {Limits{Aliases: 3}, true},
		"aliases 2": {Limits{Aliases: 2}, false},
		"roots 2":   {Limits{RootFields: 2}, true},
		"roots 1":   {Limits{RootFields: 1}, false},
	} {
		_, errs := s.Parse(doc, c.limits)
		if (len(errs) == 0) != c.ok {
			t.Errorf("%s: %v", name, errs)
		}
	}
}

// TestLimitsOfDocuments: fragments that many operations share are counted for
// each of them.
func TestLimitsOfDocuments(t *testing.T) {
	s := testSchema(t)
	const fragment = ` fragment F on Query { a { id name } }` // three fields
	for n, ok := range map[int]bool{10: true, 11: false} {
		var doc strings.Builder
		for i := range n {
			fmt.Fprintf(&doc, "query Q%d { ...F } ", i)
		}
		if _, errs := s.Parse(doc.String()+fragment, Limits{Fields: 3}); (len(errs) == 0) != ok {
			t.Errorf("%d operations: %v", n, errs)
		}
	}
}

// FuzzOperation: whatever is read does not panic, and what passes can be
// prepared in every form.
func FuzzOperation(f *testing.F) {
	for _, seed := range []string{
		`{ a(x: 1) { id } }`, `query($v: [In!] = {s: "x"}) { a(y: $v) { id: name ... on Node { name } } }`, `mutation { first { id } second { id } }`,
		`{ n { __typename ... on A { price(cut: 3) } } __schema { types { name } } }`, `fragment F on A { ...F } { a { ...F } }`, `{ a @skip(if: true) { id } }`,
	} {
		f.Add(seed)
	}
	s := testSchema(f)
	f.Fuzz(func(t *testing.T, text string) {
		doc, errs := s.Parse(text, Limits{Tokens: 500, Fields: 500})
		if len(errs) > 0 {
			return
		}
		names := []string{""}
		for _, op := range doc.doc.Operations {
			names = append(names, op.Name)
		}
		sort.Strings(names)
		for _, name := range names {
			op, err := doc.Operation(name)
			if err != nil {
				continue
			}
			vars, verrs := op.Coerce(nil)
			if len(verrs) > 0 {
				continue
			}
			for form := FormPlain; form < forms; form++ {
				p := op.Prepare(vars, form, nil)
				for _, st := range p.Steps {
					if st.At != nil {
						continue
					}
					if _, errs := s.Parse(st.Text, Limits{Tokens: -1, Depth: -1, Aliases: -1, RootFields: -1, Fields: -1}); len(errs) > 0 && op.Kind() != "subscription" {
						t.Fatalf("%q became %q, which is not valid: %s", text, st.Text, errs[0].Message)
					}
				}
				_, _ = p.Values(vars)
			}
		}
	})
}

func parseType(text string) (*ast.Type, error) {
	doc, err := parser.ParseQuery(&ast.Source{Input: "query($v: " + text + ") { a }"})
	if err != nil {
		return nil, err
	}
	return doc.Operations[0].VariableDefinitions[0].Type, nil
}

// TestIntrospectionBehindAnAbstractType: where the query type is one of
// several behind a field, asking it about the schema is introspection too, and
// is known to be before the operation runs.
func TestIntrospectionBehindAnAbstractType(t *testing.T) {
	s, err := NewSchema(`
		interface Node { id: ID! }
		type Query implements Node { id: ID!  node: Node }
		type A implements Node { id: ID! }
	`, testPlanner{})
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]bool{
		`query($n: String!) { node { id ... on Query { __type(name: $n) { name } } } }`:                           true,
		`query($n: String!) { node { id ... on Query { node { ... on Query { __type(name: $n) { name } } } } } }`: true,
		`{ node { id ... on A { id } ... on Query { id } } }`:                                                     false,
	} {
		doc, errs := s.Parse(query, Limits{})
		if len(errs) > 0 {
			t.Fatal(errs[0])
		}
		op, oerr := doc.Operation("")
		if oerr != nil {
			t.Fatal(oerr)
		}
		p := op.Prepare(noVariables, FormPlain, nil)
		if op.Introspects() != want {
			t.Errorf("%s: introspects %t, want %t", query, op.Introspects(), want)
		}
		slots := len(p.slots)
		if _, ok := p.Shape.Fields[0].Object.Expand("Query"); !ok || len(p.slots) != slots {
			t.Errorf("%s: an answer made %d variables of %d", query, len(p.slots), slots)
		}
	}
}

// TestAliasesLikeOurs: a client's alias is never the name under which another
// of its fields travels.
func TestAliasesLikeOurs(t *testing.T) {
	s := testSchema(t)
	doc, errs := s.Parse(`{ a { _s0_id: price  id: name  _s1_id: b { id } } }`, Limits{})
	if len(errs) > 0 {
		t.Fatal(errs[0])
	}
	op, err := doc.Operation("")
	if err != nil {
		t.Fatal(err)
	}
	p := op.Prepare(noVariables, FormPlain, nil)
	keys := make(map[string]bool)
	for _, f := range p.Shape.Fields[0].Object.Fields {
		if keys[f.Key] {
			t.Errorf("two fields travel as %s in %s", f.Key, p.Steps[0].Text)
		}
		keys[f.Key] = true
		if got := p.Steps[0].Names[f.Key]; got != f.Name {
			t.Errorf("%s is called %q, want %q", f.Key, got, f.Name)
		}
	}
}
