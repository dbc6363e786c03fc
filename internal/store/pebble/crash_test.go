package storepebble_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"pgregory.net/rapid"

	"github.com/starlinghq/starling/internal/pebbledb"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
	storepebble "github.com/starlinghq/starling/internal/store/pebble"
)

// TestCrashLeavesPrefix: nothing waits for the disk, and what a crash leaves is
// what was written first. Row k is followed by row k+1 in another table, so a
// gap anywhere would show.
func TestCrashLeavesPrefix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newRig(t)
		f := own(t, r.store)
		rows := rapid.IntRange(1, 30).Draw(t, "rows")
		settled := rapid.IntRange(0, rows).Draw(t, "settled")
		for k := 1; k <= rows; k++ {
			writeRow(t, r.store, f, k)
			if k == settled {
				must(t, r.store.Settle(t.Context()))
			}
		}
		r.fs = r.fs.CrashClone(vfs.CrashCloneCfg{
			UnsyncedDataPercent: rapid.IntRange(0, 100).Draw(t, "percent kept"), RNG: rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)),
		})
		r.open(t)
		left := 0
		for k := 1; k <= rows; k++ {
			if hasRow(t, r.store, k) {
				left++
			}
		}
		for k := 1; k <= left; k++ {
			if !hasRow(t, r.store, k) {
				t.Errorf("row %d of %d is lost, and %d are there", k, rows, left)
			}
		}
		if left < settled {
			t.Errorf("%d rows are left, %d were settled", left, settled)
		}
	})
}

// writeRow writes row k, by turns into three tables.
func writeRow(t tester, s *storepebble.Store, f store.Fence, k int) {
	t.Helper()
	id := snowflake.ID(k)
	last := social.Last{Event: id, State: social.On}
	switch k % 3 {
	case 0:
		must(t, s.PutTweet(t.Context(), f, social.Tweet{ID: social.TweetID(id), Text: filler, Last: last}))
	case 1:
		must(t, s.PutMember(t.Context(), f, store.Likers, id, store.Member{User: 1, Last: last}, store.Count{N: 1, Stamp: f.Next()}))
	default:
		_, _, err := s.ClaimKey(t.Context(), social.UserID(id), "k", store.Claim{Event: []byte(filler)})
		must(t, err)
	}
}

// filler makes rows as long as blocks of the log, some of which reach the disk
// before anybody asks for it.
var filler = strings.Repeat("starling ", 3000)

func hasRow(t tester, s *storepebble.Store, k int) bool {
	t.Helper()
	id := snowflake.ID(k)
	switch k % 3 {
	case 0:
		got, err := s.Tweets(t.Context(), []social.TweetID{social.TweetID(id)})
		must(t, err)
		return got[0] != nil
	case 1:
		m, c, err := s.Member(t.Context(), store.Likers, id, 1)
		must(t, err)
		if (m.Last.Event != 0) != (c.N == 1) {
			t.Errorf("row %d: the crash parted row %+v and count %+v", k, m, c)
		}
		return m.Last.Event != 0
	}
	_, err := s.Key(t.Context(), social.UserID(id), "k")
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

// TestStaleOwnerWritesNothing: here a superseded owner is refused altogether,
// and so is one that never took an epoch.
func TestStaleOwnerWritesNothing(t *testing.T) {
	s := newRig(t).store
	stale := own(t, s)
	own(t, s)
	never := store.NewFence(store.Shard{Family: social.FamilyUsers, Number: 3}, 0)
	ahead := store.NewFence(stale.Shard, 9)
	for _, f := range []store.Fence{stale, never, ahead} {
		if err := s.PutTweet(t.Context(), f, social.Tweet{ID: 5, Last: social.Last{Event: 9, State: social.On}}); !errors.Is(err, store.ErrStale) || store.MaybeApplied(err) {
			t.Errorf("epoch %d of %s: %v, want ErrStale and surely not applied", f.Epoch, f.Shard, err)
		}
	}
	got, err := s.Tweets(t.Context(), []social.TweetID{5})
	must(t, err)
	if got[0] != nil {
		t.Errorf("a superseded owner wrote %+v", got[0])
	}
}

// TestRestartTakesNumberAtOnce: after a crash the number of the dead holder goes
// on behind its reservation, without a wait.
func TestRestartTakesNumberAtOnce(t *testing.T) {
	r := newRig(t)
	now := snowflake.Millis(1_800_000_000_000)
	first, err := r.store.Take(t.Context(), now, now+1000)
	must(t, err)
	second, err := r.store.Take(t.Context(), now, now+1000)
	must(t, err)
	if first.Node != 0 || second.Node != 1 {
		t.Errorf("two holders of one process have numbers %d and %d, want 0 and 1", first.Node, second.Node)
	}
	must(t, r.store.Settle(t.Context()))
	r.crash(t)
	got, err := r.store.Take(t.Context(), now+10, now+1010)
	must(t, err)
	if want := (snowflake.Lease{Node: 0, From: now + 1001, Until: now + 1010, Token: 2}); got != want {
		t.Errorf("after the crash %+v, want %+v", got, want)
	}
}

// TestIDsGoOnAfterCrash: a generator that starts again some milliseconds later
// makes ids above all that were made before the crash, under the same number.
func TestIDsGoOnAfterCrash(t *testing.T) {
	r := newRig(t)
	var last snowflake.ID
	for range 3 {
		g := snowflake.New(snowflake.Config{Leases: r.store, Now: r.time})
		must(t, g.Open(t.Context()))
		for range 5 {
			id, err := g.Mint(t.Context())
			must(t, err)
			if id <= last || id.Node() != 0 {
				t.Errorf("id %d of node %d after %d", id, id.Node(), last)
			}
			last = id
		}
		must(t, r.store.Settle(t.Context()))
		r.crash(t)
		r.advance(5 * time.Millisecond)
	}
}

// TestClockSetBack: a number that begins an hour ahead is passed over.
func TestClockSetBack(t *testing.T) {
	r := newRig(t)
	now := snowflake.Millis(1_800_000_000_000)
	_, err := r.store.Take(t.Context(), now, now+1000)
	must(t, err)
	must(t, r.store.Settle(t.Context()))
	r.crash(t)
	back := now - snowflake.Millis(time.Hour.Milliseconds())
	got, err := r.store.Take(t.Context(), back, back+1000)
	must(t, err)
	if got.Node != 1 || got.From > back+1000 {
		t.Errorf("took %+v, which waits", got)
	}
}

// TestSweep forgets ended keys in steps, and none that was claimed anew.
func TestSweep(t *testing.T) {
	r := newRig(t)
	const keys = 1200
	claim := func(actor int, event string) {
		_, won, err := r.store.ClaimKey(t.Context(), social.UserID(actor), "k", store.Claim{Event: []byte(event)})
		must(t, err)
		if !won {
			t.Fatalf("key of %d is taken", actor)
		}
	}
	for i := range keys {
		claim(i, "first")
	}
	sweep(t, r, 0)
	r.advance(store.KeyTTL)
	claim(7, "second")
	sweep(t, r, keys-1)
	sweep(t, r, 0)
	if c, err := r.store.Key(t.Context(), 7, "k"); err != nil || string(c.Event) != "second" {
		t.Errorf("the key that was claimed anew: %+v, %v", c, err)
	}
	r.advance(store.KeyTTL)
	sweep(t, r, 1)
}

// TestRunSweeps by the clock of the bubble, once an hour.
func TestRunSweeps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		defer func() { must(t, r.db.Close()) }()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- r.store.Run(ctx) }()
		_, _, err := r.store.ClaimKey(ctx, 1, "k", store.Claim{})
		must(t, err)
		r.advance(store.KeyTTL)
		<-time.After(time.Hour + time.Second)
		synctest.Wait()
		sweep(t, r, 0) // Run has done it
		cancel()
		must(t, <-done)
	})
}

