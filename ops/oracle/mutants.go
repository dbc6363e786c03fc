package main

import (
	"context"
	"flag"
	"fmt"
	"io"

	"github.com/starlinghq/starling/ops/oracle/graphs"
	"github.com/starlinghq/starling/schema/supergraph/supergraphtest"
)

// runMutants judges graphs that are recorded inputs with changes at random.
func runMutants(ctx context.Context, npm string, args []string, out io.Writer) error {
	cfg := randomConfig{workers: 2}
	corpus, changes := sharedFile("corpus", "composition", "open.jsonl.gz"), 3
	if err := flags("mutants", args, func(fs *flag.FlagSet) {
		fs.IntVar(&cfg.count, "n", 5_000, "how many graphs")
		fs.Uint64Var(&cfg.seed, "seed", 1, "seed of the first graph; the next have the next seeds")
		fs.IntVar(&changes, "changes", changes, "at most so many changes to an input; 0 reads it and prints it again")
		fs.IntVar(&cfg.workers, "workers", cfg.workers, "judges at work at a time")
		fs.IntVar(&cfg.shown, "show", 40, "how many kinds of difference to shrink and show")
		fs.StringVar(&corpus, "corpus", corpus, "recorded inputs")
	}); err != nil {
		return err
	}
	pool, err := readPool(corpus)
	if err != nil {
		return err
	}
	t, err := judgeAll(ctx, npm, cfg, func(i int) (string, *graphs.Graph) {
		seed := cfg.seed + uint64(i)
		return "mutant", graphs.Mutant(seed, pool, min(changes, 1+i%max(1, changes)))
	})
	if err != nil {
		t.print(out)
		return err
	}
	if err := t.shrinkExamples(ctx, npm, cfg.shown); err != nil {
		return err
	}
	t.print(out)
	if len(t.groups) > 0 {
		return errDiffers
	}
	return nil
}

func readPool(corpus string) ([]*graphs.Graph, error) {
	recorded, err := supergraphtest.ReadCorpus(corpus)
	if err != nil {
		return nil, err
	}
	pool := make([]*graphs.Graph, 0, len(recorded))
	for _, in := range recorded {
		g := &graphs.Graph{}
		for _, s := range in.Subgraphs {
			read, err := graphs.Read(s.Name, s.URL, s.SDL)
			if err != nil {
				return nil, fmt.Errorf("input %s: %w", in.ID, err)
			}
			g.Subgraphs = append(g.Subgraphs, read)
		}
		pool = append(pool, g)
	}
	return pool, nil
}
