package router

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/starlinghq/starling/router/internal/engine"
	"github.com/starlinghq/starling/router/internal/operation"
	"github.com/starlinghq/starling/router/internal/operation/operationtest"
	"github.com/starlinghq/starling/schema/supergraph/supergraphtest"
)

// TestCorpus loads every supergraph of the corpus and plans random operations
// on each. Those with @context are refused, by name.
func TestCorpus(t *testing.T) {
	const operations = 20
	loaded, refused, planned, limited := 0, 0, 0, 0
	for n, e := range supergraphtest.Composing(t) {
		cfg := Config{Source: Static(e.Judge.Supergraph), Transport: newFakes(t).transport}.withDefaults()
		g, err := load(t.Context(), &cfg, e.Judge.Supergraph)
		if strings.Contains(e.Judge.Supergraph, "contextArguments: [{") {
			if err == nil || !strings.Contains(err.Error(), "@context") {
				t.Errorf("%s has a context: load = %v, want an error that names @context", e.ID, err)
			}
			refused++
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", e.ID, err)
			continue
		}
		loaded++
		r := rand.New(rand.NewPCG(1, uint64(n)))
		for range operations {
			op, ok := operationtest.Generate(r, g.schema.AST(), operationtest.Options{Mutation: r.IntN(10) == 0})
			if !ok {
				continue
			}
			err := planOne(t, g, op)
			var pe *engine.PlanError
			switch {
			case err == nil:
				planned++
			case errors.As(err, &pe) && hasNestedKeys(e.Judge.Supergraph):
				limited++
			default:
				t.Errorf("%s: %v\n%s\n%s", e.ID, err, op.Text, op.Variables)
			}
		}
	}
	t.Logf("%d supergraphs loaded, %d refused for @context; %d operations planned, %d beyond the planner", loaded, refused, planned, limited)
	if limited*1000 > 3*planned {
		t.Errorf("%d of %d operations are beyond the planner, want at most 0.3 %%", limited, planned)
	}
}

// hasNestedKeys tells the graphs on which the planner may give up: a key with
// the fields of an object in it, where the way from one such key to another
// leads over a third subgraph.
func hasNestedKeys(sdl string) bool { return nestedKey.MatchString(sdl) }

var nestedKey = regexp.MustCompile(`@join__type\([^)]*key: "[^"]*\{`)

func planOne(t testing.TB, g *graph, op operationtest.Operation) error {
	doc, errs := g.schema.Parse(op.Text, operation.Limits{})
	if len(errs) > 0 {
		return fmt.Errorf("parse: %s", errs[0].Message)
	}
	o, oerr := doc.Operation("")
	if oerr != nil {
		return oerr
	}
	vars, errs := o.Coerce(op.Variables)
	if len(errs) > 0 {
		return fmt.Errorf("variables: %s", errs[0].Message)
	}
	p, err := g.planForms(t.Context(), &asking{document: &document{op: o}, vars: vars}, operation.FormPlain)
	if err != nil {
		return err
	}
	if _, verr := p.Values(vars); verr != nil {
		return verr
	}
	return nil
}
