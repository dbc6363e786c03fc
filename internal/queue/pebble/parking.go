package queuepebble

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/starlinghq/starling/internal/queue"
)

// Park implements [queue.Ladder]. Parking a message again replaces what was
// said of it.
func (q *Queue) Park(_ context.Context, d queue.Delivery, reason string) error {
	r := record{Message: d.Message, attempts: d.Attempts, reason: reason, at: time.Now()}
	q.parking.Lock()
	defer q.parking.Unlock()
	err := q.write(func(b *pebble.Batch) error { return b.Set(parkedKey(d.ID), r.encode(), nil) })
	if err != nil {
		return fmt.Errorf("queuepebble: park %s: %w", d.ID, err)
	}
	return nil
}

// Parked implements [queue.Parking].
func (q *Queue) Parked(_ context.Context, after string, n int) ([]queue.Parked, error) {
	from := parkedKey(after)
	if after != "" {
		from = append(from, 0) // the first key behind it
	}
	iter, err := q.db.Pebble().NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: tableEnd(tableParked)})
	if err != nil {
		return nil, fmt.Errorf("queuepebble: list parked messages: %w", err)
	}
	var all []queue.Parked
	for ok := iter.First(); ok && len(all) < n; ok = iter.Next() {
		r, err := decode(iter.Value())
		if err != nil {
			return nil, errors.Join(fmt.Errorf("queuepebble: read parked message %q: %w", iter.Key()[2:], err), iter.Close())
		}
		all = append(all, queue.Parked{Message: r.Message, Attempts: r.attempts, Reason: r.reason, At: r.at})
	}
	if err := errors.Join(iter.Error(), iter.Close()); err != nil {
		return nil, fmt.Errorf("queuepebble: list parked messages: %w", err)
	}
	return all, nil
}

// Replay implements [queue.Parking].
func (q *Queue) Replay(ctx context.Context, id string) error {
	return q.unpark(ctx, "replay", id, func(r record) error {
		s, err := q.shard(queue.QueueOf(r.Message, q.shards))
		if err != nil {
			return err
		}
		return q.requeue(s, record{Message: r.Message, recovered: true}, parkedKey(id))
	})
}

// Drop implements [queue.Parking].
func (q *Queue) Drop(ctx context.Context, id string) error {
	return q.unpark(ctx, "drop", id, func(record) error {
		return q.write(func(b *pebble.Batch) error { return b.Delete(parkedKey(id), nil) })
	})
}

// unpark takes a message out of parking by what does, and waits until that
// survives a crash: somebody is told of it.
func (q *Queue) unpark(ctx context.Context, verb, id string, does func(record) error) error {
	err := func() error {
		q.parking.Lock()
		defer q.parking.Unlock()
		r, err := q.record(parkedKey(id))
		if errors.Is(err, pebble.ErrNotFound) {
			return queue.ErrNotFound
		}
		if err != nil {
			return err
		}
		return does(r)
	}()
	if err == nil {
		err = q.db.Sync(ctx)
	}
	if err != nil {
		return fmt.Errorf("queuepebble: %s %s: %w", verb, id, err)
	}
	return nil
}
