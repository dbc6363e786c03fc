package queuepebble

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

// recordVersion begins every record. It rises when a reader of today would
// misread a record; the folder's format then rises with it.
const recordVersion = 1

const flagRecovered = 1

var errRecord = errors.New("malformed record")

// record is a message as it is kept, wherever it is kept.
type record struct {
	queue.Message
	attempts  int
	recovered bool
	reason    string    // parked only
	at        time.Time // parked only, to the millisecond
}

// encode returns the bytes of r: version, flags, then every field with its
// length before it, headers in order of their names.
func (r record) encode() []byte {
	const numbers = 40 // room for the numbers and most lengths
	size := numbers + len(r.ID) + len(r.Type) + len(r.Family) + len(r.reason) + len(r.Body)
	for name, value := range r.Headers {
		size += len(name) + len(value) + 4
	}
	b := make([]byte, 0, size)
	var flags byte
	if r.recovered {
		flags |= flagRecovered
	}
	b = append(b, recordVersion, flags)
	b = binary.AppendUvarint(b, uint64(r.attempts))
	b = binary.AppendUvarint(b, uint64(r.Key))
	b = appendText(b, r.ID)
	b = appendText(b, string(r.Type))
	b = appendText(b, string(r.Family))
	b = binary.AppendUvarint(b, uint64(len(r.Headers)))
	for _, name := range slices.Sorted(maps.Keys(r.Headers)) {
		b = appendText(b, name)
		b = appendText(b, r.Headers[name])
	}
	b = appendText(b, r.reason)
	var at uint64
	if !r.at.IsZero() {
		at = uint64(r.at.UnixMilli())
	}
	b = binary.AppendUvarint(b, at)
	return append(b, r.Body...)
}

func appendText(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// decode reads what encode wrote and keeps nothing of b.
func decode(b []byte) (record, error) {
	var r record
	if len(b) < 2 || b[0] != recordVersion {
		return r, errRecord
	}
	r.recovered = b[1]&flagRecovered != 0
	in := reader{b: b[2:]}
	r.attempts = int(in.number())
	r.Key = snowflake.ID(in.number())
	r.ID = in.text()
	r.Type = social.EventType(in.text())
	r.Family = social.Family(in.text())
	// A header takes two bytes at least; a larger number is a lie.
	if n := in.number(); n > 0 && n <= uint64(len(in.b)) {
		r.Headers = make(map[string]string, n)
		for range n {
			name := in.text()
			r.Headers[name] = in.text()
		}
	} else if n != 0 {
		in.bad = true
	}
	r.reason = in.text()
	if at := in.number(); at != 0 {
		r.at = time.UnixMilli(int64(at)).UTC()
	}
	if in.bad {
		return record{}, errRecord
	}
	r.Body = slices.Clone(in.b)
	return r, nil
}

// reader takes fields off the front of b; bad is set once and for all when b
// ends early.
type reader struct {
	b   []byte
	bad bool
}

func (in *reader) number() uint64 {
	v, n := binary.Uvarint(in.b)
	if n <= 0 {
		in.bad, in.b = true, nil
		return 0
	}
	in.b = in.b[n:]
	return v
}

func (in *reader) text() string {
	n := in.number()
	if n > uint64(len(in.b)) {
		in.bad, in.b = true, nil
		return ""
	}
	s := string(in.b[:n])
	in.b = in.b[n:]
	return s
}
