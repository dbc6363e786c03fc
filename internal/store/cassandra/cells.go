package storecassandra

import (
	"fmt"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// Cells that hold several values are frozen tuples, with what decides first: of
// two cells under one timestamp Cassandra keeps the one with the larger bytes,
// and so the one with the larger event or stamp. Ids, epochs and sequences are
// never negative, so that bytes compare as numbers do.

// bind puts the values of a statement together. The driver wants the parts of a
// tuple bound one by one, so a list in between is spread.
func bind(values ...any) []any {
	out := make([]any, 0, len(values)+4)
	for _, v := range values {
		if list, ok := v.([]any); ok {
			out = append(out, list...)
		} else {
			out = append(out, v)
		}
	}
	return out
}

// lastCell is social.Last on its way from a row.
type lastCell struct {
	event int64
	state int8
}

func lastValue(l social.Last) []any { return []any{int64(l.Event), int8(l.State)} }

func (c lastCell) value() social.Last {
	return social.Last{Event: snowflake.ID(c.event), State: social.State(c.state)}
}

func (c lastCell) on() bool { return c.value().State == social.On }

// memberCell is store.Member on its way from a row: all of it is one cell, since
// the list of what a user likes hangs on Since.
type memberCell struct {
	lastCell
	since int64
}

func (c memberCell) value(user social.UserID) store.Member {
	return store.Member{User: user, Since: snowflake.ID(c.since), Last: c.lastCell.value()}
}

// countCell is store.Count on its way from a row.
type countCell struct{ epoch, seq, n int64 }

func countValue(c store.Count) []any { return []any{int64(c.Stamp.Epoch), c.Stamp.Seq, c.N} }

func (c countCell) value() store.Count {
	return store.Count{N: c.n, Stamp: store.Stamp{Epoch: store.Epoch(c.epoch), Seq: c.seq}}
}

// timestamp is the write timestamp of a row: the id of the event that wrote it,
// and so in the order by which events win. It has nothing to do with time. One
// of microseconds, as Cassandra has by itself, has no room for the node and the
// sequence of an id: of two events of one millisecond the larger one could lose.
// Tables written so before stay right, since ids are above all microseconds.
func timestamp(event snowflake.ID) int64 { return int64(event) }

// Bits of a count's write timestamp: 22 of the epoch, 41 of the sequence. That
// is four million owners of one shard, and for each 70 years of a thousand
// counts a second.
const (
	seqBits   = 41
	epochBits = 63 - seqBits
)

// countTimestamp makes a write timestamp of a stamp, in the stamps' order. It
// has nothing to do with time.
func countTimestamp(s store.Stamp) (int64, error) {
	if s.Epoch < 0 || s.Epoch >= 1<<epochBits || s.Seq < 0 || s.Seq >= 1<<seqBits {
		return 0, fmt.Errorf("epoch %d and sequence %d make no timestamp", s.Epoch, s.Seq)
	}
	return int64(s.Epoch)<<seqBits | s.Seq, nil
}

// fieldCell is one field of a profile with the event that set it.
type fieldCell struct {
	event int64
	text  string
}

func fieldValue(event snowflake.ID, text string) []any { return []any{int64(event), text} }
