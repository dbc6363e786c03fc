package workers_test

import (
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"pgregory.net/rapid"

	cachelocal "github.com/starlinghq/starling/internal/cache/local"
	"github.com/starlinghq/starling/internal/pebbledb"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
	storepebble "github.com/starlinghq/starling/internal/store/pebble"
	"github.com/starlinghq/starling/workers"
)

// engines are what an owner stands on.
type engines struct {
	store *storepebble.Store
	cache *cachelocal.Cache
	shard store.Shard
}

// openEngines opens empty engines for the owner of a family.
func openEngines(t testing.TB, f social.Family) *engines {
	t.Helper()
	db, err := pebbledb.Open(t.Context(), pebbledb.Config{
		Dir: "data", FS: vfs.NewMem(), BallastBytes: -1, CacheBytes: 1 << 20,
		FreeSpace: func(string) (uint64, error) { return 1 << 40, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	e := &engines{shard: store.Shard{Family: f}}
	if e.store, err = storepebble.Open(t.Context(), db, storepebble.OpenOptions{Shards: 1}); err != nil {
		t.Fatal(err)
	}
	if e.cache, err = cachelocal.New(cachelocal.Config{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		e.cache.Close()
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return e
}

// takeOver makes the caller the owner of the family's shard.
func (e *engines) takeOver(t *rapid.T) store.Fence {
	read, err := e.store.Epoch(t.Context(), e.shard)
	if err != nil {
		t.Fatal(err)
	}
	epoch, err := e.store.TakeEpoch(t.Context(), e.shard, read)
	if err != nil {
		t.Fatal(err)
	}
	return store.NewFence(e.shard, epoch)
}

// deliver gives events to an owner: each up to three times, in an order drawn
// by t, with take-overs in between. It returns what followed from them, in the
// order in which it came.
func (e *engines) deliver(t *rapid.T, owner workers.Handler, events []social.Event) (follow []social.Event) {
	deliveries := slices.Clone(events)
	for _, ev := range events {
		for range rapid.IntRange(0, 2).Draw(t, "again") {
			deliveries = append(deliveries, ev)
		}
	}
	fence := e.takeOver(t)
	for _, ev := range rapid.Permutation(deliveries).Draw(t, "order") {
		if rapid.IntRange(0, 5).Draw(t, "take over") == 0 {
			fence = e.takeOver(t)
		}
		w := workers.Work{Event: ev, Fence: fence, Recovered: rapid.Bool().Draw(t, "recovered")}
		f, err := owner.Apply(t.Context(), w)
		if err != nil {
			t.Fatalf("applying %d %s: %v", ev.ID, ev.Body.Type(), err)
		}
		follow = append(follow, f...)
	}
	return follow
}
