package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/starlinghq/starling/ops/oracle/graphs"
	"github.com/starlinghq/starling/ops/oracle/judge"
)

// tally counts what arose in a run.
type tally struct {
	mu       sync.Mutex
	graphs   int
	composed int
	codes    map[string]int // by graphs
	hints    map[string]int
	versions map[string]int
	excepted map[string]int
	groups   map[string]*group
}

// group are the differences of one kind and signature.
type group struct {
	difference
	recipe string
	seed   uint64
	count  int
	graph  *graphs.Graph
	shrunk bool
}

func newTally() *tally {
	return &tally{
		codes: map[string]int{}, hints: map[string]int{}, versions: map[string]int{}, excepted: map[string]int{}, groups: map[string]*group{},
	}
}

// judge asks both composers about a graph and notes what they say.
func (t *tally) judge(ctx context.Context, p *judge.Process, seed uint64, recipe string, g *graphs.Graph) error {
	ds, theirs, err := judged(ctx, p, inputs(g))
	if err != nil {
		return fmt.Errorf("recipe %s, seed %d: %w", recipe, seed, err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.graphs++
	if theirs.OK {
		t.composed++
	}
	for _, c := range judgeCodes(theirs.Errors) {
		t.codes[c]++
	}
	for _, c := range judgeCodes(theirs.Hints) {
		t.hints[c]++
	}
	for _, s := range g.Subgraphs {
		t.versions[s.Version]++
	}
	for _, d := range ds {
		t.note(d, g, recipe, seed, theirs)
	}
	return nil
}

func (t *tally) note(d difference, g *graphs.Graph, recipe string, seed uint64, theirs *judge.Verdict) {
	if reason := exception(d, theirs); reason != "" {
		t.excepted[reason]++
		return
	}
	key := d.kind + "\x00" + d.signature
	if t.groups[key] == nil {
		t.groups[key] = &group{difference: d, recipe: recipe, seed: seed, graph: g}
	}
	t.groups[key].count++
}

// sorted lists the groups, the most frequent first.
func (t *tally) sorted() []*group {
	return slices.SortedFunc(maps.Values(t.groups), func(a, b *group) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.kind, b.kind), cmp.Compare(a.signature, b.signature))
	})
}

func (t *tally) shrinkExamples(ctx context.Context, npm string, most int) error {
	if len(t.groups) == 0 {
		return nil
	}
	p, err := judge.Start(ctx, npm, "verdict.mjs", os.Stderr)
	if err != nil {
		return err
	}
	for i, g := range t.sorted() {
		if i == most {
			break
		}
		g.graph = shrink(ctx, p, g.graph, g.difference)
		if ds, _, err := judged(ctx, p, inputs(g.graph)); err == nil {
			for _, d := range ds {
				if d.kind == g.kind && d.signature == g.signature {
					g.difference = d
				}
			}
		}
		g.shrunk = true
	}
	return p.Close()
}

func (t *tally) print(out io.Writer) {
	fmt.Fprintf(out, "%d graphs, %d compose (%.1f %%)\n", t.graphs, t.composed, 100*float64(t.composed)/float64(max(1, t.graphs)))
	printCounts(out, "codes", t.codes)
	printCounts(out, "hints", t.hints)
	printCounts(out, "versions of subgraphs", t.versions)
	printCounts(out, "listed exceptions", t.excepted)
	total := 0
	for _, g := range t.groups {
		total += g.count
	}
	fmt.Fprintf(out, "differences that are not listed: %d, of %d kinds\n", total, len(t.groups))
	for _, g := range t.sorted() {
		fmt.Fprintf(out, "\n## %s: %s\n%d times, first with -recipe %s, seed %d\n", g.kind, g.signature, g.count, g.recipe, g.seed)
		if !g.shrunk {
			continue
		}
		for _, s := range inputs(g.graph) {
			fmt.Fprintf(out, "# %s\n%s", s.Name, s.SDL)
		}
		fmt.Fprintf(out, "----\n%s\n", strings.TrimRight(g.detail, "\n"))
	}
}

func printCounts(out io.Writer, what string, counts map[string]int) {
	fmt.Fprintf(out, "%s (%d):", what, len(counts))
	for _, k := range slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b)) }) {
		fmt.Fprintf(out, " %s %d,", cmp.Or(k, "federation 1"), counts[k])
	}
	fmt.Fprintln(out)
}

// uncovered lists what the run should have brought about and did not.
func (t *tally) uncovered(least int) []string {
	var out []string
	if share := float64(t.composed) / float64(max(1, t.graphs)); share < 0.35 || share > 0.65 {
		out = append(out, fmt.Sprintf("%.0f %% of the graphs compose, want 35 to 65", 100*share))
	}
	for _, c := range mustArise() {
		if n := t.codes[c] + t.hints[c]; n < least {
			out = append(out, fmt.Sprintf("%s arose %d times, want %d", c, n, least))
		}
	}
	for _, v := range append([]string{""}, graphs.Versions...) {
		if t.versions[v] < least {
			out = append(out, "federation "+cmp.Or(v, "1"))
		}
	}
	return out
}
