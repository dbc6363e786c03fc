package queuepebble

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/starlinghq/starling/internal/pebbledb"
	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/social"
)

func process1(t testing.TB) *process {
	t.Helper()
	free := new(atomic.Uint64)
	free.Store(gib)
	return start(t, vfs.NewCrashableMem(), free)
}

func subscribe(t testing.TB, p *process, n queue.Name) queue.Subscription {
	t.Helper()
	sub, err := p.queue.Subscribe(t.Context(), n, 64)
	if err != nil {
		t.Fatal(err)
	}
	return sub
}

func take(t testing.TB, sub queue.Subscription) queue.Delivery {
	t.Helper()
	d, err := sub.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAnotherNumberOfShardsIsRefused(t *testing.T) {
	p := process1(t)
	for _, n := range []int{testShards - 1, testShards + 1, maxShards} {
		if _, err := Open(t.Context(), p.db, Config{Shards: n}); !errors.Is(err, ErrShards) {
			t.Errorf("%d shards: %v, want ErrShards", n, err)
		}
	}
	for _, n := range []int{-1, maxShards + 1} {
		if _, err := Open(t.Context(), p.db, Config{Shards: n}); err == nil {
			t.Errorf("%d shards were accepted", n)
		}
	}
}

// Readiness: the backlog is what Open found, and falls as it is acknowledged,
// whatever is published meanwhile.
func TestBacklog(t *testing.T) {
	p := process1(t)
	if err := p.queue.Publish(t.Context(), message(origin.Family, "1"), message(origin.Family, "2"), message(derived.Family, "3")); err != nil {
		t.Fatal(err)
	}
	if n := p.queue.Backlog(); n != 0 {
		t.Errorf("backlog %d of a process that found nothing", n)
	}
	p = p.restart(t)
	if err := p.queue.Publish(t.Context(), message(origin.Family, "4")); err != nil {
		t.Fatal(err)
	}
	subs := []queue.Subscription{subscribe(t, p, origin), subscribe(t, p, derived)}
	for _, step := range []struct{ sub, take, want int }{{0, 1, 2}, {0, 2, 1}, {1, 1, 0}} {
		var d queue.Delivery
		for range step.take {
			d = take(t, subs[step.sub])
		}
		if err := subs[step.sub].AckThrough(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if n := p.queue.Backlog(); n != int64(step.want) {
			t.Errorf("after the acknowledgement of %s the backlog is %d, want %d", d.ID, n, step.want)
		}
	}
}

// What is acknowledged leaves no key behind but the frontier.
func TestAcknowledgedMessagesLeaveTheDisk(t *testing.T) {
	p := process1(t)
	body := make([]byte, 1024)
	sub := subscribe(t, p, origin)
	for round := range 200 {
		var ms []queue.Message
		for i := range 50 {
			m := message(origin.Family, fmt.Sprint(round, "-", i))
			m.Body = body
			ms = append(ms, m)
		}
		if err := p.queue.Publish(t.Context(), ms...); err != nil {
			t.Fatal(err)
		}
		var d queue.Delivery
		for range ms {
			d = take(t, sub)
		}
		if err := sub.AckThrough(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	iter, err := p.db.Pebble().NewIter(nil)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for ok := iter.First(); ok; ok = iter.Next() {
		left = append(left, fmt.Sprintf("%q", iter.Key()))
	}
	if err := iter.Close(); err != nil {
		t.Fatal(err)
	}
	if len(left) != 2 { // number of shards, frontier
		t.Errorf("keys left: %v", left)
	}
	if err := p.db.Pebble().Flush(); err != nil {
		t.Fatal(err)
	}
	if err := p.db.Pebble().Compact(t.Context(), table(0), table(0xff), false); err != nil {
		t.Fatal(err)
	}
	if m := p.db.Pebble().Metrics().Total(); m.TablesSize > 64<<10 {
		t.Errorf("tables of %d bytes for an empty queue that saw 10 MB", m.TablesSize)
	}
}

// Calls that lock several queues, in any order, do not wait for each other.
func TestManyQueuesInOneCall(t *testing.T) {
	p := process1(t)
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 50 {
				a, b := message(origin.Family, fmt.Sprint(w, "a", i)), message(derived.Family, fmt.Sprint(w, "b", i))
				if w%2 == 0 {
					a, b = b, a
				}
				if err := p.queue.Publish(t.Context(), a, b); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	depths, err := p.queue.Depths(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range depths {
		if want := int64(400); (d.Name == origin || d.Name == derived) && d.Ready != want {
			t.Errorf("%s has %d messages, want %d", d.Name, d.Ready, want)
		}
	}
}

// A call that does not fit takes no place for those of its messages that would.
func TestRefusalIsOfAllOrNothing(t *testing.T) {
	p := process1(t)
	var ms []queue.Message
	for i := range testLimit + 1 {
		ms = append(ms, message(social.FamilyTweets, fmt.Sprint(i)))
	}
	for range 3 {
		if err := p.queue.Publish(t.Context(), append(ms, message(origin.Family, "x"))...); !errors.Is(err, queue.ErrOverloaded) {
			t.Fatalf("got %v, want ErrOverloaded", err)
		}
	}
	if err := p.queue.Publish(t.Context(), ms[:testLimit]...); err != nil {
		t.Errorf("a full load after refusals: %v", err)
	}
}

// A message is not handed out before its fsync, also when its publisher has
// left; what was relayed behind it waits for its turn.
func TestNothingIsHandedOutBeforeItsSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := process1(t)
		hold := make(chan struct{})
		held := make(chan error, 1)
		go func() { held <- p.db.Sync(t.Context(), func() { <-hold }) }()
		synctest.Wait() // the syncer stands still
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := p.queue.Publish(ctx, message(origin.Family, "1"))
		if !errors.Is(err, context.DeadlineExceeded) || !queue.MaybePublished(err) {
			t.Errorf("publish with a log that stands still: %v", err)
		}
		if err := p.queue.Relay(t.Context(), message(origin.Family, "2")); err != nil {
			t.Fatal(err)
		}
		sub := subscribe(t, p, origin)
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if d, err := sub.Next(short); err == nil {
			t.Errorf("%s was handed out", d.ID)
		}
		close(hold)
		if err := <-held; err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"1", "2"} {
			if d := take(t, sub); d.ID != want {
				t.Errorf("got %s, want %s", d.ID, want)
			}
		}
	})
}

// Closing the database ends every wait; nobody hangs, and nobody is told that
// he was refused.
func TestAfterTheDatabaseHasEnded(t *testing.T) {
	p := process1(t)
	sub := subscribe(t, p, origin)
	if err := p.queue.Publish(t.Context(), message(origin.Family, "1")); err != nil {
		t.Fatal(err)
	}
	d := take(t, sub)
	waiting := make(chan error, 1)
	go func() {
		_, err := sub.Next(t.Context())
		waiting <- err
	}()
	p.stop()
	if err := <-waiting; !errors.Is(err, queue.ErrClosed) || !errors.Is(err, pebbledb.ErrClosed) {
		t.Errorf("next: %v, want ErrClosed", err)
	}
	if err := sub.AckThrough(t.Context(), d); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("ack: %v, want ErrClosed", err)
	}
	if err := p.queue.Publish(t.Context(), message(origin.Family, "2")); !errors.Is(err, pebbledb.ErrClosed) || queue.MaybePublished(err) {
		t.Errorf("publish: %v", err)
	}
	if err := p.queue.Relay(t.Context(), message(origin.Family, "3")); !errors.Is(err, pebbledb.ErrClosed) {
		t.Errorf("relay: %v", err)
	}
	if err := p.queue.Run(t.Context()); err != nil {
		t.Errorf("run: %v", err)
	}
}
