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
