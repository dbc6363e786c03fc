package workers_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
	"github.com/starlinghq/starling/workers"
)

// empty waits until everything is acknowledged.
func (r *rig) empty(t *testing.T) {
	t.Helper()
	eventually(t, func() error {
		if n := r.waiting(t); n > 0 {
			return fmt.Errorf("%d messages wait", n)
		}
		return nil
	})
}

func TestEventsOfAKeyKeepTheirOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t, vfs.NewMem())
	got := map[social.UserID][]snowflake.ID{}
	var mu sync.Mutex
	r.loop(t, func(_ context.Context, w workers.Work) ([]social.Event, error) {
		mu.Lock()
		defer mu.Unlock()
		author := w.Event.Body.(social.TweetPosted).Author
		got[author] = append(got[author], w.Event.ID)
		return nil, nil
	})
	const authors, each = 7, 40
	for i := range authors * each {
		r.post(t, snowflake.ID(i+1), social.UserID(i%authors+1))
	}
	r.empty(t)
	for author, ids := range got {
		if len(ids) != each || !slices.IsSorted(ids) {
			t.Errorf("author %d: %v", author, ids)
		}
	}
	if len(got) != authors {
		t.Errorf("%d authors, want %d", len(got), authors)
	}
}

// TestASlowKeyHoldsUpNobody: other keys of the same queue go on, and nothing
// behind the slow one is acknowledged: a crash delivers it again.
func TestASlowKeyHoldsUpNobody(t *testing.T) {
	t.Parallel()
	fs := vfs.NewCrashableMem()
	r := newRig(t, fs)
	release, letGo := context.WithCancel(context.WithoutCancel(t.Context()))
	seen := &record{}
	stop := r.loop(t, func(_ context.Context, w workers.Work) ([]social.Event, error) {
		if w.Event.ID == 2 {
			<-release.Done()
		}
		seen.add(w.Event.ID)
		return nil, nil
	})
	t.Cleanup(letGo)
	for id := range snowflake.ID(6) {
		r.post(t, id+1, social.UserID(id+1))
	}
	eventually(t, func() error {
		if n := len(seen.all()); n != 5 {
			return fmt.Errorf("%d were applied beside the slow one", n)
		}
		return nil
	})
	eventually(t, func() error {
		if n := r.waiting(t); n != 5 {
			return fmt.Errorf("%d wait, want all from the slow one on", n)
		}
		return nil
	})
	left := fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 100, RNG: rand.New(rand.NewPCG(1, 2))})
	letGo()
	r.empty(t)
	stop()
	r.close()

	again := newRig(t, left)
	second := &record{}
	again.loop(t, func(_ context.Context, w workers.Work) ([]social.Event, error) {
		second.add(w.Event.ID)
		return nil, nil
	})
	again.empty(t)
	got := second.all()
	slices.Sort(got)
	if got[0] == 1 { // its acknowledgement may be lost in a crash
		got = got[1:]
	}
	if !slices.Equal(got, []snowflake.ID{2, 3, 4, 5, 6}) {
		t.Errorf("after the crash %v were delivered, want 2 to 6", got)
	}
}

// TestAnEngineThatIsAwayCostsNoAttempt: the loop repeats in place and in order.
func TestAnEngineThatIsAwayCostsNoAttempt(t *testing.T) {
	t.Parallel()
	for _, away := range []error{store.ErrUnavailable, cache.ErrUnavailable} {
		t.Run(away.Error(), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, vfs.NewMem())
			seen, fails := &record{}, atomic.Int64{}
			fails.Store(2)
			r.loop(t, func(_ context.Context, w workers.Work) ([]social.Event, error) {
				if w.Event.ID == 1 && fails.Add(-1) >= 0 {
					return nil, fmt.Errorf("writing: %w", away)
				}
				seen.add(w.Event.ID)
				return nil, nil
			})
			for id := range snowflake.ID(3) {
				r.post(t, id+1, 1)
			}
			r.empty(t)
			if got := seen.all(); !slices.Equal(got, []snowflake.ID{1, 2, 3}) {
				t.Errorf("applied %v, want 1, 2, 3", got)
			}
			if len(r.retries) > 0 {
				t.Errorf("laid on the ladder: %v", r.retries)
			}
		})
	}
}

