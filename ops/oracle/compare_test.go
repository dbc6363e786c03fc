package main

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/starlinghq/starling/ops/oracle/graphs"
	"github.com/starlinghq/starling/ops/oracle/judge"
)

const fed2 = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@shareable"])` + "\n"

func pair(a, b string) []judge.Subgraph {
	return []judge.Subgraph{{Name: "a", SDL: fed2 + a}, {Name: "b", SDL: fed2 + b}}
}

func kinds(ds []difference) []string {
	out := make([]string, 0, len(ds))
	for _, d := range ds {
		out = append(out, d.kind)
	}
	return out
}

// TestCompareTells checks that each kind of disagreement is told, against verdicts made up from our own answers.
func TestCompareTells(t *testing.T) {
	ours, err := composeOurs(context.Background(), pair("type Query { x: Int }", "type Query { y: Int }"))
	if err != nil || !ours.ok() {
		t.Fatalf("%v %v", ours.result, err)
	}
	sdl := ours.result.Supergraph.SDL()
	refused, err := composeOurs(context.Background(), pair("type Query { x: Int }", "type Query { x: Int }"))
	if err != nil || refused.ok() {
		t.Fatalf("%v %v", refused.result, err)
	}
	sharing := judge.Finding{Code: "INVALID_FIELD_SHARING", Message: `Non-shareable field "Query.x" is resolved from multiple subgraphs`}
	for _, tt := range []struct {
		name   string
		ours   outcome
		theirs judge.Verdict
		want   []string
	}{
		{"alike", ours, judge.Verdict{OK: true, Supergraph: sdl}, nil},
		{"refused alike", refused, judge.Verdict{Errors: []judge.Finding{sharing}}, nil},
		{"acceptance", ours, judge.Verdict{Errors: []judge.Finding{sharing}}, []string{"false acceptance"}},
		{"refusal", refused, judge.Verdict{OK: true, Supergraph: sdl}, []string{"false refusal"}},
		{"codes", refused, judge.Verdict{Errors: []judge.Finding{{Code: "NO_QUERIES"}}}, []string{"codes"}},
		{"thrown", refused, judge.Verdict{Errors: []judge.Finding{{Code: "THROWN"}}}, nil},
		{"coordinate", refused, judge.Verdict{Errors: []judge.Finding{{Code: sharing.Code, Message: `field "Query.other"`}}}, []string{"coordinate"}},
		{"planning", ours, judge.Verdict{OK: true, Supergraph: strings.Replace(sdl, "x: Int", "x: Int!", 1)}, []string{"planning facts"}},
		{"facts", ours, judge.Verdict{OK: true, Supergraph: strings.Replace(sdl, "type Query", `"q" type Query`, 1)}, []string{"all facts"}},
		{"hints", ours, judge.Verdict{OK: true, Supergraph: sdl, Hints: []judge.Finding{{Code: "H"}}}, []string{"hints"}},
		{"api", ours, judge.Verdict{OK: true, Supergraph: sdl, API: "type Query { x: Int }"}, []string{"api"}},
		{"panic", outcome{panic: "oh"}, judge.Verdict{OK: true, Supergraph: sdl}, []string{"panic"}},
	} {
		ds, err := compare(tt.ours, &tt.theirs)
		if err != nil || !slices.Equal(kinds(ds), tt.want) && len(ds)+len(tt.want) > 0 {
			t.Errorf("%s: %v %v, want %v", tt.name, kinds(ds), err, tt.want)
		}
	}
}

// TestOperationsAreValid makes random operations on what random graphs compose to.
func TestOperationsAreValid(t *testing.T) {
	recipes, err := graphs.Recipes()
	if err != nil {
		t.Fatal(err)
	}
	composed := 0
	for i, r := range recipes {
		o, err := composeOurs(context.Background(), inputs(graphs.New(uint64(i), r)))
		if err != nil || !o.ok() {
			continue
		}
		composed++
		api := o.result.Supergraph.API()
		schema, err := gqlparser.LoadSchema(&ast.Source{Input: api.SDL()})
		if err != nil {
			t.Errorf("%s: the API schema is invalid: %v\n%s", r.Name, err, api.SDL())
			continue
		}
		for _, op := range operations(api.Document(), uint64(i), 5) {
			if _, errs := gqlparser.LoadQueryWithRules(schema, op, rules.NewDefaultRules()); errs != nil {
				t.Errorf("%s: %s\n%v", r.Name, op, errs)
			}
		}
	}
	if composed < 30 {
		t.Errorf("only %d graphs compose", composed)
	}
}

func TestCutsMakeSmaller(t *testing.T) {
	recipes, err := graphs.Recipes()
	if err != nil {
		t.Fatal(err)
	}
	size := func(g *graphs.Graph) (n int) {
		for _, s := range inputs(g) {
			n += len(s.SDL) + len(s.URL)
		}
		return n
	}
	g := graphs.New(3, recipes[0])
	before := size(g)
	for i, c := range cuts(g) {
		if smaller := c(g.Clone()); smaller != nil && size(smaller) >= before {
			t.Errorf("cut %d does not make the graph smaller", i)
		}
	}
	if size(g) != before {
		t.Error("a cut of a clone changed the graph")
	}
}
