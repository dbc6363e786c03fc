package queuepebble

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/cockroachdb/pebble/v2"

	"github.com/starlinghq/starling/internal/queue"
)

// shard is one queue: messages with rising numbers between frontier and tail.
type shard struct {
	name     queue.Name
	family   *family
	messages []byte // key prefix
	frontier []byte // key

	mu       sync.Mutex
	head     uint64   // the first not acknowledged, frontier+1; guarded by mu
	cursor   uint64   // the next to hand out; guarded by mu
	tail     uint64   // the next to publish; guarded by mu
	handed   uint64   // all below were handed out once; guarded by mu
	opened   uint64   // the tail when the process began; read-only
	unsynced []uint64 // first numbers of publishes that wait for their fsync, rising; guarded by mu
	subs     []*subscription
	made     uint64 // subscriptions made so far; guarded by mu, as is subs
}

// openShard reads a queue's state.
func (q *Queue) openShard(f *family, name queue.Name) (*shard, error) {
	s := &shard{
		name: name, family: f,
		messages: queueKey(tableMessages, name),
		frontier: queueKey(tableFrontier, name),
	}
	frontier, err := q.number(s.frontier)
	if err != nil {
		return nil, fmt.Errorf("read the frontier of %s: %w", name, err)
	}
	s.head, s.cursor, s.tail = frontier+1, frontier+1, frontier+1
	err = q.scan(s.messages, true, func(suffix, _ []byte) (bool, error) {
		s.tail = binary.BigEndian.Uint64(suffix) + 1
		return false, nil
	})
	if err != nil {
		return nil, fmt.Errorf("find the tail of %s: %w", name, err)
	}
	if s.tail < s.head {
		return nil, fmt.Errorf("%s ends at %d, before its frontier %d", name, s.tail, frontier)
	}
	s.opened, s.handed = s.tail, s.tail
	return s, nil
}

// scan calls f with the number and the value of each key under prefix, from
// the end if backwards, until f returns false.
func (q *Queue) scan(prefix []byte, backwards bool, f func(suffix, value []byte) (bool, error)) error {
	// No number reaches 1<<63, so this is behind them all.
	iter, err := q.db.Pebble().NewIter(&pebble.IterOptions{LowerBound: prefix, UpperBound: seqKey(prefix, 1<<63)})
	if err != nil {
		return err
	}
	first, next := iter.First, iter.Next
	if backwards {
		first, next = iter.Last, iter.Prev
	}
	for ok := first(); ok; ok = next() {
		suffix := iter.Key()[len(prefix):]
		if len(suffix) != 8 {
			return errors.Join(errKey, iter.Close())
		}
		more, err := f(suffix, iter.Value())
		if err != nil || !more {
			return errors.Join(err, iter.Close())
		}
	}
	return errors.Join(iter.Error(), iter.Close())
}

// ready is the number of messages not acknowledged. Call it with mu held.
func (s *shard) ready() int64 { return int64(s.tail - s.head) }

// limit is the first number that may not be handed out yet. Call it with mu held.
func (s *shard) limit() uint64 {
	if len(s.unsynced) > 0 {
		return s.unsynced[0]
	}
	return s.tail
}

// append puts messages behind the tail, into b. The caller commits b and then
// moves the tail, all with mu held.
func (s *shard) append(b *pebble.Batch, records []record) error {
	for i, r := range records {
		if err := b.Set(seqKey(s.messages, s.tail+uint64(i)), r.encode(), nil); err != nil {
			return err
		}
	}
	return nil
}

// synced tells that everything below end survives a crash.
func (s *shard) synced(end uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for n < len(s.unsynced) && s.unsynced[n] < end {
		n++
	}
	if n == 0 {
		return
	}
	s.unsynced = s.unsynced[:copy(s.unsynced, s.unsynced[n:])]
	s.signal()
}

// signal wakes the active subscription. Call it with mu held.
func (s *shard) signal() {
	if len(s.subs) == 0 {
		return
	}
	select {
	case s.subs[0].wake <- struct{}{}:
	default: // it has not taken the last one yet and will look again
	}
}