// TestAMessageThatOnlyFailsIsLaidAside: where the engine answers and the
// message still finds it away, the message goes to the ladder, attempts unspent.
func TestAMessageThatOnlyFailsIsLaidAside(t *testing.T) {
	t.Parallel()
	r := newRig(t, vfs.NewMem())
	seen, fails := &record{}, atomic.Int64{}
	fails.Store(4)
	r.loop(t, func(_ context.Context, w workers.Work) ([]social.Event, error) {
		if w.Event.ID == 1 && fails.Add(-1) >= 0 {
			return nil, store.ErrUnavailable
		}
		if w.Event.ID == 1 && !w.Recovered {
			t.Error("a message of the ladder is not marked recovered")
		}
		seen.add(w.Event.ID)
		return nil, nil
	})
	r.post(t, 1, 1)
	r.post(t, 2, 1)
	r.empty(t)
	if got := seen.all(); !slices.Equal(got, []snowflake.ID{2, 1}) {
		t.Errorf("applied %v, want 2, 1", got)
	}
	if want := []retry{{"1:tweet.posted", queue.Rung60s, 0}}; !slices.Equal(r.retries, want) {
		t.Errorf("the ladder took %v, want %v", r.retries, want)
	}
}

// TestFailuresClimbTheLadderAndArePared: errors and panics of the handler are
// counted, rest longer each time, and are parked in the end with their reason.
func TestFailuresClimbTheLadderAndAreParked(t *testing.T) {
	t.Parallel()
	r := newRig(t, vfs.NewMem())
	seen := &record{}
	r.loop(t, func(_ context.Context, w workers.Work) ([]social.Event, error) {
		seen.add(w.Event.ID)
		switch w.Event.ID {
		case 1:
			return nil, errors.New("no such column")
		case 2:
			panic("a nil map")
		}
		return nil, nil
	}, func(c *workers.Config) { c.MaxAttempts = 4 })
	r.post(t, 1, 1)
	r.post(t, 2, 2)
	r.post(t, 3, 1)
	broken := queue.Message{ID: "broken", Type: social.TypeTweetPosted, Family: family, Key: 1, Body: []byte(`{"v":99,"id":9,"type":"tweet.posted"}`)}
	if err := r.queue.Publish(t.Context(), broken); err != nil {
		t.Fatal(err)
	}
	r.empty(t)
	parked, err := r.queue.Parked(t.Context(), "", 10)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, p := range parked {
		got[p.ID] = fmt.Sprintf("%d %s", p.Attempts, p.Reason)
	}
	want := map[string]string{
		"1:tweet.posted": "4 no such column", "2:tweet.posted": "4 panic: a nil map",
		"broken": "0 social: unknown event: tweet.posted version 99",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("parked are %v, want %v", got, want)
	}
	if seen.of(1) != 4 || seen.of(2) != 4 || seen.of(3) != 1 {
		t.Errorf("tries: %v", seen.all())
	}
	for _, id := range []string{"1:tweet.posted", "2:tweet.posted"} {
		var rungs []retry
		for _, x := range r.retries {
			if x.id == id {
				rungs = append(rungs, x)
			}
		}
		if want := []retry{{id, queue.Rung1s, 1}, {id, queue.Rung10s, 2}, {id, queue.Rung60s, 3}}; !slices.Equal(rungs, want) {
			t.Errorf("%s climbed %v, want %v", id, rungs, want)
		}
	}
}

