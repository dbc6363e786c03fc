package queuepebble

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/starlinghq/starling/internal/queue"
)

// A tag is the number of the subscription on its queue and, in the lower bits,
// the message's: a delivery of another subscription is known by its tag.
const seqBits = 44

func tagOf(sub, seq uint64) uint64        { return sub<<seqBits | seq&(1<<seqBits-1) }
func cutTag(tag uint64) (sub, seq uint64) { return tag >> seqBits, tag & (1<<seqBits - 1) }

// subscription implements [queue.Subscription]. Its shard's lock guards it.
type subscription struct {
	q        *Queue
	shard    *shard
	number   uint64
	prefetch uint64
	wake     chan struct{} // capacity 1: there may be something to do
	dead     chan struct{} // closed by Close, with the shard's lock held
}

// Subscribe implements [queue.Consumer].
func (q *Queue) Subscribe(ctx context.Context, name queue.Name, prefetch int) (queue.Subscription, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, fmt.Errorf("queuepebble: subscribe to %s: %w", name, err)
	}
	if prefetch < 1 {
		return nil, fmt.Errorf("queuepebble: subscribe to %s: prefetch %d is below 1", name, prefetch)
	}
	s, err := q.shard(name)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made++
	sub := &subscription{
		q: q, shard: s, number: s.made, prefetch: uint64(prefetch),
		wake: make(chan struct{}, 1), dead: make(chan struct{}),
	}
	s.subs = append(s.subs, sub)
	return sub, nil
}

// Next implements [queue.Subscription]. It waits while the disk is nearly full.
func (sub *subscription) Next(ctx context.Context) (queue.Delivery, error) {
	for {
		if err := context.Cause(ctx); err != nil {
			return queue.Delivery{}, err
		}
		d, ok, err := sub.take()
		if err != nil || ok {
			return d, err
		}
		var room <-chan struct{}
		if sub.q.db.Room() != nil {
			room = sub.q.db.RoomAgain()
		}
		select {
		case <-sub.wake:
		case <-room:
		case <-sub.dead:
		case <-sub.q.db.Done():
			return queue.Delivery{}, fmt.Errorf("%w: %w", queue.ErrClosed, sub.q.db.Room())
		case <-ctx.Done():
		}
	}
}

// take hands out the message under the cursor, if it may be.
func (sub *subscription) take() (d queue.Delivery, ok bool, err error) {
	s := sub.shard
	s.mu.Lock()
	defer s.mu.Unlock()
	if sub.closed() {
		return d, false, queue.ErrClosed
	}
	if s.subs[0] != sub || s.cursor >= s.limit() || s.cursor-s.head >= sub.prefetch || sub.q.db.Room() != nil {
		return d, false, nil
	}
	seq := s.cursor
	r, err := sub.q.record(seqKey(s.messages, seq))
	if err != nil {
		return d, false, fmt.Errorf("queuepebble: read message %d of %s: %w", seq, s.name, err)
	}
	s.cursor++
	d = queue.Delivery{
		Message: r.Message, Tag: tagOf(sub.number, seq), Attempts: r.attempts,
		Recovered: r.recovered, Redelivered: seq < s.handed,
	}
	s.handed = max(s.handed, s.cursor)
	if s.cursor < s.limit() {
		s.signal() // for another caller of Next, whose wake-up this one may have taken
	}
	return d, true, nil
}

func (sub *subscription) closed() bool {
	select {
	case <-sub.dead:
		return true
	default:
		return false
	}
}

// AckThrough implements [queue.Subscription].
func (sub *subscription) AckThrough(_ context.Context, d queue.Delivery) error {
	number, seq := cutTag(d.Tag)
	s := sub.shard
	s.mu.Lock()
	defer s.mu.Unlock()
	if sub.closed() || number != sub.number {
		return queue.ErrClosed
	}
	if seq >= s.cursor {
		return fmt.Errorf("queuepebble: message %d of %s was not delivered", seq, s.name)
	}
	if seq < s.head {
		return nil // acknowledged before
	}
	err := sub.q.write(func(b *pebble.Batch) error { return s.forget(b, seq) })
	if err != nil {
		// The database has ended, and every subscription with it.
		return fmt.Errorf("queuepebble: acknowledge %s: %w: %w", s.name, queue.ErrClosed, err)
	}
	s.family.depth.Add(-int64(seq + 1 - s.head))
	if s.head < s.opened {
		sub.q.backlog.Add(-int64(min(seq+1, s.opened) - s.head))
	}
	s.head = seq + 1
	s.signal()
	return nil
}

// forget deletes all messages up to seq and moves the stored frontier. Call it with mu held.
func (s *shard) forget(b *pebble.Batch, seq uint64) error {
	for n := s.head; n <= seq; n++ {
		if err := b.SingleDelete(seqKey(s.messages, n), nil); err != nil {
			return err
		}
	}
	return b.Set(s.frontier, binary.BigEndian.AppendUint64(nil, seq), nil)
}

// Close implements [queue.Subscription].
func (sub *subscription) Close() error {
	s := sub.shard
	s.mu.Lock()
	defer s.mu.Unlock()
	if sub.closed() {
		return nil
	}
	close(sub.dead)
	i := slices.Index(s.subs, sub)
	s.subs = slices.Delete(s.subs, i, i+1)
	if i == 0 {
		s.cursor = s.head
		s.signal()
	}
	return nil
}
