package router

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/starlinghq/starling/internal/testenv"
	"github.com/starlinghq/starling/router/internal/engine"
	"github.com/starlinghq/starling/router/internal/operation"
	"github.com/starlinghq/starling/router/internal/operation/operationtest"
)

type corpusEntry struct {
	ID     string `json:"id"`
	Apollo struct {
		OK         bool   `json:"ok"`
		Supergraph string `json:"supergraph"`
	} `json:"apollo"`
}

func corpus(t testing.TB) []corpusEntry {
	t.Helper()
	f, err := os.Open(testenv.Shared(t, "corpus", "composition", "open.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var out []corpusEntry
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e corpusEntry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		if e.Apollo.OK {
			out = append(out, e)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestCorpus loads every supergraph of the corpus and plans random operations
// on each. Those with @context are refused, by name.
func TestCorpus(t *testing.T) {
	const operations = 20
	loaded, refused, planned, limited := 0, 0, 0, 0
	for n, e := range corpus(t) {
		cfg := Config{Source: Static(e.Apollo.Supergraph), Transport: newFakes(t).transport}.withDefaults()
		g, err := load(t.Context(), &cfg, e.Apollo.Supergraph)
		if strings.Contains(e.Apollo.Supergraph, "contextArguments: [{") {
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
			case errors.As(err, &pe) && hasNestedKeys(e.Apollo.Supergraph):
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
	p, err := g.planForms(t.Context(), o, vars, decisions{}, operation.FormPlain)
	if err != nil {
		return err
	}
	if _, verr := p.Values(vars); verr != nil {
		return verr
	}
	return nil
}
