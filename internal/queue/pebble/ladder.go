package queuepebble

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/starlinghq/starling/internal/pebbledb"
	"github.com/starlinghq/starling/internal/queue"
)

// ladder knows what the stored ladder holds without reading it: how much per
// queue and when the next message is due.
type ladder struct {
	wake chan struct{} // capacity 1: something is due earlier than Run knows

	mu    sync.Mutex
	count map[queue.Name]int64 // guarded by mu
}

func newLadder() ladder {
	return ladder{wake: make(chan struct{}, 1), count: map[queue.Name]int64{}}
}

func (l *ladder) resting() map[queue.Name]int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.count)
}

func (l *ladder) add(n queue.Name, by int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count[n] += by
}

// openLadder counts what rests from an earlier run.
func (q *Queue) openLadder() error {
	iter, err := q.db.Pebble().NewIter(&pebble.IterOptions{LowerBound: table(tableResting), UpperBound: tableEnd(tableResting)})
	if err != nil {
		return err
	}
	for ok := iter.First(); ok; ok = iter.Next() {
		_, name, err := cutResting(iter.Key())
		if err != nil {
			return errors.Join(err, iter.Close())
		}
		q.ladder.add(name, 1)
	}
	return errors.Join(iter.Error(), iter.Close())
}

// Retry implements [queue.Ladder].
func (q *Queue) Retry(_ context.Context, d queue.Delivery, rung queue.Rung, attempts int) error {
	name := queue.QueueOf(d.Message, q.shards)
	if _, err := q.shard(name); err != nil {
		return err
	}
	_, seq := cutTag(d.Tag)
	due := time.Now().Add(rung.Delay() + time.Millisecond).UnixMilli() // not before its time
	r := record{Message: d.Message, attempts: attempts, recovered: true}
	err := q.write(func(b *pebble.Batch) error { return b.Set(restingKey(due, name, seq), r.encode(), nil) })
	if err != nil {
		return fmt.Errorf("queuepebble: retry %s: %w", d.ID, err)
	}
	q.ladder.add(name, 1)
	select {
	case q.ladder.wake <- struct{}{}:
	default:
	}
	return nil
}

// Run brings messages back from the ladder when they are due, until ctx ends,
// which is no error. While the disk is nearly full they stay where they are.
func (q *Queue) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		if err := q.db.WaitRoom(ctx); err != nil {
			return q.ended(ctx, err)
		}
		wait, more, err := q.climb(time.Now())
		if err != nil {
			return q.ended(ctx, err)
		}
		var due <-chan time.Time
		if more {
			timer.Reset(wait)
			due = timer.C
		}
		select {
		case <-due:
		case <-q.ladder.wake:
		case <-q.db.Done():
			return q.ended(ctx, q.db.Room())
		case <-ctx.Done():
			return nil
		}
	}
}

// ended tells an end that was asked for from one that was not.
func (q *Queue) ended(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, pebbledb.ErrClosed) {
		return nil
	}
	return fmt.Errorf("queuepebble: ladder: %w", err)
}

// climb sends everything that is due back to its queue, in order of the time
// it was due, and returns how long the next has to wait.
func (q *Queue) climb(now time.Time) (wait time.Duration, more bool, err error) {
	iter, err := q.db.Pebble().NewIter(&pebble.IterOptions{LowerBound: table(tableResting), UpperBound: tableEnd(tableResting)})
	if err != nil {
		return 0, false, err
	}
	for ok := iter.First(); ok; ok = iter.Next() {
		due, name, err := cutResting(iter.Key())
		if err != nil {
			return 0, false, errors.Join(err, iter.Close())
		}
		if wait := time.UnixMilli(due).Sub(now); wait > 0 {
			return wait, true, iter.Close()
		}
		if err := q.comeBack(name, iter.Key(), iter.Value()); err != nil {
			return 0, false, errors.Join(err, iter.Close())
		}
	}
	return 0, false, errors.Join(iter.Error(), iter.Close())
}

// comeBack moves one message from the ladder to the tail of its queue.
func (q *Queue) comeBack(name queue.Name, key, value []byte) error {
	s, err := q.shard(name)
	if err != nil {
		q.log.Warn("a resting message has no queue any more", slog.String("queue", name.String()))
		return nil
	}
	r, err := decode(value)
	if err != nil {
		return fmt.Errorf("read a resting message of %s: %w", name, err)
	}
	if err := q.requeue(s, r, key); err != nil {
		return err
	}
	q.ladder.add(name, -1)
	return nil
}

// requeue puts a message behind the tail of its queue and deletes the key it
// came from, in one step.
func (q *Queue) requeue(s *shard, r record, from []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := q.write(func(b *pebble.Batch) error {
		return errors.Join(b.Delete(from, nil), s.append(b, []record{r}))
	})
	if err != nil {
		return err
	}
	s.tail++
	s.family.depth.Add(1)
	s.signal()
	return nil
}
