package queuetest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/social"
)

// Publishing.

func confirmEarly(ctx context.Context, q queue.Queue, ms []queue.Message) error {
	return q.Relay(ctx, ms...)
}

func loseSome() publishFunc {
	var n atomic.Int64
	return func(ctx context.Context, q queue.Queue, ms []queue.Message) error {
		ms = slices.DeleteFunc(slices.Clone(ms), func(queue.Message) bool { return n.Add(1)%7 == 0 })
		return q.Publish(ctx, ms...)
	}
}

func dropHeaders(ctx context.Context, q queue.Queue, ms []queue.Message) error {
	ms = slices.Clone(ms)
	for i := range ms {
		ms[i].Headers = nil
	}
	return q.Publish(ctx, ms...)
}

func deafPublish(ctx context.Context, q queue.Queue, ms []queue.Message) error {
	return q.Publish(context.WithoutCancel(ctx), ms...)
}

func neverRefuse(ctx context.Context, q queue.Queue, ms []queue.Message) error {
	err := q.Publish(ctx, ms...)
	if errors.Is(err, queue.ErrOverloaded) {
		return q.Relay(ctx, ms...)
	}
	return err
}

func refuseTaken(ctx context.Context, q queue.Queue, ms []queue.Message) error {
	err := q.Publish(ctx, ms...)
	if errors.Is(err, queue.ErrOverloaded) {
		return errors.Join(err, q.Relay(ctx, ms...))
	}
	return err
}

func takeAny(ctx context.Context, q queue.Queue, ms []queue.Message) error {
	err := q.Publish(ctx, ms...)
	if err != nil && ctx.Err() == nil && !errors.Is(err, queue.ErrOverloaded) {
		return nil
	}
	return err
}

type admitter struct{ queue.Queue }

func alwaysAdmits(q queue.Queue) queue.Queue { return admitter{q} }

func (admitter) Admit(context.Context, social.Family) error { return nil }

type relayRefuser struct{ queue.Queue }

func refusesRelays(q queue.Queue) queue.Queue { return relayRefuser{q} }

func (q relayRefuser) Relay(ctx context.Context, ms ...queue.Message) error {
	return q.Publish(ctx, ms...)
}

// lateRelayer keeps what is relayed until the next call.
type lateRelayer struct {
	queue.Queue
	mu   sync.Mutex
	kept []queue.Message // guarded by mu
}

func relaysLate(q queue.Queue) queue.Queue { return &lateRelayer{Queue: q} }

func (q *lateRelayer) Relay(ctx context.Context, ms ...queue.Message) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.kept
	q.kept = ms
	return q.Queue.Relay(ctx, now...)
}

// Ladder and parking.

func retryLoses(context.Context, queue.Queue, queue.Delivery, queue.Rung, int) error { return nil }

func retryAtOnce(ctx context.Context, q queue.Queue, d queue.Delivery, _ queue.Rung, _ int) error {
	return q.Relay(ctx, d.Message)
}

func retryInMemory(ctx context.Context, q queue.Queue, d queue.Delivery, r queue.Rung, _ int) error {
	time.AfterFunc(r.Delay(), func() { _ = q.Relay(context.WithoutCancel(ctx), d.Message) })
	return nil
}

func retryForgets(ctx context.Context, q queue.Queue, d queue.Delivery, r queue.Rung, _ int) error {
	return q.Retry(ctx, d, r, 0)
}

func retryWrongRung(ctx context.Context, q queue.Queue, d queue.Delivery, r queue.Rung, attempts int) error {
	return q.Retry(ctx, d, (r+1)%3, attempts)
}

func parkLoses(context.Context, queue.Queue, queue.Delivery, string) error { return nil }

func parkForgets(ctx context.Context, q queue.Queue, d queue.Delivery, _ string) error {
	d.Attempts = 0
	return q.Park(ctx, d, "")
}

// memoryParking keeps parked messages in the process.
type memoryParking struct {
	queue.Queue
	mu  sync.Mutex
	all map[string]queue.Parked // guarded by mu
}

func parksInMemory(q queue.Queue) queue.Queue {
	return &memoryParking{Queue: q, all: map[string]queue.Parked{}}
}

func (q *memoryParking) Park(_ context.Context, d queue.Delivery, reason string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.all[d.ID] = queue.Parked{Message: d.Message, Attempts: d.Attempts, Reason: reason, At: time.Now()}
	return nil
}

func (q *memoryParking) Parked(_ context.Context, after string, n int) ([]queue.Parked, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var some []queue.Parked
	for _, id := range slices.Sorted(maps.Keys(q.all)) {
		if id > after && len(some) < n {
			some = append(some, q.all[id])
		}
	}
	return some, nil
}

type restarter struct{ queue.Queue }

func listsFromStart(q queue.Queue) queue.Queue { return restarter{q} }

func (q restarter) Parked(ctx context.Context, _ string, n int) ([]queue.Parked, error) {
	return q.Queue.Parked(ctx, "", n)
}

type replayLoser struct{ queue.Queue }

func replayLoses(q queue.Queue) queue.Queue { return replayLoser{q} }

func (q replayLoser) Replay(ctx context.Context, id string) error { return q.Drop(ctx, id) }

type replayCopier struct{ queue.Queue }

func replayCopies(q queue.Queue) queue.Queue { return replayCopier{q} }

func (q replayCopier) Replay(ctx context.Context, id string) error {
	all, err := q.Parked(ctx, "", plenty)
	if err != nil {
		return err
	}
	err = q.Queue.Replay(ctx, id)
	for _, p := range all {
		if p.ID == id {
			err = errors.Join(err, q.Park(ctx, queue.Delivery{Message: p.Message}, p.Reason))
		}
	}
	return err
}

type dropper struct{ queue.Queue }

func dropNothing(q queue.Queue) queue.Queue { return dropper{q} }

func (dropper) Drop(context.Context, string) error { return nil }

type pleaser struct{ queue.Queue }

func neverMissing(q queue.Queue) queue.Queue { return pleaser{q} }

func (q pleaser) Replay(ctx context.Context, id string) error {
	return found(q.Queue.Replay(ctx, id))
}

func (q pleaser) Drop(ctx context.Context, id string) error { return found(q.Queue.Drop(ctx, id)) }

func found(err error) error {
	if errors.Is(err, queue.ErrNotFound) {
		return nil
	}
	return err
}

type mute struct{ queue.Queue }

func noDepth(q queue.Queue) queue.Queue { return mute{q} }

func (mute) Depths(context.Context) ([]queue.Depth, error) { return nil, nil }
