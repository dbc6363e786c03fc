package cachelocal

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
)

type timelines struct {
	now   func() time.Time
	shard [stripes]timelineShard
}

type timelineShard struct {
	mu   sync.Mutex
	last cache.BuildToken
	home map[social.UserID]*home // guarded by mu, with what it points to
}

// home is one home timeline, begun or put.
type home struct {
	floor   social.TweetID
	token   cache.BuildToken // 0 once put
	entries []cache.Entry
	until   time.Time
}

func newTimelines(now func() time.Time) *timelines {
	t := &timelines{now: now}
	t.flush()
	return t
}

func (t *timelines) flush() {
	for i := range t.shard {
		s := &t.shard[i]
		s.mu.Lock()
		s.home = map[social.UserID]*home{}
		s.mu.Unlock()
	}
}

// of picks by the middle bits: the low ones are the sequence, mostly zero.
func (t *timelines) of(viewer social.UserID) *timelineShard {
	return &t.shard[(uint64(viewer)*0x9e3779b97f4a7c15>>32)%stripes]
}

// live returns a home timeline that has not expired. The caller holds mu.
func (s *timelineShard) live(viewer social.UserID, now time.Time) *home {
	h := s.home[viewer]
	if h == nil || now.Before(h.until) {
		return h
	}
	delete(s.home, viewer)
	return nil
}

func (t *timelines) get(viewer social.UserID) cache.Timeline {
	s := t.of(viewer)
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.live(viewer, t.now())
	if h == nil {
		return cache.Timeline{}
	}
	return cache.Timeline{Found: true, Floor: h.floor, Entries: slices.Clip(h.entries)}
}

// Append implements cache.Timelines.
func (t *timelines) Append(_ context.Context, e cache.Entry, viewers []social.UserID) error {
	now := t.now()
	for _, v := range viewers {
		s := t.of(v)
		s.mu.Lock()
		if h := s.live(v, now); h != nil {
			h.entries = append(h.entries, e)
			if len(h.entries) >= cache.MaxEntries {
				s.trim(v, h)
			}
		}
		s.mu.Unlock()
	}
	return nil
}

// trim drops the older half by arrival. One that was only begun is given up:
// its put would not know what is missing.
func (s *timelineShard) trim(viewer social.UserID, h *home) {
	if h.token != 0 {
		delete(s.home, viewer)
		return
	}
	cut := len(h.entries) - cache.MinEntries
	for _, e := range h.entries[:cut] {
		h.floor = max(h.floor, e.Tweet)
	}
	kept := make([]cache.Entry, cache.MinEntries, cache.MaxEntries)
	copy(kept, h.entries[cut:])
	h.entries = kept
}

// Begin implements cache.Timelines.
func (t *timelines) Begin(_ context.Context, viewer social.UserID) (cache.BuildToken, error) {
	s := t.of(viewer)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	s.home[viewer] = &home{floor: cache.NoFloor, token: s.last, until: t.now().Add(cache.BuildTTL)}
	return s.last, nil
}

// Put implements cache.Timelines.
func (t *timelines) Put(_ context.Context, viewer social.UserID, token cache.BuildToken, entries []cache.Entry, floor social.TweetID) (bool, error) {
	s := t.of(viewer)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := t.now()
	h := s.live(viewer, now)
	if h == nil || h.token == 0 || h.token != token {
		return false, nil
	}
	// What was built arrived before what was appended meanwhile, and its newest
	// entry last: a trim drops the oldest.
	all := make([]cache.Entry, 0, len(entries)+len(h.entries))
	for i := len(entries) - 1; i >= 0; i-- {
		all = append(all, entries[i])
	}
	h.entries, h.floor, h.token = append(all, h.entries...), floor, 0
	h.until = now.Add(cache.TimelineTTL)
	if len(h.entries) >= cache.MaxEntries {
		s.trim(viewer, h)
	}
	return true, nil
}

// Drop implements cache.Timelines.
func (t *timelines) Drop(_ context.Context, viewers ...social.UserID) error {
	for _, v := range viewers {
		s := t.of(v)
		s.mu.Lock()
		delete(s.home, v)
		s.mu.Unlock()
	}
	return nil
}
