package store

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/starlinghq/starling/internal/social"
)

// Shard is the unit of ownership: one slice of one family's keys.
type Shard struct {
	Family social.Family
	Number int
}

// String returns family.number with two digits, the name of the shard's queue.
func (s Shard) String() string { return fmt.Sprintf("%s.%02d", s.Family, s.Number) }

// Epoch numbers the ownerships of a shard, from 1 upwards. Zero means that it
// never had an owner.
type Epoch int64

// Stamp orders the counts written to one partition: by the epoch of the owner,
// then by its own sequence.
type Stamp struct {
	Epoch Epoch
	Seq   int64
}

// Newer tells whether a count stamped s replaces one stamped o.
func (s Stamp) Newer(o Stamp) bool {
	if s.Epoch != o.Epoch {
		return s.Epoch > o.Epoch
	}
	return s.Seq > o.Seq
}

// Count is the number of live rows of a partition and who counted last.
type Count struct {
	N     int64
	Stamp Stamp
}

// Fence proves to the store that a write comes from the owner of a shard. It
// is made by [NewFence] when the owner has taken its epoch, and is safe for
// concurrent use.
type Fence struct {
	Shard Shard
	Epoch Epoch
	seq   *atomic.Int64
}

// NewFence returns the fence of the owner that took epoch e of shard s.
func NewFence(s Shard, e Epoch) Fence {
	return Fence{Shard: s, Epoch: e, seq: new(atomic.Int64)}
}

// Next returns the next stamp of this ownership.
func (f Fence) Next() Stamp { return Stamp{Epoch: f.Epoch, Seq: f.seq.Add(1)} }

// Epochs is the register of ownership.
type Epochs interface {
	// Epoch returns the present epoch of a shard, 0 where it never had an owner.
	Epoch(ctx context.Context, s Shard) (Epoch, error)
	// TakeEpoch makes the caller the owner of s if its epoch is still read, and
	// returns read+1. ErrStale: somebody else was faster. From then on writes
	// under an older fence of s change no count, and on the embedded adapter
	// nothing at all (ErrStale).
	TakeEpoch(ctx context.Context, s Shard, read Epoch) (Epoch, error)
}
