package cachelocal

import (
	"context"
	"hash/maphash"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
)

// stripes is how many locks the keys share. A lock is held for a compare and a
// store, never while somebody loads.
const stripes = 64

type objects struct {
	now     func() time.Time
	entries *otter.Cache[cache.Key, cache.Object]
	seed    maphash.Seed
	stripe  [stripes]stripe
}

// stripe guards the writes and the fill tokens of its keys. Tokens live in two
// generations, so that forgetting old ones costs nothing.
type stripe struct {
	mu     sync.Mutex
	last   cache.FillToken
	young  map[cache.Key]token // handed out since turned
	old    map[cache.Key]token
	turned time.Time
}

type token struct {
	value cache.FillToken
	until time.Time
}

func newObjects(cfg Config) (*objects, error) {
	entries, err := otter.New(&otter.Options[cache.Key, cache.Object]{
		MaximumWeight:    cfg.ObjectBytes,
		Weigher:          func(_ cache.Key, o cache.Object) uint32 { return weigh(o.Value) },
		ExpiryCalculator: otter.ExpiryWriting[cache.Key, cache.Object](cache.ObjectTTL),
	})
	if err != nil {
		return nil, err
	}
	o := &objects{now: cfg.Now, entries: entries, seed: maphash.MakeSeed()}
	for i := range o.stripe {
		o.stripe[i].young, o.stripe[i].old = map[cache.Key]token{}, map[cache.Key]token{}
	}
	return o, nil
}

// weigh estimates the bytes of an object with its key and bookkeeping.
func weigh(v any) uint32 {
	const entry = 200
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

func (o *objects) of(k cache.Key) *stripe {
	return &o.stripe[maphash.Comparable(o.seed, k)%stripes]
}

// Get implements cache.Objects.
func (o *objects) Get(_ context.Context, keys []cache.Key) ([]cache.Lookup, error) {
	out := make([]cache.Lookup, len(keys))
	for i, k := range keys {
		if e, ok := o.entries.GetIfPresent(k); ok {
			out[i] = cache.Lookup{Found: true, Value: e.Value}
			continue
		}
		out[i].Token = o.of(k).hand(k, o.now())
	}
	return out, nil
}

// GetFresh implements cache.Objects: there is no other copy than this one.
func (o *objects) GetFresh(ctx context.Context, keys []cache.Key) ([]cache.Lookup, error) {
	return o.Get(ctx, keys)
}

// hand returns a token for a key that was missed: the one that is out already
// if it has time left, so that those who miss together compete for one fill.
func (s *stripe) hand(k cache.Key, now time.Time) cache.FillToken {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.turned) > cache.FillTTL {
		s.old, s.young, s.turned = s.young, s.old, now
		clear(s.young)
	}
	for _, generation := range []map[cache.Key]token{s.young, s.old} {
		if t, ok := generation[k]; ok && now.Before(t.until) {
			return t.value
		}
	}
	s.last++
	s.young[k] = token{value: s.last, until: now.Add(cache.FillTTL)}
	return s.last
}

// void ends the token of a key. The caller holds mu.
func (s *stripe) void(k cache.Key) {
	delete(s.young, k)
	delete(s.old, k)
}

// PutIfNewer implements cache.Objects.
func (o *objects) PutIfNewer(_ context.Context, objects ...cache.Object) error {
	for _, obj := range objects {
		s := o.of(obj.Key)
		s.mu.Lock()
		s.void(obj.Key)
		if e, ok := o.entries.GetEntryQuietly(obj.Key); !ok || obj.Version.Newer(e.Value.Version) {
			o.entries.Set(obj.Key, obj)
		}
		s.mu.Unlock()
	}
	return nil
}

// Fill implements cache.Objects.
func (o *objects) Fill(_ context.Context, obj cache.Object, t cache.FillToken) error {
	now := o.now()
	s := o.of(obj.Key)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, generation := range []map[cache.Key]token{s.young, s.old} {
		if held, ok := generation[obj.Key]; ok && held.value == t && now.Before(held.until) {
			s.void(obj.Key)
			o.entries.Set(obj.Key, obj)
			return nil
		}
	}
	return nil
}

// Delete implements cache.Objects.
func (o *objects) Delete(_ context.Context, keys ...cache.Key) error {
	for _, k := range keys {
		s := o.of(k)
		s.mu.Lock()
		s.void(k)
		o.entries.Invalidate(k)
		s.mu.Unlock()
	}
	return nil
}

func (o *objects) flush() {
	for i := range o.stripe {
		s := &o.stripe[i]
		s.mu.Lock()
		clear(s.young)
		clear(s.old)
		s.mu.Unlock()
	}
	o.entries.InvalidateAll()
	// A fill that passed before the entries went is gone with them; one that
	// comes now finds no token.
}

func (o *objects) close() {
	o.entries.InvalidateAll()
	o.entries.StopAllGoroutines()
}
