package queuepebble

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/social"
)

// Admit implements [queue.Publisher].
func (q *Queue) Admit(_ context.Context, name social.Family) error {
	f, ok := q.families[name]
	if !ok {
		return fmt.Errorf("queuepebble: no queues for the family %q", name)
	}
	if err := q.db.Room(); err != nil {
		return fmt.Errorf("%w: %w", queue.ErrOverloaded, err)
	}
	if depth := f.depth.Load(); f.limit > 0 && depth >= f.limit {
		return f.full(depth)
	}
	return nil
}

// admit counts n messages in, or refuses them where they exceed the limit.
func (f *family) admit(n int64) error {
	depth := f.depth.Add(n)
	if f.limit > 0 && depth > f.limit {
		f.depth.Add(-n)
		return f.full(depth - n)
	}
	return nil
}

func (f *family) full(depth int64) error {
	return fmt.Errorf("%w: %d messages of %s are waiting", queue.ErrOverloaded, depth, f.name)
}

// addition is what one call puts into one queue.
type addition struct {
	shard   *shard
	records []record
}

// plan sorts messages into their queues. The queues come in one order, so that
// two calls that lock several cannot wait for each other.
func (q *Queue) plan(ms []queue.Message) ([]addition, error) {
	var plan []addition
	for _, m := range ms {
		s, err := q.shard(queue.QueueOf(m, q.shards))
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(plan, func(a addition) bool { return a.shard == s })
		if i < 0 {
			i = len(plan)
			plan = append(plan, addition{shard: s})
		}
		plan[i].records = append(plan[i].records, record{Message: m})
	}
	slices.SortFunc(plan, func(a, b addition) int {
		return cmp.Or(cmp.Compare(a.shard.name.Family, b.shard.name.Family), cmp.Compare(a.shard.name.Shard, b.shard.name.Shard))
	})
	return plan, nil
}

// Publish implements [queue.Publisher].
func (q *Queue) Publish(ctx context.Context, ms ...queue.Message) error {
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("queuepebble: publish: %w", err)
	}
	plan, err := q.plan(ms)
	if err != nil || len(plan) == 0 {
		return err
	}
	if err := q.db.Room(); err != nil {
		return fmt.Errorf("%w: %w", queue.ErrOverloaded, err)
	}
	if err := admitAll(plan); err != nil {
		return err
	}
	synced, err := q.commit(plan, true)
	if err != nil {
		return fmt.Errorf("queuepebble: publish: %w", err)
	}
	if err := q.db.Sync(ctx, synced); err != nil {
		return fmt.Errorf("queuepebble: wait for the log: %w", err)
	}
	return nil
}

// Relay implements [queue.Publisher]. The delivery that the messages follow
// from is ahead of them in the log and its acknowledgement behind them, so
// there is nothing to wait for.
func (q *Queue) Relay(_ context.Context, ms ...queue.Message) error {
	plan, err := q.plan(ms)
	if err != nil {
		return err
	}
	for _, a := range plan {
		a.shard.family.depth.Add(int64(len(a.records)))
	}
	if _, err := q.commit(plan, false); err != nil {
		return fmt.Errorf("queuepebble: relay: %w", err)
	}
	return nil
}

// admitAll asks for all of a plan or for nothing.
func admitAll(plan []addition) error {
	for i, a := range plan {
		if err := a.shard.family.admit(int64(len(a.records))); err != nil {
			for _, b := range plan[:i] {
				b.shard.family.depth.Add(-int64(len(b.records)))
			}
			return err
		}
	}
	return nil
}

// commit numbers and writes a plan as one batch. The lock of every queue is
// held from the number to the commit: numbers become visible in their order.
// A message that must wait for its fsync is not handed out before synced is
// called.
func (q *Queue) commit(plan []addition, wait bool) (synced func(), err error) {
	b := q.db.Pebble().NewBatch()
	defer func() { _ = b.Close() }() // its error repeats that of the commit
	ends := make([]uint64, len(plan))
	for i, a := range plan {
		a.shard.mu.Lock()
		defer a.shard.mu.Unlock()
		ends[i] = a.shard.tail + uint64(len(a.records))
		if err := a.shard.append(b, a.records); err != nil {
			return nil, err
		}
	}
	if err := q.db.CommitNoSync(b); err != nil {
		return nil, err
	}
	for i, a := range plan {
		if wait {
			a.shard.unsynced = append(a.shard.unsynced, a.shard.tail)
		}
		a.shard.tail = ends[i]
		if !wait {
			a.shard.signal()
		}
	}
	return func() {
		for i, a := range plan {
			a.shard.synced(ends[i])
		}
	}, nil
}
