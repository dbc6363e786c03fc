package cachelocal

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
)

type timelines struct {
	now   func() time.Time
	room  int // bytes for each shard
	shard [stripes]timelineShard
}

type timelineShard struct {
	mu    sync.Mutex
	home  map[social.UserID]*home // guarded by mu, with what it points to
	bytes int                     // guarded by mu: the sum of their sizes
}

// home is one home timeline, begun or put.
type home struct {
	floor   social.TweetID
	token   cache.BuildToken // 0 once put
	entries []cache.Entry    // never changed below its length: readers hold it
	until   time.Time
	read    time.Time // when somebody asked for it last
}

// size is the bytes of a home timeline with its place in the map.
func (h *home) size() int { return 160 + 16*cap(h.entries) }

func newTimelines(cfg Config) *timelines {
	t := &timelines{now: cfg.Now, room: int(cfg.TimelineBytes / stripes)}
	t.flush()
	return t
}

func (t *timelines) flush() {
	for i := range t.shard {
		s := &t.shard[i]
		s.mu.Lock()
		s.home, s.bytes = map[social.UserID]*home{}, 0
		s.mu.Unlock()
	}
}

func (t *timelines) of(viewer social.UserID) *timelineShard { return &t.shard[stripeOf(viewer)] }

// live returns a home timeline that has not expired. The caller holds mu.
func (s *timelineShard) live(viewer social.UserID, now time.Time) *home {
	h := s.home[viewer]
	if h == nil || now.Before(h.until) {
		return h
	}
	s.drop(viewer)
	return nil
}

func (s *timelineShard) drop(viewer social.UserID) {
	if h := s.home[viewer]; h != nil {
		s.bytes -= h.size()
		delete(s.home, viewer)
	}
}

// set replaces the entries of a home timeline.
func (s *timelineShard) set(h *home, entries []cache.Entry) {
	s.bytes += 16 * (cap(entries) - cap(h.entries))
	h.entries = entries
}

// shrink drops the timelines that were not asked for the longest, of a few
// looked at, until the rest has room: any one of them may vanish at any time.
func (s *timelineShard) shrink(room int) {
	const few = 8
	for s.bytes > room && len(s.home) > 1 {
		var oldest social.UserID
		var at time.Time
		seen := 0
		for viewer, h := range s.home { // begins anywhere
			if seen == 0 || h.read.Before(at) {
				oldest, at = viewer, h.read
			}
			if seen++; seen == few {
				break
			}
		}
		s.drop(oldest)
	}
}

func (t *timelines) get(viewer social.UserID) cache.Timeline {
	now := t.now()
	s := t.of(viewer)
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.live(viewer, now)
	if h == nil {
		return cache.Timeline{}
	}
	h.read = now
	return cache.Timeline{Found: true, Floor: h.floor, Entries: slices.Clip(h.entries)}
}

// Append implements cache.Timelines.
func (t *timelines) Append(_ context.Context, e cache.Entry, viewers []social.UserID) error {
	now := t.now()
	for _, v := range viewers {
		s := t.of(v)
		s.mu.Lock()
		if h := s.live(v, now); h != nil {
			s.add(v, h, e, t.room)
		}
		s.mu.Unlock()
	}
	return nil
}

func (s *timelineShard) add(viewer social.UserID, h *home, e cache.Entry, room int) {
	if len(h.entries) == cap(h.entries) {
		// By a quarter, and never beyond what a trim leaves room for.
		grown := min(max(16, len(h.entries)+len(h.entries)/4), cache.MaxEntries)
		s.set(h, append(make([]cache.Entry, 0, grown), h.entries...))
		if s.shrink(room); s.home[viewer] != h {
			return
		}
	}
	h.entries = append(h.entries, e)
	if len(h.entries) >= cache.MaxEntries {
		s.trim(viewer, h)
	}
}

// trim drops the older half by arrival. One that was only begun is given up:
// its put would not know what is missing.
func (s *timelineShard) trim(viewer social.UserID, h *home) {
	if h.token != 0 {
		s.drop(viewer)
		return
	}
	cut := len(h.entries) - cache.MinEntries
	for _, e := range h.entries[:cut] {
		h.floor = max(h.floor, e.Tweet)
	}
	s.set(h, slices.Clone(h.entries[cut:]))
}

// Begin implements cache.Timelines.
func (t *timelines) Begin(_ context.Context, viewer social.UserID) (cache.BuildToken, error) {
	now := t.now()
	s := t.of(viewer)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(viewer)
	h := &home{floor: cache.NoFloor, token: newToken(), until: now.Add(cache.BuildTTL), read: now}
	s.home[viewer] = h
	s.bytes += h.size()
	s.shrink(t.room)
	return h.token, nil
}

// newToken is random, so that no token of before a loss is good after it.
func newToken() cache.BuildToken { return cache.BuildToken(rand.Uint64() | 1) }

// Put implements cache.Timelines.
func (t *timelines) Put(_ context.Context, viewer social.UserID, token cache.BuildToken, entries []cache.Entry, floor social.TweetID) (bool, error) {
	now := t.now()
	s := t.of(viewer)
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.live(viewer, now)
	if h == nil || h.token == 0 || h.token != token {
		return false, nil
	}
	// What was built arrived before what was appended meanwhile, and its newest
	// entry last: a trim drops the oldest.
	all := make([]cache.Entry, 0, len(entries)+len(h.entries))
	for _, e := range slices.Backward(entries) {
		all = append(all, e)
	}
	s.set(h, append(all, h.entries...))
	h.floor, h.token, h.until, h.read = floor, 0, now.Add(cache.TimelineTTL), now
	if len(h.entries) >= cache.MaxEntries {
		s.trim(viewer, h)
	}
	s.shrink(t.room)
	return true, nil
}

// Drop implements cache.Timelines.
func (t *timelines) Drop(_ context.Context, viewers ...social.UserID) error {
	for _, v := range viewers {
		s := t.of(v)
		s.mu.Lock()
		s.drop(v)
		s.mu.Unlock()
	}
	return nil
}
