package cachetest

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
)

func raceCases() []aCase {
	return []aCase{
		{name: "Race/Puts", run: racingPuts},
		{name: "Race/FillAgainstPut", run: racingFills},
		{name: "Race/BuildAgainstAppends", run: racingBuilds},
		{name: "Race/Records", run: racingRecords},
		{name: "Race/Flush", run: racingFlush},
	}
}

// together runs functions beside each other and reports their errors.
func (e *env) together(fs ...func() error) {
	e.Helper()
	var wg sync.WaitGroup
	for _, f := range fs {
		wg.Go(func() {
			if err := f(); err != nil {
				e.Error(err)
			}
		})
	}
	wg.Wait()
}

// either returns this process's cache for even n, the peer for odd.
func (e *env) either(n int) cache.Cache {
	if n%2 == 0 {
		return e.Cache
	}
	return e.peer
}

// racingPuts: the newest of many concurrent puts stands, and nobody ever reads
// an older state after a newer one.
func racingPuts(e *env) {
	k := e.key(cache.KindLikerCount)
	const writers, each = 4, 300
	var fs []func() error
	for w := range writers {
		fs = append(fs, func() error {
			for i := range each {
				runtime.Gosched()
				i = i/10*10 + (i*7)%10 // rising, in steps that are mixed
				n := int64(i*writers + w + 1)
				if err := e.either(w).PutIfNewer(e.ctx, count(k, n, 1, n)); err != nil {
					return err
				}
			}
			return nil
		}, func() error {
			seen := int64(0)
			for range each {
				runtime.Gosched()
				got, err := e.GetFresh(e.ctx, []cache.Key{k})
				if err != nil {
					return err
				}
				n, _ := got[0].Value.(int64)
				if n < seen {
					return fmt.Errorf("read version %d after %d", n, seen)
				}
				seen = n
			}
			return nil
		})
	}
	e.together(fs...)
	e.holds("the end", k, int64(writers*each))
}

// racingFills: a fill of what a reader read before a put never replaces what
// was put, however close together they are: owner and readers meet at each key.
// Where a round takes long, because the cache is a server, fewer do: there the
// steps are the server's, and it takes one at a time.
func racingFills(e *env) {
	const rounds, fewest, readers = 5000, 1000, 2
	const enough = 2 * time.Second
	keys := make([]cache.Key, rounds)
	for i := range keys {
		keys[i] = e.key(cache.KindLiker)
	}
	var arrived atomic.Int64
	meet := func(round int) {
		arrived.Add(1)
		for arrived.Load() < int64((round+1)*(readers+1)) && !e.Failed() {
			runtime.Gosched()
		}
	}
	var last atomic.Int64 // the round that is the last one, once that is known
	last.Store(rounds - 1)
	on := social.Last{Event: 2, State: social.On}
	fs := []func() error{func() error {
		began := time.Now()
		for i, k := range keys {
			if i >= fewest && time.Since(began) > enough {
				last.Store(int64(i))
			}
			meet(i)
			if err := e.PutIfNewer(e.ctx, cache.Object{Key: k, Version: cache.Version{Major: 2}, Value: on}); err != nil {
				return err
			}
			if last.Load() == int64(i) {
				break
			}
		}
		return nil
	}}
	for r := range readers {
		fs = append(fs, func() error {
			for i := range keys {
				meet(i)
				if err := fillMissing(e, e.either(r), keys[i:i+1]); err != nil {
					return err
				}
				if last.Load() == int64(i) {
					break
				}
			}
			return nil
		})
	}
	e.together(fs...)
	for _, k := range keys[:last.Load()+1] {
		if e.holds("after put and fills", k, on); e.Failed() {
			return
		}
	}
}

// fillMissing reads keys of relations and fills those that are missed as not
// there: the store behind the cache is not yet where the puts are.
func fillMissing(e *env, c cache.Cache, keys []cache.Key) error {
	got, err := c.GetFresh(e.ctx, keys)
	if err != nil {
		return err
	}
	var fills []cache.Fill
	for i, g := range got {
		if !g.Found {
			fills = append(fills, cache.Fill{Object: cache.Object{Key: keys[i], Value: social.Last{}}, Token: g.Token})
		}
	}
	return c.Fill(e.ctx, fills...)
}

// shared is an author log that several goroutines write and read, and how much
// of it was delivered.
type shared struct {
	mu        sync.Mutex
	log       []cache.Entry // guarded by mu; in order of posting
	delivered []cache.Entry // guarded by mu
}

func (s *shared) post(entry cache.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, entry)
}

func (s *shared) deliver(entry cache.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delivered = append(s.delivered, entry)
}

// newest returns the newest n posts and the largest id left out.
func (s *shared) newest(n int) (entries []cache.Entry, floor social.TweetID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries = slices.SortedFunc(slices.Values(s.log), func(a, b cache.Entry) int { return int(b.Tweet - a.Tweet) })
	if len(entries) > n {
		return entries[:n], entries[n].Tweet
	}
	return entries, 0
}

