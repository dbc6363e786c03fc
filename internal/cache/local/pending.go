package cachelocal

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

type pending struct {
	now   func() time.Time
	room  int // writes for each generation of a shard
	shard [stripes]pendingShard
}

// pendingShard keeps overlays in two generations: whoever writes moves his own
// into the young one, and the old one is forgotten as a whole.
type pendingShard struct {
	mu     sync.Mutex
	young  map[social.UserID]*overlay
	old    map[social.UserID]*overlay
	writes int // how many the young generation was given
	turned time.Time
}

// overlay is what one viewer wrote, in order of arrival. Neither slice is ever
// changed below its length: readers hold the first.
type overlay struct {
	last   snowflake.ID
	writes []cache.Write
	until  []time.Time // when each of them ends
}

func newPending(cfg Config) *pending {
	const bytes = 60 // a write and its end; see TestMemory
	p := &pending{now: cfg.Now, room: max(1, int(cfg.PendingBytes/bytes/stripes/2))}
	p.flush()
	return p
}

func (p *pending) flush() {
	now := p.now()
	for i := range p.shard {
		s := &p.shard[i]
		s.mu.Lock()
		s.young, s.old = map[social.UserID]*overlay{}, nil
		s.writes, s.turned = 0, now
		s.mu.Unlock()
	}
}

func (p *pending) of(viewer social.UserID) *pendingShard { return &p.shard[stripeOf(viewer)] }

// turn forgets the old generation once all of the young one has to become old.
// The caller holds mu.
func (s *pendingShard) turn(now time.Time, room int) {
	if s.writes >= room || now.Sub(s.turned) > cache.PendingTTL {
		s.old, s.young = s.young, map[social.UserID]*overlay{}
		s.writes, s.turned = 0, now
	}
}

// take returns a viewer's overlay, moved into the young generation.
func (s *pendingShard) take(viewer social.UserID) *overlay {
	if o := s.young[viewer]; o != nil {
		return o
	}
	o := s.old[viewer]
	if o == nil {
		o = &overlay{}
		s.writes += 3 // as much room as the viewer takes beside his writes
	}
	delete(s.old, viewer)
	s.young[viewer] = o
	s.writes += len(o.writes)
	return o
}

// Record implements cache.Pending.
func (p *pending) Record(_ context.Context, viewer social.UserID, w cache.Write) error {
	now := p.now()
	s := p.of(viewer)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn(now, p.room)
	s.take(viewer).record(w, now)
	s.writes++
	return nil
}

func (o *overlay) record(w cache.Write, now time.Time) {
	o.last = max(o.last, w.Last.Event)
	live := o.live(now)
	o.writes, o.until = o.writes[live:], o.until[live:]
	same := func(e cache.Write) bool { return e.Kind == w.Kind && e.Object == w.Object }
	if i := slices.IndexFunc(o.writes, same); i >= 0 {
		if o.writes[i].Last.Event >= w.Last.Event {
			return
		}
		o.writes, o.until = without(o.writes, i), without(o.until, i)
	}
	if drop := len(o.writes) + 1 - cache.MaxWrites; drop > 0 {
		o.writes, o.until = o.writes[drop:], o.until[drop:]
	}
	o.writes, o.until = append(o.writes, w), append(o.until, now.Add(cache.PendingTTL))
}

// live returns where the writes begin that have not ended.
func (o *overlay) live(now time.Time) int {
	i := 0
	for i < len(o.until) && !now.Before(o.until[i]) {
		i++
	}
	return i
}

// without returns a copy of s that lacks s[i].
func without[T any](s []T, i int) []T {
	return append(append(make([]T, 0, len(s)), s[:i]...), s[i+1:]...)
}

// Overlay implements cache.Pending.
func (p *pending) Overlay(_ context.Context, viewer social.UserID) (cache.Overlay, error) {
	now := p.now()
	s := p.of(viewer)
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.young[viewer]
	if o == nil {
		o = s.old[viewer]
	}
	if o == nil {
		return cache.Overlay{}, nil
	}
	live := o.live(now)
	if live == len(o.writes) {
		return cache.Overlay{}, nil
	}
	return cache.Overlay{LastEvent: o.last, Writes: slices.Clip(o.writes[live:])}, nil
}
