package cachetest

import (
	"flag"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/cache"
	cachelocal "github.com/starlinghq/starling/internal/cache/local"
)

// fault is a broken implementation and the cases that must fail on it.
type fault struct {
	name   string
	caught []string
	wrap   func(cache.Cache) cache.Cache
	peer   bool // only the cache is broken, not its peer
}

func faults() []fault {
	return slices.Concat(objectFaults(), fillFaults(), pendingFaults(), timelineFaults(), buildFaults(), lossFaults())
}

func local(t testing.TB) Harness {
	var passed atomic.Int64
	c, err := cachelocal.New(cachelocal.Config{
		Now: func() time.Time { return time.Now().Add(time.Duration(passed.Load())) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return Harness{
		Cache: c, Advance: func(d time.Duration) { passed.Add(int64(d)) },
		Lacks: map[string]string{needsAway: "it is in this process"},
	}
}

func newLocal() (cache.Cache, error) { return cachelocal.New(cachelocal.Config{}) }

func (f fault) open(t testing.TB) Harness {
	h := local(t)
	if f.peer {
		h.Peer = h.Cache
		h.Cache = f.wrap(h.Cache)
		return h
	}
	return Wrap(h, f.wrap)
}

// quickly keeps rapid from writing what it finds, and from making it small.
func quickly(t *testing.T) {
	for name, value := range map[string]string{"rapid.nofailfile": "true", "rapid.shrinktime": "0s"} {
		f := flag.Lookup(name)
		was := f.Value.String()
		if err := f.Value.Set(value); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Value.Set(was) })
	}
}

// TestFaults: every broken implementation is caught by every case named for it.
func TestFaults(t *testing.T) {
	quickly(t)
	byName := map[string]aCase{}
	for _, c := range cases() {
		byName[c.name] = c
	}
	caught := map[string]bool{}
	for _, f := range faults() {
		t.Run(f.name, func(t *testing.T) {
			for _, name := range f.caught {
				c, ok := byName[name]
				if !ok {
					t.Fatalf("there is no case %s", name)
				}
				caught[name] = true
				said, failed := verdict(t, c, f.open)
				for try := 1; !failed && try < c.tries(); try++ {
					said, failed = verdict(t, c, f.open)
				}
				if !failed {
					t.Errorf("%s did not catch it", name)
				}
				first, _, _ := strings.Cut(said, "\n")
				t.Logf("%s: %s", name, first)
			}
		})
	}
	for name := range byName {
		if !caught[name] && !slices.Contains(uncaught, name) {
			t.Errorf("no fault shows that the case %s can fail", name)
		}
	}
}

// tries is how often a case is run until it fails: those that need luck to see
// a fault are run more than once.
func (c aCase) tries() int {
	if strings.HasPrefix(c.name, "Race/") || strings.HasPrefix(c.name, "Model/") {
		return 10
	}
	return 1
}

// uncaught are the cases that no wrapper of a sound cache fails: the first
// needs a real outage, the second the race detector.
var uncaught = []string{"Loss/Away", "Race/Flush"} //nolint:gochecknoglobals // a constant

// TestControl: a wrapper that breaks nothing passes every case.
func TestControl(t *testing.T) {
	quickly(t)
	sound := fault{wrap: func(c cache.Cache) cache.Cache { return struct{ cache.Cache }{c} }}
	for _, c := range cases() {
		if c.needs == needsAway {
			continue
		}
		if said, failed := verdict(t, c, sound.open); failed {
			t.Errorf("%s: %s", c.name, said)
		}
	}
}

// TestReasons: a hook that is left out needs a reason.
func TestReasons(t *testing.T) {
	bare := func(t testing.TB) Harness { return Harness{Cache: local(t).Cache} }
	for _, c := range cases() {
		if c.needs == "" {
			continue
		}
		if said, _ := verdict(t, c, bare); !strings.Contains(said, "gives no reason") {
			t.Errorf("%s without %s and without a reason: %q", c.name, c.needs, said)
		}
	}
}
