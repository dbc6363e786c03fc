package cachelocal

import (
	"context"
	"hash/maphash"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
)

type objects struct {
	now     func() time.Time
	entries *otter.Cache[cache.Key, state]
	seed    maphash.Seed
	stripe  [stripes]tokens
}

// state is what a key holds.
type state struct {
	version cache.Version
	value   any
	until   int64 // Unix nanoseconds
}

func newObjects(cfg Config) (*objects, error) {
	entries, err := otter.New(&otter.Options[cache.Key, state]{
		MaximumWeight: uint64(cfg.ObjectBytes),
		Weigher:       func(_ cache.Key, s state) uint32 { return weigh(s.value) },
		// Who reads or writes pays for the upkeep: a few list operations, and no
		// goroutine.
		Executor: func(f func()) { f() },
		Clock:    noClock{},
	})
	if err != nil {
		return nil, err
	}
	return &objects{now: cfg.Now, entries: entries, seed: maphash.MakeSeed()}, nil
}

// noClock keeps otter from asking for the time at every read. Objects end by
// their own state, with one look at the clock for all keys of a call: otter's
// expiry cost half of a lookup when tried. What has ended is not served, and
// leaves when its room is needed.
type noClock struct{}

// NowNano implements otter.Clock.
func (noClock) NowNano() int64 { return 0 }

// Tick implements otter.Clock.
func (noClock) Tick(time.Duration) <-chan time.Time { return nil }

// weigh estimates the bytes of an object with its key and bookkeeping.
func weigh(v any) uint32 {
	const entry = 160 // the node, its place in the table and the queues; see TestMemory
	switch v := v.(type) {
	case *social.Tweet:
		parts := len(v.Entities.Hashtags) + len(v.Entities.Mentions) + len(v.Entities.Cashtags) + len(v.Entities.URLs)
		return entry + 200 + uint32(len(v.Text)) + uint32(32*parts)
	case *social.User:
		return entry + 100 + uint32(len(v.Handle)+len(v.Name)+len(v.Bio))
	case *social.Comment:
		return entry + 64 + uint32(len(v.Text))
	case *cache.AuthorLog:
		return entry + uint32(16*len(v.Entries))
	case cache.Following:
		return entry + uint32(8*len(v))
	}
	return entry
}

func (o *objects) of(k cache.Key) *tokens {
	return &o.stripe[maphash.Comparable(o.seed, k)%stripes]
}

// Get implements cache.Objects.
func (o *objects) Get(_ context.Context, keys []cache.Key) ([]cache.Lookup, error) {
	now := o.now()
	out := make([]cache.Lookup, len(keys))
	for i, k := range keys {
		if s, ok := o.held(k, now); ok {
			out[i] = cache.Lookup{Found: true, Value: s.value}
		} else {
			out[i] = o.miss(k, now)
		}
	}
	return out, nil
}

func (o *objects) held(k cache.Key, now time.Time) (state, bool) {
	s, ok := o.entries.GetIfPresent(k)
	return s, ok && now.UnixNano() < s.until
}

// miss hands out the token of a key, unless somebody put it since it was
// looked for: that token would let the state of before replace what was put.
func (o *objects) miss(k cache.Key, now time.Time) cache.Lookup {
	t := o.of(k)
	t.mu.Lock()
	defer t.mu.Unlock()
	if s, ok := o.held(k, now); ok {
		return cache.Lookup{Found: true, Value: s.value}
	}
	return cache.Lookup{Token: t.hand(k, now)}
}

// GetFresh implements cache.Objects: there is no other copy than this one.
func (o *objects) GetFresh(ctx context.Context, keys []cache.Key) ([]cache.Lookup, error) {
	return o.Get(ctx, keys)
}

// set stores an object. The caller holds the lock of its key.
func (o *objects) set(obj cache.Object, now time.Time) {
	o.entries.Set(obj.Key, state{obj.Version, obj.Value, now.Add(cache.ObjectTTL).UnixNano()})
}

// PutIfNewer implements cache.Objects.
func (o *objects) PutIfNewer(_ context.Context, objects ...cache.Object) error {
	now := o.now()
	for _, obj := range objects {
		t := o.of(obj.Key)
		t.mu.Lock()
		t.void(obj.Key)
		if s, ok := o.held(obj.Key, now); !ok || obj.Version.Newer(s.version) {
			o.set(obj, now)
		}
		t.mu.Unlock()
	}
	return nil
}

// Fill implements cache.Objects.
func (o *objects) Fill(_ context.Context, fills ...cache.Fill) error {
	now := o.now()
	for _, f := range fills {
		t := o.of(f.Object.Key)
		t.mu.Lock()
		if t.good(f.Object.Key, f.Token, now) {
			t.void(f.Object.Key)
			o.set(f.Object, now)
		}
		t.mu.Unlock()
	}
	return nil
}

// Delete implements cache.Objects.
func (o *objects) Delete(_ context.Context, keys ...cache.Key) error {
	for _, k := range keys {
		t := o.of(k)
		t.mu.Lock()
		t.void(k)
		o.entries.Invalidate(k)
		t.mu.Unlock()
	}
	return nil
}

// flush voids the tokens first: a fill before that is gone with the entries,
// and one behind it finds no token.
func (o *objects) flush() {
	for i := range o.stripe {
		o.stripe[i].forget()
	}
	o.entries.InvalidateAll()
}