func (s *shared) sofar() []cache.Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.delivered)
}

// racingBuilds: while fan-out appends, and others build and drop, whatever was
// delivered before a home timeline was read is in it, above its floor.
func racingBuilds(e *env) {
	viewer, author := e.user(), e.user()
	const posters, each = 3, 600
	s := &shared{}
	ids := make([][]cache.Entry, posters)
	for range each {
		for p := range ids {
			ids[p] = append(ids[p], cache.Entry{Tweet: e.tweet(), Author: author})
		}
	}
	done, built := make(chan struct{}), make(chan struct{})
	posting := sync.WaitGroup{}
	posting.Add(posters)
	fs := []func() error{func() error { posting.Wait(); close(done); return nil }}
	for p := range posters {
		fs = append(fs, func() error { defer posting.Done(); return post(e, e.either(p), s, viewer, ids[p], built) })
	}
	fs = append(fs,
		func() error { return builder(e, e.Cache, s, viewer, built, done) },
		func() error { return builder(e, e.peer, s, viewer, built, done) },
		func() error { return reader(e, s, viewer, done) },
	)
	e.together(fs...)
	if err := complete(s.sofar(), e.home(viewer)); err != nil {
		e.Error(err)
	}
}

// post waits for a build now and then, so that the next one runs beside it.
func post(e *env, c cache.Cache, s *shared, viewer social.UserID, entries []cache.Entry, built <-chan struct{}) error {
	for i, entry := range entries {
		if i%20 == 0 {
			<-built
		}
		s.post(entry)
		if err := c.Append(e.ctx, entry, []social.UserID{viewer}); err != nil {
			return err
		}
		s.deliver(entry)
		runtime.Gosched()
		if i%100 == 99 {
			if err := c.Drop(e.ctx, viewer); err != nil {
				return err
			}
		}
	}
	return nil
}

func builder(e *env, c cache.Cache, s *shared, viewer social.UserID, built chan<- struct{}, done <-chan struct{}) error {
	for {
		select {
		case <-done:
			return nil
		case built <- struct{}{}:
		}
		t, err := c.Begin(e.ctx, viewer)
		if err != nil {
			return err
		}
		entries, floor := s.newest(rand.IntN(cache.MaxEntries))
		runtime.Gosched()
		if _, err := c.Put(e.ctx, viewer, t, entries, floor); err != nil {
			return err
		}
	}
}

func reader(e *env, s *shared, viewer social.UserID, done <-chan struct{}) error {
	for {
		before := s.sofar()
		t, _, err := e.Home(e.ctx, viewer)
		if err != nil {
			return err
		}
		if err := complete(before, t); err != nil {
			return err
		}
		select {
		case <-done:
			return nil
		default:
		}
	}
}

// complete tells which entry a home timeline should have and lacks.
func complete(delivered []cache.Entry, t cache.Timeline) error {
	if !t.Found {
		return nil
	}
	there := make(map[social.TweetID]bool, len(t.Entries))
	for _, entry := range t.Entries {
		there[entry.Tweet] = true
	}
	for i, entry := range delivered {
		if entry.Tweet > t.Floor && !there[entry.Tweet] {
			return fmt.Errorf("delivered as number %d of %d, above the floor %d, and not among %d entries: %d",
				i, len(delivered), t.Floor, len(t.Entries), entry.Tweet)
		}
	}
	return nil
}

// racingRecords: of concurrent writes of one viewer none is lost, and of those
// of one object the one with the largest event stands.
func racingRecords(e *env) {
	viewer, object := e.user(), e.id()
	const writers, each = 4, 50
	var fs []func() error
	var newest, others []cache.Write
	for w := range writers {
		var own []cache.Write
		for range each {
			own = append(own, like(e.id(), e.id(), social.On))
		}
		last := like(object, e.id(), social.Off)
		newest, others = append(newest, last), append(others, own...)
		fs = append(fs, func() error {
			for _, write := range append(own, last) {
				if err := e.either(w).Record(e.ctx, viewer, write); err != nil {
					return err
				}
			}
			return nil
		})
	}
	e.together(fs...)
	o := e.overlay(viewer)
	e.equal("the writes", sorted(o.Writes), sorted(append(others, newest[writers-1])))
	e.equal("the last event", o.LastEvent, newest[writers-1].Last.Event)
}

// racingFlush: a flush beside everything else breaks nothing, and the next one
// finds an end to it.
func racingFlush(e *env) {
	viewer, k := e.user(), e.key(cache.KindFollowing)
	var fs []func() error
	for name, call := range e.calls(viewer, k) {
		fs = append(fs, func() error {
			for range 50 {
				if err := call(); err != nil {
					return fmt.Errorf("%s beside a flush: %w", name, err)
				}
			}
			return nil
		})
	}
	e.together(fs...)
	e.must(e.Flush(e.ctx))
	e.misses("after the last flush", k)
	e.absent("after the last flush", viewer)
	e.equal("the overlay after the last flush", e.overlay(viewer), cache.Overlay{})
}
