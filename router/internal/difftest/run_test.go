package difftest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/starlinghq/starling/router/internal/operation/operationtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The size of the run that the coverage table is about: every row has at least
// fullRow operations when there are fullOperations, and half of that in
// proportion in a shorter run.
const (
	fullOperations = 100_000
	fullRow        = 200
	fewOperations  = 2_500 // with less, rows may be empty
)

// TestDifferential runs random operations over graphs and compares the answers
// with the oracle's. By default it is a short run. The environment sizes it:
//
//	STARLING_DIFF_GRAPHS      how many graphs, those of the corpus first
//	STARLING_DIFF_OPERATIONS  how many operations on each
//	STARLING_DIFF_SEED        the seed
//	STARLING_DIFF_GRAPH       only graphs whose name begins like this
//	STARLING_DIFF_COVERAGE    a file to write the coverage table to
//	STARLING_DIFF_SHOW        how many failures to print (default 30)
//
// The full run is 1,000 graphs with 100 operations each.
func TestDifferential(t *testing.T) {
	run := newRun(t)
	fromCorpus := 0
	t.Run("corpus", func(t *testing.T) {
		for n, e := range corpus(t) {
			fromCorpus++
			run.graph(t, e, n, run.eachOfCorpus)
		}
	})
	t.Run("generated", func(t *testing.T) {
		run.generated(t, number(t, "STARLING_DIFF_GRAPHS", fromCorpus+run.generatedByDefault)-fromCorpus)
	})
	run.report(t)
}

// generated runs generated graphs: each motif by itself first, then mixtures of
// motifs, and every fourth graph a random one.
func (c *run) generated(t *testing.T, want int) {
	for n, seed := 0, uint64(c.seed*1_000_000); n < want; seed++ {
		var e entry
		var err error
		switch {
		case n < len(motifs):
			e, err = generateMotifs(seed, map[string]int{}, motifs[n].name)
			e.ID = motifs[n].name + " " + e.ID
		case n%4 == 0:
			var ok bool
			if e, ok = generateGraph(seed, featureCounts{}); !ok {
				err = fmt.Errorf("does not compose")
			}
		default:
			e, err = generateMotifs(seed, map[string]int{})
		}
		if err != nil {
			c.skipped["does not compose"]++
			continue
		}
		c.graph(t, e, n, c.each)
		n++
	}
}

// run is the state of a differential run.
type run struct {
	each, eachOfCorpus, seed int // operations on a graph
	generatedByDefault       int // graphs
	only                     string
	counts                   map[outcome]int
	skipped                  map[string]int
	coverage                 *coverage
	graphs, faulty           int
	shown, show              int // failures: so far, and how many are printed
}

func newRun(t testing.TB) *run {
	c := &run{
		each: 15, eachOfCorpus: 4, generatedByDefault: 110, seed: number(t, "STARLING_DIFF_SEED", 7), only: os.Getenv("STARLING_DIFF_GRAPH"),
		show:   number(t, "STARLING_DIFF_SHOW", 30),
		counts: map[outcome]int{}, skipped: map[string]int{}, coverage: newCoverage(),
	}
	if testing.Short() {
		c.each, c.eachOfCorpus, c.generatedByDefault = 3, 1, len(motifs)
	}
	c.each, c.eachOfCorpus = number(t, "STARLING_DIFF_OPERATIONS", c.each), number(t, "STARLING_DIFF_OPERATIONS", c.eachOfCorpus)
	return c
}

// graph runs the operations on one graph.
func (c *run) graph(t *testing.T, e entry, n, operations int) {
	if !strings.HasPrefix(e.ID, c.only) {
		return
	}
	h, err := newHarness(t, e, uint64(n*c.seed))
	if err != nil {
		c.skipped[reason(err)]++
		return
	}
	defer h.stop()
	if c.graphs++; c.graphs%100 == 0 {
		t.Log(c)
	}
	r := rand.New(rand.NewPCG(uint64(n), uint64(c.seed)))
	shuffled := &shuffledRouters{h: h, sdl: e.SDL}
	defer shuffled.stop()
	for range operations {
		op, ok := operationtest.Generate(r, h.client, operationtest.Options{Depth: 2 + r.IntN(5), Width: 2 + r.IntN(2), Mutation: h.client.Mutation != nil && r.IntN(8) == 0})
		if ok {
			c.operation(t, e, h, op, r, shuffled)
		}
	}
}

// operation runs one operation: on the router, then with a fault, or with the
// plans of routers that know the subgraphs in other orders.
func (c *run) operation(t *testing.T, e entry, h *harness, op operationtest.Operation, r *rand.Rand, shuffled *shuffledRouters) {
	result, text := h.compare(op)
	if result == wrong && (strings.Contains(text, "nothing can be the value") || strings.Contains(text, "no value for the enum")) {
		c.skipped["a world that cannot be"]++
		return
	}
	rows := h.rows()
	if result == equal && r.IntN(20) == 0 {
		result, text = shuffled.compare(t, op, r)
		rows["planned 15 times"] = true
	}
	var tr trouble
	if result == equal && r.IntN(2) == 0 {
		tr = h.drawTrouble(r)
		result, text = h.inTrouble(op, tr)
		c.faulty++
	}
	c.counts[result]++
	switch result {
	case equal:
		c.coverage.add(rows)
	case refused:
		c.fail(t, e, h, op, tr, result, "refused: "+text)
	case wrong:
		c.fail(t, e, h, op, tr, result, text)
	}
}

// fail reports what fails the run: the first few in full, and smaller where
// that can be.
func (c *run) fail(t *testing.T, e entry, h *harness, op operationtest.Operation, tr trouble, result outcome, text string) {
	if c.shown++; c.shown > c.show {
		return
	}
	t.Errorf("%s: %s\n%s\n%s", e.ID, text, op.Text, op.Variables)
	small := ""
	if c.shown < 4 {
		small = shrunk(t, e, h.world.seed, op, tr, result, text)
	}
	if small != "" {
		t.Logf("as a case of testdata:\n%s", small)
	} else if strings.Contains(e.ID, "generated") || strings.Contains(e.ID, "motifs") {
		e.show(t)
	}
}

// show logs a graph.
func (e entry) show(t testing.TB) {
	for _, s := range e.Subgraphs {
		t.Logf("subgraph %s:\n%s", s.Name, s.SDL)
	}
}

// operations is how many were compared so far.
func (c *run) operations() int { return c.counts[equal] + c.counts[refused] + c.counts[wrong] }

func (c *run) String() string {
	return fmt.Sprintf("seed %d: %d graphs, %d operations: %d equal, %d refused, %d wrong; %d of them with a faulty subgraph too; skipped %v",
		c.seed, c.graphs, c.operations(), c.counts[equal], c.counts[refused], c.counts[wrong], c.faulty, c.skipped)
}

func (c *run) report(t *testing.T) {
	all := c.operations()
	t.Log(c)
	if path := os.Getenv("STARLING_DIFF_COVERAGE"); path != "" {
		if err := os.WriteFile(path, []byte(c.coverage.String()), 0o644); err != nil {
			t.Error(err)
		}
	}
	least := fullRow
	if all < fullOperations {
		least = max(1, fullRow*all/fullOperations/2)
	}
	if c.only != "" || all < fewOperations {
		return // too little to expect every row
	}
	t.Logf("coverage:\n%s", c.coverage)
	for _, row := range c.coverage.below(least) {
		t.Errorf("too little coverage, want %d: %s", least, row)
	}
}

func reason(err error) string {
	if strings.Contains(err.Error(), "@context") {
		return "@context"
	}
	return err.Error()
}
