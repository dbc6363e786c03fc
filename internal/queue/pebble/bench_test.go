package queuepebble

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2"

	"github.com/starlinghq/starling/internal/pebbledb"
	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/queue/queuetest"
	"github.com/starlinghq/starling/internal/social"
)

// benchQueue opens a queue on the machine's disk.
func benchQueue(b *testing.B) *Queue {
	b.Helper()
	db, err := pebbledb.Open(b.Context(), pebbledb.Config{Dir: b.TempDir(), BallastBytes: -1})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	q, err := Open(b.Context(), db, Config{})
	if err != nil {
		b.Fatal(err)
	}
	return q
}

// BenchmarkPublish compares a confirmed publish with what it would be without
// the shared fsync, and with Pebble's own way of sharing it, in one run.
func BenchmarkPublish(b *testing.B) {
	for _, n := range []int{1, 16, 256, 1024} {
		b.Run(fmt.Sprintf("callers=%d", n), func(b *testing.B) {
			b.Run("queue", func(b *testing.B) {
				q := benchQueue(b)
				ctx := b.Context()
				queuetest.Callers(b, n, func(i int64) error { return q.Publish(ctx, queuetest.Posted(i)) })
			})
			b.Run("syncwait", func(b *testing.B) {
				q := benchQueue(b)
				queuetest.Callers(b, n, func(i int64) error { return publishSyncWait(q, queuetest.Posted(i)) })
			})
			b.Run("naive", func(b *testing.B) {
				q := benchQueue(b)
				queuetest.Callers(b, n, func(i int64) error { return publishNaive(q, queuetest.Posted(i)) })
			})
		})
	}
}

// publishNaive holds the lock of the queue over the fsync of its own message.
func publishNaive(q *Queue, m queue.Message) error {
	s, err := q.shard(queue.QueueOf(m, q.shards))
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	batch := q.db.Pebble().NewBatch()
	if err := s.append(batch, []record{{Message: m}}); err != nil {
		return err
	}
	if err := batch.Commit(pebble.Sync); err != nil {
		return err
	}
	s.tail++
	return batch.Close()
}

// publishSyncWait applies under the lock and waits outside it, as Pebble offers.
func publishSyncWait(q *Queue, m queue.Message) error {
	s, err := q.shard(queue.QueueOf(m, q.shards))
	if err != nil {
		return err
	}
	batch := q.db.Pebble().NewBatch()
	s.mu.Lock()
	err = s.append(batch, []record{{Message: m}})
	if err == nil {
		err = q.db.Pebble().ApplyNoSyncWait(batch, pebble.Sync)
	}
	s.tail++
	s.mu.Unlock()
	if err != nil {
		return err
	}
	if err := batch.SyncWait(); err != nil {
		return err
	}
	return batch.Close()
}

// BenchmarkThrough sends messages through: published by many, handed out,
// relayed to another family and acknowledged in runs, as owners do.
func BenchmarkThrough(b *testing.B) {
	q := benchQueue(b)
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	var left atomic.Int64
	left.Store(int64(b.N))
	var owners sync.WaitGroup
	for shard := range q.shards {
		sub, err := q.Subscribe(ctx, queue.Name{Family: social.FamilyTweets, Shard: shard}, 256)
		if err != nil {
			b.Fatal(err)
		}
		owners.Go(func() { own(ctx, b, q, sub, &left, cancel) })
	}
	queuetest.Callers(b, 256, func(i int64) error { return q.Publish(b.Context(), queuetest.Posted(i)) })
	owners.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msgs/s")
}

func own(ctx context.Context, b *testing.B, q *Queue, sub queue.Subscription, left *atomic.Int64, done func()) {
	for n := 1; ; n++ {
		d, err := sub.Next(ctx)
		if err != nil {
			return
		}
		follow := d.Message
		follow.Family = social.FamilyFeed
		if err := q.Relay(ctx, follow); err != nil {
			b.Error(err)
		}
		if n%16 == 0 || left.Load() < 32 {
			if err := sub.AckThrough(ctx, d); err != nil {
				b.Error(err)
			}
		}
		if left.Add(-1) == 0 {
			done()
			return
		}
	}
}

// BenchmarkNextAndAck is the price of handing out and acknowledging.
func BenchmarkNextAndAck(b *testing.B) {
	q := benchQueue(b)
	name := queue.Name{Family: social.FamilyTweets}
	m := queuetest.Posted(1)
	for q.shards > 1 && queue.QueueOf(m, q.shards) != name {
		m.Key++
	}
	for range b.N {
		if err := q.Relay(b.Context(), m); err != nil {
			b.Fatal(err)
		}
	}
	sub, err := q.Subscribe(b.Context(), name, 256)
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for i := range b.N {
		d, err := sub.Next(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if i%16 == 15 {
			if err := sub.AckThrough(b.Context(), d); err != nil {
				b.Fatal(err)
			}
		}
	}
}
