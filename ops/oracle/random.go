package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"

	"github.com/starlinghq/starling/ops/oracle/graphs"
	"github.com/starlinghq/starling/ops/oracle/judge"
)

type randomConfig struct {
	count   int
	seed    uint64
	recipe  string
	workers int
	least   int
	shown   int
}

// runRandom judges random graphs, recipe after recipe in turn.
func runRandom(ctx context.Context, npm string, args []string, out io.Writer) error {
	var cfg randomConfig
	if err := flags("random", args, func(fs *flag.FlagSet) {
		fs.IntVar(&cfg.count, "n", 20_000, "how many graphs")
		fs.Uint64Var(&cfg.seed, "seed", 1, "seed of the first graph; the next have the next seeds")
		fs.StringVar(&cfg.recipe, "recipe", "", "only this recipe")
		fs.IntVar(&cfg.workers, "workers", 2, "judges at work at a time")
		fs.IntVar(&cfg.least, "least", 20, "how often each code and hint must arise")
		fs.IntVar(&cfg.shown, "show", 40, "how many kinds of difference to shrink and show")
	}); err != nil {
		return err
	}
	recipes, err := graphs.Recipes()
	if err != nil {
		return err
	}
	if cfg.recipe != "" {
		recipes = slices.DeleteFunc(recipes, func(r graphs.Recipe) bool { return r.Name != cfg.recipe })
	}
	if len(recipes) == 0 {
		return fmt.Errorf("no recipe is called %q", cfg.recipe)
	}
	t, err := judgeAll(ctx, npm, cfg, func(i int) (string, *graphs.Graph) {
		r := recipes[i%len(recipes)]
		return r.Name, graphs.New(cfg.seed+uint64(i), r)
	})
	if err != nil {
		t.print(out) // what was judged until then
		return err
	}
	if err := t.shrinkExamples(ctx, npm, cfg.shown); err != nil {
		return err
	}
	t.print(out)
	var missing []string
	if cfg.recipe == "" {
		missing = t.uncovered(cfg.least)
	}
	for _, m := range missing {
		fmt.Fprintln(out, "not covered:", m)
	}
	if len(t.groups) > 0 || len(missing) > 0 {
		return errDiffers
	}
	return nil
}

// judgeAll spreads the graphs over workers, each with a judge of its own. next gives the i-th and the name of its recipe.
func judgeAll(ctx context.Context, npm string, cfg randomConfig, next func(i int) (string, *graphs.Graph)) (*tally, error) {
	t := newTally()
	errs := make([]error, cfg.workers)
	var wg sync.WaitGroup
	for w := range cfg.workers {
		wg.Go(func() {
			p, err := judge.Start(ctx, npm, "verdict.mjs", os.Stderr)
			if err != nil {
				errs[w] = err
				return
			}
			for i := w; i < cfg.count && err == nil && ctx.Err() == nil; i += cfg.workers {
				recipe, g := next(i)
				err = t.judge(ctx, p, cfg.seed+uint64(i), recipe, g)
			}
			errs[w] = errors.Join(err, p.Close())
		})
	}
	wg.Wait()
	return t, errors.Join(append(errs, ctx.Err())...)
}

func inputs(g *graphs.Graph) []judge.Subgraph {
	out := make([]judge.Subgraph, 0, len(g.Subgraphs))
	for _, s := range g.Subgraphs {
		out = append(out, judge.Subgraph{Name: s.Name, URL: s.URL, SDL: s.SDL()})
	}
	return out
}

// judged composes an input with both and compares.
func judged(ctx context.Context, p *judge.Process, subgraphs []judge.Subgraph) ([]difference, *judge.Verdict, error) {
	theirs, err := p.Verdict(subgraphs, true)
	if err != nil {
		return nil, nil, err
	}
	ours, err := composeOurs(ctx, subgraphs)
	if err != nil {
		return nil, theirs, err
	}
	ds, err := compare(ours, theirs)
	for i := range ds {
		for _, s := range subgraphs {
			ds[i].input += s.SDL
		}
	}
	return ds, theirs, err
}
