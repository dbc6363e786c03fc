package storepebble_test

import (
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/starlinghq/starling/internal/pebbledb"
	"github.com/starlinghq/starling/internal/store"
	storepebble "github.com/starlinghq/starling/internal/store/pebble"
	"github.com/starlinghq/starling/internal/store/storetest"
)

// rig is an adapter and what its tests need beside the seam.
type rig struct {
	store *storepebble.Store
	db    *pebbledb.DB
	fs    *vfs.MemFS

	mu  sync.Mutex
	now time.Time // guarded by mu
}

const shards = 16

// newRig opens an empty database that can be crashed.
func newRig(t tester) *rig {
	t.Helper()
	r := &rig{fs: vfs.NewCrashableMem(), now: time.Now()}
	r.open(t)
	return r
}

func (r *rig) open(t tester) {
	t.Helper()
	r.db = openDB(t, r.fs)
	s, err := storepebble.Open(t.Context(), r.db, storepebble.OpenOptions{Shards: shards, Now: r.time})
	if err != nil {
		t.Fatal(err)
	}
	r.store = s
}

func (r *rig) time() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *rig) advance(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

// crash loses everything that was not synced, and opens what is left.
func (r *rig) crash(t tester) {
	t.Helper()
	r.fs = r.fs.CrashClone(vfs.CrashCloneCfg{})
	r.open(t)
}

// rigs finds the rig of a store that the suite holds.
type rigs struct {
	mu   sync.Mutex
	rigs map[store.Store]*rig // guarded by mu
	wrap func(store.Store) store.Store
}

func (rs *rigs) add(r *rig) store.Store {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	s := rs.wrap(r.store)
	rs.rigs[s] = r
	return s
}

func (rs *rigs) of(s store.Store) *rig {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return rs.rigs[s]
}

// conform runs the suite on the adapter as wrap shows it.
func conform(t *testing.T, wrap func(store.Store) store.Store) {
	rs := &rigs{rigs: map[store.Store]*rig{}, wrap: wrap}
	storetest.Run(t,
		func(t testing.TB) store.Store { return rs.add(newRig(t)) },
		storetest.WithCrash(func(t testing.TB, s store.Store) store.Store {
			r := rs.of(s)
			r.crash(t)
			return rs.add(r)
		}),
		storetest.WithClock(func(_ testing.TB, s store.Store, d time.Duration) { rs.of(s).advance(d) }),
		storetest.Without(storetest.Peer, "the data folder has one process"),
	)
}

func TestConformance(t *testing.T) {
	conform(t, func(s store.Store) store.Store { return s })
}

// TestConformanceTraced runs the suite on the decorated adapter, and sees that
// it called every method there is.
func TestConformanceTraced(t *testing.T) {
	called := map[string]bool{}
	var traced []*store.Traced
	conform(t, func(s store.Store) store.Store {
		d := store.NewTraced(s, nil, nil)
		traced = append(traced, d)
		return d
	})
	for _, d := range traced {
		for method := range d.Calls() {
			called[method] = true
		}
	}
	for m := range reflect.TypeFor[store.Store]().Methods() {
		if !called[m.Name] {
			t.Errorf("the suite never calls %s", m.Name)
		}
	}
}
