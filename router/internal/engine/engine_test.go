package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/starlinghq/starling/router/internal/engine"
	"github.com/starlinghq/starling/router/internal/execute"
	"github.com/starlinghq/starling/router/internal/operation"
	"github.com/starlinghq/starling/schema/compose"
	"github.com/starlinghq/starling/schema/supergraph"
)

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@requires", "@provides", "@override", "@inaccessible", "@interfaceObject"])` + "\n"

// composed composes subgraphs that are written one after the other, each
// below a line "# name".
func composed(t testing.TB, text string) *supergraph.Schema {
	t.Helper()
	var in []compose.Subgraph
	for _, part := range strings.Split("\n"+text, "\n# ")[1:] {
		name, sdl, _ := strings.Cut(part, "\n")
		in = append(in, compose.Subgraph{Name: name, URL: "http://" + name + ".test/", SDL: link + sdl})
	}
	res, err := compose.Compose(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Errors) > 0 {
		t.Fatalf("the graph does not compose: %v", res.Errors)
	}
	s, err := supergraph.Parse("supergraph", res.Supergraph.SDL())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// planned plans an operation in the first form that can be planned.
func planned(t testing.TB, e *engine.Engine, s *supergraph.Schema, text string, labels []string) string {
	t.Helper()
	client, err := operation.NewSchema(s.API().SDL(), e)
	if err != nil {
		t.Fatal(err)
	}
	doc, errs := client.Parse(text, operation.Limits{})
	if len(errs) > 0 {
		t.Fatal(errs[0])
	}
	op, oerr := doc.Operation("")
	if oerr != nil {
		t.Fatal(oerr)
	}
	vars, errs := op.Coerce(nil)
	if len(errs) > 0 {
		t.Fatal(errs[0])
	}
	for form, more := operation.FormPlain, true; more; form, more = form.Next() {
		p := op.Prepare(vars, form, nil)
		if p.Incomplete {
			continue
		}
		var b strings.Builder
		fmt.Fprintf(&b, "form %d\n", form)
		for i := range p.Steps {
			step := &p.Steps[i]
			in := engine.Operation{Text: step.Text, Slots: step.Slots, Names: step.Names, Labels: labels}
			if step.At != nil {
				in.At = &engine.At{Field: operation.AtField(step.At.Type), Type: step.At.Type, Key: step.At.Key, Path: step.At.Path}
				fmt.Fprintf(&b, "at %s %s\n", strings.Join(step.At.Path, "."), step.At.Type)
			}
			plan, err := e.Plan(t.Context(), in)
			if err != nil {
				b.Reset() // the planner's words are in no certain order
				break
			}
			node(&b, plan.Root, "")
		}
		if b.Len() > 0 {
			return b.String()
		}
	}
	return "cannot be planned in any form\n"
}

// node prints a step of a plan.
func node(b *strings.Builder, n *execute.Node, indent string) {
	switch {
	case n == nil:
	case n.Copy != nil:
		fmt.Fprintf(b, "%scopy %v\n", indent, n.Copy.Members)
	case n.Fetch != nil:
		fetch(b, n.Fetch, indent)
	default:
		name := "sequence"
		if n.Parallel {
			name = "parallel"
		}
		fmt.Fprintf(b, "%s%s\n", indent, name)
		for _, c := range n.Children {
			node(b, c, indent+"  ")
		}
	}
}

func fetch(b *strings.Builder, f *execute.Fetch, indent string) {
	fmt.Fprintf(b, "%s%s %s%s\n", indent, f.Subgraph, f.Query, variables(f.Variables))
	for _, e := range f.Entries {
		path := ""
		for _, s := range e.Path {
			path += "." + s.Key
			if len(s.Types) > 0 {
				path += "<" + strings.Join(s.Types, "|") + ">"
			}
		}
		fmt.Fprintf(b, "%s  %s at %s by %s%s\n", indent, e.Alias, strings.TrimPrefix(path, "."), representation(&e.Representation), variables(e.Variables))
	}
}

func variables(vars []execute.Variable) string {
	out := ""
	for _, v := range vars {
		if v.Static != nil {
			out += fmt.Sprintf(" %s%s", v.Prefix, v.Static)
		} else {
			out += fmt.Sprintf(" %s$v%d", v.Prefix, v.Slot)
		}
	}
	return out
}

func representation(r *execute.Representation) string {
	var parts []string
	for _, f := range r.Fields {
		part := f.Name
		if f.Static != "" {
			part += fmt.Sprintf("=%q", f.Static)
		} else if f.Key != f.Name {
			part += ":" + f.Key
		}
		if len(f.Types) > 0 {
			part += "<" + strings.Join(f.Types, "|") + ">"
		}
		if f.Object != nil {
			part += representation(f.Object)
		}
		parts = append(parts, part)
	}
	return "{" + strings.Join(parts, " ") + "}"
}

// TestPlans derives the planner's view of graphs and plans operations on them.
//
// "graph" composes subgraphs and prints what the planner is told of each;
// "plan" prints the plan of an operation.
func TestPlans(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		var s *supergraph.Schema
		var e *engine.Engine
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "graph":
				s = composed(t, d.Input)
				var err error
				if e, err = engine.New(t.Context(), s, engine.Config{}); err != nil {
					return err.Error() + "\n"
				}
				return engine.Describe(e)
			case "plan":
				var labels []string
				for _, a := range d.CmdArgs {
					if a.Key == "labels" {
						labels = a.Vals
					}
				}
				return planned(t, e, s, d.Input, labels)
			}
			t.Fatalf("unknown command %s", d.Cmd)
			return ""
		})
	})
}

// TestPlanningEndsWithItsContext: nothing is tried any more for an operation
// that nobody waits for, and it is not said to be one that cannot be planned.
func TestPlanningEndsWithItsContext(t *testing.T) {
	e, err := engine.New(t.Context(), composed(t, "# a\ntype Query { a: Int }"), engine.Config{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 20 { // whoever waits has two ways to go on
		if _, err := e.Plan(ctx, engine.Operation{Text: "query O{b}"}); !errors.Is(err, context.Canceled) {
			t.Fatalf("the error is %v", err)
		}
	}
	var pe *engine.PlanError
	if _, err := e.Plan(t.Context(), engine.Operation{Text: "query O{b}"}); !errors.As(err, &pe) {
		t.Errorf("the error is %v", err)
	}
}