// TestWhatFollowsIsPublished: the events that a handler returns reach their own
// family, whose handler has no fence as it owns nothing.
func TestWhatFollowsIsPublished(t *testing.T) {
	t.Parallel()
	r := newRig(t, vfs.NewMem())
	seen := &record{}
	r.loop(t, func(_ context.Context, w workers.Work) ([]social.Event, error) {
		return []social.Event{{ID: w.Event.ID, Body: social.Fanout{Tweet: 1, Author: 1}}}, nil
	})
	r.post(t, 1, 1)
	r.loop(t, func(_ context.Context, w workers.Work) ([]social.Event, error) {
		if w.Fence.Epoch != 0 {
			t.Errorf("fan-out has the fence %v", w.Fence)
		}
		seen.add(w.Event.ID)
		return nil, nil
	}, func(c *workers.Config) { *c = workers.Default(social.FamilyFeed, 1) })
	eventually(t, func() error {
		if seen.of(1) != 1 {
			return fmt.Errorf("what follows was seen %d times", seen.of(1))
		}
		return nil
	})
	r.empty(t)
}

// TestATakeOverEndsTheSession: an owner whose epoch is gone applies nothing
// more under it; its loop begins again under a new one, and no message is lost.
func TestATakeOverEndsTheSession(t *testing.T) {
	t.Parallel()
	r := newRig(t, vfs.NewMem())
	shard := store.Shard{Family: family, Number: 0}
	seen := &record{}
	r.loop(t, func(ctx context.Context, w workers.Work) ([]social.Event, error) {
		if w.Event.ID == 2 && seen.of(2) == 0 { // somebody else takes over while this one works
			if _, err := r.store.TakeEpoch(ctx, shard, w.Fence.Epoch); err != nil {
				t.Error(err)
			}
		}
		seen.add(w.Event.ID)
		return nil, r.store.PutTweet(ctx, w.Fence, *social.NewTweet(w.Event.ID, w.Event.Body.(social.TweetPosted)))
	})
	for id := range snowflake.ID(4) {
		r.post(t, id+1, 1)
	}
	r.empty(t)
	tweets, err := r.store.Tweets(t.Context(), []social.TweetID{1, 2, 3, 4})
	if err != nil || slices.Contains(tweets, nil) {
		t.Errorf("tweets %v, %v", tweets, err)
	}
	if seen.of(2) != 2 {
		t.Errorf("the message under the old epoch was tried %d times, want 2", seen.of(2))
	}
	if e, err := r.store.Epoch(t.Context(), shard); e != 3 || err != nil {
		t.Errorf("the epoch is %d, %v; want 3: taken, lost, taken again", e, err)
	}
	if len(r.retries) > 0 {
		t.Errorf("a lost ownership cost attempts: %v", r.retries)
	}
}

// TestStoppingFinishesWhatWasBegun: the handler's context lives on while the
// loop drains, what it finished is acknowledged, what was not begun is not.
func TestStoppingFinishesWhatWasBegun(t *testing.T) {
	t.Parallel()
	r := newRig(t, vfs.NewMem())
	begun, release := make(chan struct{}), make(chan struct{})
	seen := &record{}
	stop := r.loop(t, func(ctx context.Context, w workers.Work) ([]social.Event, error) {
		if w.Event.ID == 1 {
			close(begun)
			<-release
		}
		seen.add(w.Event.ID)
		return nil, ctx.Err()
	})
	for id := range snowflake.ID(3) {
		r.post(t, id+1, 1)
	}
	<-begun
	stopped := make(chan struct{})
	go func() {
		stop()
		close(stopped)
	}()
	select {
	case <-stopped:
		t.Error("the loop ended while a handler was at work")
	default:
	}
	close(release)
	<-stopped
	if got := seen.all(); !slices.Contains(got, 1) || int64(3-len(got)) != r.waiting(t) {
		t.Errorf("applied %v, and %d wait", got, r.waiting(t))
	}
	r.loop(t, func(_ context.Context, w workers.Work) ([]social.Event, error) {
		seen.add(w.Event.ID)
		return nil, nil
	})
	r.empty(t)
	if got := seen.all(); !slices.Equal(got, []snowflake.ID{1, 2, 3}) {
		t.Errorf("applied %v, want each once", got)
	}
}
