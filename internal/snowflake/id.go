package snowflake

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
)

const (
	// Epoch is the millisecond 0 of an id, 2024-01-01T00:00:00Z, in Unix milliseconds.
	Epoch Millis = 1_704_067_200_000

	// Nodes is how many node numbers there are: 0 to 1023.
	Nodes = 1 << nodeBits

	// PerMilli is how many ids a node makes in one millisecond: one each microsecond, though the field has room for 4,096.
	PerMilli = 1000

	nodeBits = 10
	seqBits  = 12
	msShift  = nodeBits + seqBits
	maxMs    = 1<<41 - 1
)

// ErrBadID says that a text is no id.
var ErrBadID = errors.New("not an id")

// ID is a time-ordered id: 41 bit milliseconds since [Epoch], 10 bit node, 12 bit sequence. 0 is no id.
type ID int64

// Millis is a time in Unix milliseconds.
type Millis int64

// MillisOf is t in Unix milliseconds, rounded down.
func MillisOf(t time.Time) Millis { return Millis(t.UnixMilli()) }

// Time is m as a time in UTC.
func (m Millis) Time() time.Time { return time.UnixMilli(int64(m)).UTC() }

// Make puts an id together. The time is held inside what an id can say, node and sequence are cut to their fields.
func Make(ms Millis, node, seq int) ID {
	rel := min(max(int64(ms-Epoch), 0), maxMs)
	return ID(rel<<msShift | int64(node&(Nodes-1))<<seqBits | int64(seq&(1<<seqBits-1)))
}

// FirstAt is the smallest id of the millisecond of t, and so a bound for ranges: ids made at or after t are not below it.
// Times before [Epoch] give 0.
func FirstAt(t time.Time) ID { return Make(MillisOf(t), 0, 0) }

// Time is when the id was made, to the millisecond, in UTC, by the hybrid clock of its maker.
func (id ID) Time() time.Time { return Millis(id.Millis()).Time() }

// Millis is when the id was made, in Unix milliseconds.
func (id ID) Millis() int64 { return int64(id)>>msShift + int64(Epoch) }

// Node is the number of the node that made the id.
func (id ID) Node() int { return int(id>>seqBits) & (Nodes - 1) }

// Seq is the place of the id among those of its node and millisecond.
func (id ID) Seq() int { return int(id) & (1<<seqBits - 1) }

// String is the id in decimal.
func (id ID) String() string { return strconv.FormatInt(int64(id), 10) }

// Parse reads what [ID.String] writes and nothing else: no sign, no leading zero, not 0, at most 63 bits. Else the error
// is [ErrBadID]. That an id parses does not mean that anybody made it.
func Parse(s string) (ID, error) {
	if s == "" || len(s) > len("9223372036854775807") || s[0] == '0' {
		return 0, fmt.Errorf("snowflake: %q: %w", shorten(s), ErrBadID)
	}
	var n uint64
	for i := range len(s) {
		c := s[i] - '0'
		if c > 9 {
			return 0, fmt.Errorf("snowflake: %q: %w", shorten(s), ErrBadID)
		}
		n = n*10 + uint64(c) // 19 digits fit in 64 bits
	}
	if n > math.MaxInt64 {
		return 0, fmt.Errorf("snowflake: %q: %w", shorten(s), ErrBadID)
	}
	return ID(n), nil
}

// shorten keeps what a stranger sent from filling a log line.
func shorten(s string) string {
	const most = 32
	if len(s) <= most {
		return s
	}
	return s[:most] + "..."
}
