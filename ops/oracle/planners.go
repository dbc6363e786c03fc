package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/starlinghq/starling/ops/oracle/judge"
	"github.com/starlinghq/starling/schema/supergraph"
	"github.com/starlinghq/starling/schema/supergraph/supergraphtest"
)

const operationsPerInput = 20

// planning is the answer of npm/plan.mjs.
type planning struct {
	Error string `json:"error"`
	Plans []plan `json:"plans"`
	// aborted says that the planner took the process down.
	aborted bool
}

type plan struct {
	Error   string   `json:"error"`
	Fetches []string `json:"fetches"`
}

// runPlanners gives our supergraphs and the judge's of the recorded inputs to two foreign planners, which must treat them alike.
func runPlanners(ctx context.Context, npm string, args []string, out io.Writer) error {
	corpus, seed := sharedFile("corpus", "composition", "open.jsonl.gz"), uint64(1)
	if err := flags("planners", args, func(fs *flag.FlagSet) {
		fs.StringVar(&corpus, "corpus", corpus, "recorded inputs")
		fs.Uint64Var(&seed, "seed", seed, "seed of the operations")
	}); err != nil {
		return err
	}
	inputs, err := supergraphtest.ReadCorpus(corpus)
	if err != nil {
		return err
	}
	inputs = slices.DeleteFunc(inputs, func(in supergraphtest.Input) bool { return !in.Judge.OK })
	differs := false
	for _, name := range []string{"apollo", "hive"} {
		ok, err := comparePlanner(ctx, npm, name, inputs, seed, out)
		if err != nil {
			return err
		}
		differs = differs || !ok
	}
	if differs {
		return errDiffers
	}
	return nil
}

// sharedFile is a file of the shared corpora, which lie beside the checkout or where STARLING_SHARED says.
func sharedFile(elem ...string) string {
	if dir := os.Getenv("STARLING_SHARED"); dir != "" {
		return filepath.Join(append([]string{dir}, elem...)...)
	}
	npm, err := npmFolder()
	if err != nil {
		return ""
	}
	return filepath.Join(append([]string{npm, "..", "..", "..", "..", "shared"}, elem...)...)
}

// comparePlanner gives each input's two supergraphs to one planner.
func comparePlanner(ctx context.Context, npm, name string, inputs []supergraphtest.Input, seed uint64, out io.Writer) (bool, error) {
	p := &planner{ctx: ctx, npm: npm, name: name}
	alike, ops, planned := 0, 0, 0
	var aborted, differ []string
	for _, in := range inputs {
		ours, err := composeOurs(ctx, judgeInput(in))
		if err != nil {
			return false, err
		}
		if !ours.ok() {
			differ = append(differ, in.ID+": we refuse it")
			continue
		}
		model, err := supergraph.Parse(in.ID, in.Judge.Supergraph)
		if err != nil {
			return false, err
		}
		asked := operations(model.API().Document(), seed, operationsPerInput)
		theirs, err := p.ask(in.Judge.Supergraph, asked)
		if err != nil {
			return false, err
		}
		if theirs.aborted {
			aborted = append(aborted, in.ID)
			continue
		}
		own, err := p.ask(ours.result.Supergraph.SDL(), asked)
		if err != nil {
			return false, err
		}
		if d := unlike(theirs, own, asked); d != "" {
			differ = append(differ, in.ID+": "+d)
			continue
		}
		alike++
		for _, pl := range theirs.Plans {
			ops++
			if pl.Error == "" {
				planned++
			}
		}
	}
	fmt.Fprintf(out, "%s: %d of %d inputs alike, %d operations, %d planned; left out, as the planner aborts on the judge's SDL: %d %s\n",
		name, alike, len(inputs), ops, planned, len(aborted), strings.Join(aborted, " "))
	for _, d := range differ {
		fmt.Fprintf(out, "  %s\n", d)
	}
	return len(differ) == 0, p.close()
}

func judgeInput(in supergraphtest.Input) []judge.Subgraph {
	out := make([]judge.Subgraph, 0, len(in.Subgraphs))
	for _, s := range in.Subgraphs {
		out = append(out, judge.Subgraph(s))
	}
	return out
}

// unlike says how two plannings differ, empty if they do not.
func unlike(theirs, ours planning, asked []string) string {
	switch {
	case ours.aborted:
		return "the planner aborts on our SDL only"
	case (theirs.Error == "") != (ours.Error == ""):
		return fmt.Sprintf("loads one SDL only: judge's %q, ours %q", theirs.Error, ours.Error)
	}
	for i := range theirs.Plans {
		t, o := theirs.Plans[i], ours.Plans[i]
		if (t.Error == "") != (o.Error == "") || !slices.Equal(t.Fetches, o.Fetches) {
			return fmt.Sprintf("%s\n    judge's: %v %.200s\n    ours:    %v %.200s", asked[i], t.Fetches, t.Error, o.Fetches, o.Error)
		}
	}
	return ""
}

// planner is a planner process that is started again when it aborts.
type planner struct {
	ctx       context.Context //nolint:containedctx // lives for one call of comparePlanner
	npm, name string
	process   *judge.Process
}

func (p *planner) ask(sdl string, operations []string) (planning, error) {
	if p.process == nil {
		process, err := judge.Start(p.ctx, p.npm, "plan.mjs", io.Discard)
		if err != nil {
			return planning{}, err
		}
		p.process = process
	}
	var answer planning
	err := p.process.Ask(map[string]any{"planner": p.name, "supergraph": sdl, "operations": operations}, &answer)
	if err == nil {
		return answer, nil
	}
	closed := p.close()
	if errors.Is(err, io.EOF) && p.ctx.Err() == nil {
		return planning{aborted: true}, nil
	}
	return planning{}, errors.Join(err, closed)
}

func (p *planner) close() error {
	if p.process == nil {
		return nil
	}
	err := p.process.Close()
	p.process = nil
	return err
}