func sweep(t *testing.T, r *rig, want int) {
	t.Helper()
	if n, err := r.store.Sweep(t.Context()); n != want || err != nil {
		t.Errorf("swept %d, %v, want %d", n, err, want)
	}
}

// TestAway: whatever the database refuses, the seam's words are used, and it is
// told whether the write may have happened.
func TestAway(t *testing.T) {
	free := atomic.Uint64{}
	free.Store(1 << 40)
	open := func() (*pebbledb.DB, *storepebble.Store, store.Fence) {
		db, err := pebbledb.Open(t.Context(), pebbledb.Config{
			Dir: "data", FS: vfs.NewMem(), BallastBytes: -1,
			FreeSpace: func(string) (uint64, error) { return free.Load(), nil },
		})
		must(t, err)
		s, err := storepebble.Open(t.Context(), db, storepebble.OpenOptions{Shards: shards})
		must(t, err)
		return db, s, own(t, s)
	}
	away := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, store.ErrUnavailable) || store.MaybeApplied(err) {
			t.Errorf("%s: %v, want ErrUnavailable and surely not applied", what, err)
		}
	}
	tweet := social.Tweet{ID: 5, Last: social.Last{Event: 9, State: social.On}}

	t.Run("closed", func(t *testing.T) {
		db, s, f := open()
		must(t, db.Close())
		away("ping", s.Ping(t.Context()))
		away("settle", s.Settle(t.Context()))
		away("write", s.PutTweet(t.Context(), f, tweet))
		_, err := s.Tweets(t.Context(), []social.TweetID{5})
		away("read", err)
		_, err = s.TakeEpoch(t.Context(), f.Shard, f.Epoch)
		away("epoch", err)
	})
	t.Run("no room", func(t *testing.T) {
		db, s, f := open()
		defer db.Close()
		free.Store(1 << 20)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		must(t, db.Run(ctx)) // looks once
		away("ping", s.Ping(t.Context()))
		away("write", s.PutTweet(t.Context(), f, tweet))
		_, _, err := s.ClaimHandle(t.Context(), social.Account{Handle: "ann"})
		away("handle", err)
		_, _, err = s.ClaimKey(t.Context(), 1, "k", store.Claim{})
		away("key", err)

		_, err = s.Tweets(t.Context(), []social.TweetID{5})
		must(t, err)
		must(t, s.Settle(t.Context()))
		_, err = s.TakeEpoch(t.Context(), f.Shard, f.Epoch)
		must(t, err)
		_, err = s.Take(t.Context(), 1, 2)
		must(t, err)
	})
}

func own(t tester, s store.Epochs) store.Fence {
	t.Helper()
	shard := store.Shard{Family: social.FamilyEngagement, Number: 1}
	read, err := s.Epoch(t.Context(), shard)
	must(t, err)
	e, err := s.TakeEpoch(t.Context(), shard, read)
	must(t, err)
	return store.NewFence(shard, e)
}

func must(t tester, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
