package cachetest

import (
	"runtime"
	"slices"
	"sync"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
)

func pendingFaults() []fault {
	return []fault{
		{
			name:   "the last to arrive stands",
			caught: []string{"Pending/LastByEvent"},
			wrap:   overlays(book{byArrival: true}),
		},
		{
			name:   "the last to arrive is the last event",
			caught: []string{"Pending/LastEvent"},
			wrap:   overlays(book{lastArrived: true}),
		},
		{
			name:   "kinds share objects",
			caught: []string{"Pending/Whole"},
			wrap:   overlays(book{noKinds: true}),
		},
		{
			name:   "parents are forgotten",
			caught: []string{"Pending/Whole"},
			wrap:   overlays(book{noParents: true}),
		},
		{
			name:   "one overlay for all",
			caught: []string{"Pending/ViewersApart", "Pending/Empty"},
			wrap:   overlays(book{shared: true, noisy: true}),
		},
		{
			name:   "no bound",
			caught: []string{"Pending/Bound"},
			wrap:   overlays(book{}),
		},
		{
			name:   "no end",
			caught: []string{"Pending/TTL"},
			wrap:   overlays(book{}),
		},
		{
			name:   "changed in place",
			caught: []string{"Pending/Snapshot"},
			wrap:   overlays(book{inPlace: true}),
		},
		{
			name:   "a copy answers",
			caught: []string{"Pending/FromElsewhere"},
			wrap: func(c cache.Cache) cache.Cache {
				return &copiedOverlays{Cache: c, copies: map[social.UserID]cache.Overlay{}}
			},
			peer: true,
		},
		{
			name:   "read, then write",
			caught: []string{"Race/Records"},
			wrap:   overlays(book{torn: true}),
		},
		{
			name:   "not beside the home timeline",
			caught: []string{"Pending/Whole"},
			wrap:   func(c cache.Cache) cache.Cache { return homeOnly{c} },
		},
	}
}

// book keeps overlays by itself, each field being one fault.
type book struct {
	cache.Cache
	byArrival, lastArrived, noKinds, noParents, shared, noisy, inPlace, torn bool

	mu *sync.Mutex
	of map[social.UserID]cache.Overlay // guarded by mu
}

func overlays(b book) func(cache.Cache) cache.Cache {
	return func(c cache.Cache) cache.Cache {
		b := b
		b.Cache, b.mu, b.of = c, &sync.Mutex{}, map[social.UserID]cache.Overlay{}
		if b.noisy {
			b.of[0] = cache.Overlay{LastEvent: 1}
		}
		return &b
	}
}

func (b *book) viewer(v social.UserID) social.UserID {
	if b.shared {
		return 0
	}
	return v
}

func (b *book) get(v social.UserID) cache.Overlay {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.of[b.viewer(v)]
}

func (b *book) set(v social.UserID, o cache.Overlay) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.of[b.viewer(v)] = o
}

func (b *book) Record(_ ctx, v social.UserID, w cache.Write) error {
	o := b.get(v)
	for i := 0; b.torn && i < 20; i++ {
		runtime.Gosched() // somebody else records
	}
	if b.noParents {
		w.Parent = 0
	}
	o.LastEvent = max(o.LastEvent, w.Last.Event)
	if b.lastArrived {
		o.LastEvent = w.Last.Event
	}
	if !b.inPlace {
		o.Writes = slices.Clone(o.Writes)
	}
	i := slices.IndexFunc(o.Writes, func(e cache.Write) bool {
		return e.Object == w.Object && (b.noKinds || e.Kind == w.Kind)
	})
	switch {
	case i < 0:
		o.Writes = append(o.Writes, w)
	case b.byArrival || w.Last.Event > o.Writes[i].Last.Event:
		o.Writes[i] = w
	}
	b.set(v, o)
	return nil
}

func (b *book) Overlay(_ ctx, v social.UserID) (cache.Overlay, error) { return b.get(v), nil }

func (b *book) Home(c ctx, v social.UserID) (cache.Timeline, cache.Overlay, error) {
	t, _, err := b.Cache.Home(c, v)
	return t, b.get(v), err
}

type copiedOverlays struct {
	cache.Cache
	copies map[social.UserID]cache.Overlay
}

func (b *copiedOverlays) Overlay(c ctx, v social.UserID) (cache.Overlay, error) {
	if o, ok := b.copies[v]; ok {
		return o, nil
	}
	o, err := b.Cache.Overlay(c, v)
	b.copies[v] = o
	return o, err
}

type homeOnly struct{ cache.Cache }

func (b homeOnly) Home(c ctx, v social.UserID) (cache.Timeline, cache.Overlay, error) {
	t, _, err := b.Cache.Home(c, v)
	return t, cache.Overlay{}, err
}
