package difftest

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"

	"github.com/starlinghq/starling/router/internal/operation/operationtest"
)

// TestSlow: a subgraph that never answers is one that fails. Time costs
// nothing here.
func TestSlow(t *testing.T) {
	for n, e := range generatedGraphs(t)[:12] {
		synctest.Test(t, func(t *testing.T) {
			h, err := newHarness(t, e, uint64(n))
			if err != nil {
				t.Fatal(err)
			}
			defer h.stop()
			r := rand.New(rand.NewPCG(uint64(n), 17))
			for range 8 {
				op, ok := operationtest.Generate(r, h.client, operationtest.Options{Depth: 5})
				if !ok {
					continue
				}
				name, _ := h.pick(r)
				if result, text := h.compareSpoiled(op, h.subgraphs[name], slow); result == wrong {
					t.Errorf("%s: %s\n%s", e.ID, text, op.Text)
				}
			}
		})
	}
}
