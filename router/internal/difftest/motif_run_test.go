package difftest

import (
	"testing"
)

// TestMotifs: every motif composes, by itself and with others.
func TestMotifs(t *testing.T) {
	for _, m := range motifs {
		for seed := range uint64(5) {
			if e, err := generateMotifs(seed, map[string]int{}, m.name, m.name); err != nil {
				t.Errorf("%s: %v", m.name, err)
				e.show(t)
			}
		}
	}
	counts, composed := map[string]int{}, 0
	for seed := range uint64(40) {
		if _, err := generateMotifs(seed, counts); err != nil {
			t.Logf("seed %d: %v", seed, err)
			continue
		}
		composed++
	}
	if composed < 36 {
		t.Errorf("only %d of 40 graphs compose", composed)
	}
}

// TestMotif runs operations over the graphs of each motif alone.
func TestMotif(t *testing.T) {
	run := newRun(t)
	for i, m := range motifs {
		for n := range 3 {
			e, err := generateMotifs(uint64(run.seed*1000+n), map[string]int{}, m.name)
			if err != nil {
				t.Fatal(err)
			}
			e.ID = m.name + " " + e.ID
			run.graph(t, e, i*100+n)
		}
	}
	run.report(t)
}
