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

// maxWrites bounds one viewer's overlay; the oldest go first.
const maxWrites = 1000

type pending struct {
	now   func() time.Time
	shard [stripes]pendingShard
}

// pendingShard keeps overlays in two generations: whoever writes moves his own
// into the young one, and the old one is forgotten as a whole.
type pendingShard struct {
	mu     sync.Mutex
	young  map[social.UserID]*overlay
	old    map[social.UserID]*overlay
	turned time.Time
}

type overlay struct {
	last   snowflake.ID
	writes []write // in order of arrival
}

type write struct {
	cache.Write
	until time.Time
}

func newPending(now func() time.Time) *pending {
	p := &pending{now: now}
	p.flush()
	return p
}

func (p *pending) flush() {
	for i := range p.shard {
		s := &p.shard[i]
		s.mu.Lock()
		s.young, s.old, s.turned = map[social.UserID]*overlay{}, map[social.UserID]*overlay{}, p.now()
		s.mu.Unlock()
	}
}

func (p *pending) of(viewer social.UserID) *pendingShard {
	return &p.shard[(uint64(viewer)*0x9e3779b97f4a7c15>>32)%stripes]
}

// find returns a viewer's overlay from either generation. The caller holds mu.
func (s *pendingShard) find(viewer social.UserID, now time.Time) *overlay {
	if now.Sub(s.turned) > cache.PendingTTL {
		s.old, s.young, s.turned = s.young, s.old, now
		clear(s.young)
	}
	if o := s.young[viewer]; o != nil {
		return o
	}
	return s.old[viewer]
}

// Record implements cache.Pending.
func (p *pending) Record(_ context.Context, viewer social.UserID, w cache.Write) error {
	now := p.now()
	s := p.of(viewer)
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.find(viewer, now)
	if o == nil {
		o = &overlay{}
	}
	delete(s.old, viewer)
	s.young[viewer] = o
	o.last = max(o.last, w.Last.Event)
	same := func(e write) bool { return e.Kind == w.Kind && e.Object == w.Object }
	if i := slices.IndexFunc(o.writes, same); i >= 0 {
		if o.writes[i].Last.Event >= w.Last.Event {
			return nil
		}
		o.writes = slices.Delete(o.writes, i, i+1)
	}
	drop := max(0, len(o.writes)+1-maxWrites)
	for drop < len(o.writes) && now.After(o.writes[drop].until) {
		drop++
	}
	o.writes = append(slices.Delete(o.writes, 0, drop), write{w, now.Add(cache.PendingTTL)})
	return nil
}

// Overlay implements cache.Pending.
func (p *pending) Overlay(_ context.Context, viewer social.UserID) (cache.Overlay, error) {
	now := p.now()
	s := p.of(viewer)
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.find(viewer, now)
	if o == nil {
		return cache.Overlay{}, nil
	}
	out := cache.Overlay{LastEvent: o.last, Writes: make([]cache.Write, 0, len(o.writes))}
	for _, w := range o.writes {
		if now.Before(w.until) {
			out.Writes = append(out.Writes, w.Write)
		}
	}
	return out, nil
}
