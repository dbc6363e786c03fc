package queuepebble

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/social"
)

// origin and derived are the two queues of an owner under test.
var (
	origin  = queue.Name{Family: social.FamilyUsers, Shard: queue.ShardOf(1, testShards)}
	derived = queue.Name{Family: social.FamilyFollowers, Shard: queue.ShardOf(1, testShards)}
)

func message(f social.Family, id string) queue.Message {
	return queue.Message{ID: id, Family: f, Key: 1, Type: "test", Body: []byte(id)}
}

// owner takes a message, relays what follows and acknowledges, calling step
// after every commit.
type owner struct {
	q        *Queue
	sub      queue.Subscription
	step     func(what string)
	ackFirst bool // the mistake that must be found
}

func (o owner) apply(ctx context.Context) error {
	d, err := o.sub.Next(ctx)
	if err != nil {
		return err
	}
	if o.ackFirst {
		if err := o.sub.AckThrough(ctx, d); err != nil {
			return err
		}
		o.step("ack " + d.ID)
	}
	if err := o.q.Relay(ctx, message(derived.Family, d.ID)); err != nil {
		return err
	}
	o.step("relay " + d.ID)
	switch d.ID[len(d.ID)-1] {
	case '3':
		err = o.q.Retry(ctx, d, queue.Rung60s, 1) // longer than any test
	case '6':
		err = o.q.Park(ctx, d, "test")
	}
	if err != nil {
		return err
	}
	o.step("ladder or parking " + d.ID)
	if err := o.sub.AckThrough(ctx, d); err != nil {
		return err
	}
	o.step("ack " + d.ID)
	return nil
}

// state is what a process finds in the log.
type state struct {
	origin, derived, resting, parked map[string]int
}

func find(t *testing.T, p *process) state {
	t.Helper()
	s := state{map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}}
	for name, into := range map[queue.Name]map[string]int{origin: s.origin, derived: s.derived} {
		sh, err := p.queue.shard(name)
		if err != nil {
			t.Fatal(err)
		}
		for seq := sh.head; seq < sh.tail; seq++ {
			r, err := p.queue.record(seqKey(sh.messages, seq))
			if err != nil {
				t.Fatalf("message %d of %s, whose frontier is %d and tail %d: %v", seq, name, sh.head-1, sh.tail, err)
			}
			into[r.ID]++
		}
	}
	iter, err := p.db.Pebble().NewIter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for ok := iter.SeekGE(table(tableResting)); ok && iter.Key()[1] == tableResting; ok = iter.Next() {
		r, err := decode(iter.Value())
		if err != nil {
			t.Fatal(err)
		}
		s.resting[r.ID]++
	}
	if err := iter.Close(); err != nil {
		t.Fatal(err)
	}
	parked, err := p.queue.Parked(t.Context(), "", 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range parked {
		s.parked[m.ID]++
	}
	return s
}

// legal checks an at-least-once state: each confirmed message is queued still,
// or it left something behind in each place where it was to be.
func (s state) legal(confirmed []string) error {
	for _, id := range confirmed {
		if s.origin[id] == 1 {
			continue
		}
		var left bool
		switch id[len(id)-1] {
		case '3':
			left = s.resting[id] == 1
		case '6':
			left = s.parked[id] == 1
		default:
			left = true
		}
		if s.origin[id] > 1 || s.derived[id] == 0 || !left {
			return fmt.Errorf("%s: queued %d times, derived %d, resting %d, parked %d", id, s.origin[id], s.derived[id], s.resting[id], s.parked[id])
		}
	}
	return nil
}

// The log is cut behind every single commit of an owner at work, and what the
// next process finds must be legal each time.
func TestEveryPrefixOfTheLogIsLegal(t *testing.T) {
	cuts, err := cutEverywhere(t, false)
	if err != nil {
		t.Error(err)
	}
	if cuts < 9+8*3 {
		t.Errorf("only %d cuts", cuts)
	}
}

// The control: an owner that acknowledges first loses what should follow.
func TestPrefixesTellAWrongOrder(t *testing.T) {
	if _, err := cutEverywhere(t, true); err == nil {
		t.Error("acknowledging before relaying was not noticed")
	}
}

func cutEverywhere(t *testing.T, ackFirst bool) (cuts int, illegal error) {
	t.Helper()
	free := new(atomic.Uint64)
	free.Store(gib)
	fs := vfs.NewCrashableMem()
	p := start(t, fs, free)
	var confirmed []string
	cut := func(what string) {
		t.Helper()
		// Synced, nothing of a prefix is lost, and a crash leaves exactly it.
		if err := p.db.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		after := start(t, fs.CrashClone(vfs.CrashCloneCfg{}), free)
		defer after.stop()
		if err := find(t, after).legal(confirmed); err != nil && illegal == nil {
			illegal = fmt.Errorf("crash behind %q: %w", what, err)
		}
		cuts++
	}
	sub, err := p.queue.Subscribe(t.Context(), origin, 8)
	if err != nil {
		t.Fatal(err)
	}
	o := owner{q: p.queue, sub: sub, step: cut, ackFirst: ackFirst}
	for i := range 9 {
		id := fmt.Sprint("m", i)
		if err := p.queue.Publish(t.Context(), message(origin.Family, id)); err != nil {
			t.Fatal(err)
		}
		confirmed = append(confirmed, id)
		cut("publish " + id)
		if i%2 == 1 {
			for range 2 {
				if err := o.apply(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return cuts, illegal
}

// The same with everything at once and the log cut wherever it happens to be,
// torn blocks included.
func TestCrashAtRandomMoments(t *testing.T) {
	free := new(atomic.Uint64)
	free.Store(gib)
	fs := vfs.NewCrashableMem()
	p := start(t, fs, free)
	sub, err := p.queue.Subscribe(t.Context(), origin, 8)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var mu sync.Mutex
	var confirmed []string            // guarded by mu
	tokens := make(chan struct{}, 40) // to publish, so that there is no more to check than can be
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := 0; ; i++ {
				if _, ok := <-tokens; !ok {
					return
				}
				id := fmt.Sprintf("w%d-%d", w, i)
				if err := p.queue.Publish(ctx, message(origin.Family, id)); err != nil {
					return
				}
				mu.Lock()
				confirmed = append(confirmed, id)
				mu.Unlock()
			}
		})
	}
	wg.Go(func() {
		o := owner{q: p.queue, sub: sub, step: func(string) {}}
		for {
			if err := o.apply(ctx); err != nil {
				if !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
				return
			}
		}
	})
	rng := rand.New(rand.NewPCG(3, 5))
	for range 60 {
		for range rng.IntN(cap(tokens)) {
			tokens <- struct{}{}
		}
		mu.Lock()
		sure := append([]string(nil), confirmed...)
		mu.Unlock()
		clone := fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: rng.IntN(101), RNG: rng})
		after := start(t, clone, free)
		if err := find(t, after).legal(sure); err != nil {
			t.Fatal(err)
		}
		after.stop()
	}
	stop()
	close(tokens)
	wg.Wait()
	if len(confirmed) < 100 {
		t.Errorf("only %d messages were confirmed", len(confirmed))
	}
	t.Logf("%d messages confirmed over 60 crashes", len(confirmed))
}
