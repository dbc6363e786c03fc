package cachetest

import (
	"slices"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/cache"
)

// Harness is one adapter, ready for one case. What it holds from earlier cases
// does no harm: every case makes ids of its own. Cases run one after another,
// and some of them flush.
//
// Hooks that an adapter cannot offer are nil, with the reason in Lacks under
// the name of the field; their cases are then skipped with it.
type Harness struct {
	Cache cache.Cache
	Peer  cache.Cache // the same cache from another process; nil: Cache itself

	// Advance lets time pass for everything that ends after a while. Optional.
	Advance func(d time.Duration)
	// Away makes the cache unreachable, or lets it return as empty as a restart
	// leaves it. Optional.
	Away func(away bool)

	Lacks map[string]string
}

// The names of the optional hooks.
const (
	needsAdvance = "Advance"
	needsAway    = "Away"
)

// Wrap puts a decorator around every cache of a harness.
func Wrap(h Harness, decorate func(cache.Cache) cache.Cache) Harness {
	h.Cache = decorate(h.Cache)
	if h.Peer != nil {
		h.Peer = decorate(h.Peer)
	}
	return h
}

// Run holds the adapter that open returns to every promise of the seam. Open
// cleans up by t.Cleanup.
func Run(t *testing.T, open func(t testing.TB) Harness) {
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) { c.check(t, open) })
	}
}

// aCase is one promise.
type aCase struct {
	name  string
	needs string // the hook that it cannot do without
	run   func(e *env)
}

// cases is the whole suite.
func cases() []aCase {
	return slices.Concat(objectCases(), fillCases(), pendingCases(), timelineCases(), buildCases(),
		lossCases(), raceCases(), modelCases())
}

func (c aCase) check(t testing.TB, open func(t testing.TB) Harness) {
	t.Helper()
	h := open(t)
	if c.needs != "" && !h.has(c.needs) {
		reason := h.Lacks[c.needs]
		if reason == "" {
			t.Fatalf("the harness has no %s and gives no reason", c.needs)
		}
		t.Skipf("no %s: %s", c.needs, reason)
	}
	c.run(newEnv(t, h))
}

func (h Harness) has(hook string) bool {
	if hook == needsAdvance {
		return h.Advance != nil
	}
	return h.Away != nil
}
