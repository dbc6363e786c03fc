package storepebble

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/starlinghq/starling/internal/social"
)

// A row is its version in one byte, then its fields in a fixed order: ids in
// eight bytes, counters and lengths as uvarints, texts behind their lengths.
// Rows of objects have their [social.Last] first, so that a write can be judged
// without decoding the rest.
const rowVersion = 1

// errCorrupt is in every error about bytes that no release wrote.
var errCorrupt = errors.New("corrupt row")

func appendVersion(b []byte) []byte { return append(b, rowVersion) }

func appendFixed[T ~int64](b []byte, v T) []byte {
	return binary.BigEndian.AppendUint64(b, uint64(v))
}

func appendCounter(b []byte, v int64) []byte { return binary.AppendVarint(b, v) }

func appendUvarint(b []byte, n int) []byte { return binary.AppendUvarint(b, uint64(n)) }

func appendText(b []byte, s string) []byte {
	b = appendUvarint(b, len(s))
	return append(b, s...)
}

func appendLast(b []byte, l social.Last) []byte {
	return append(appendFixed(b, l.Event), byte(l.State))
}

// decoder reads the fields of one row. The first fault sticks, and all reads
// after it return zero values.
type decoder struct {
	b   []byte
	err error
}

// decode starts with a row's version.
func decode(row []byte) decoder {
	d := decoder{b: row}
	if v := d.byte(); d.err == nil && v != rowVersion {
		d.fail(fmt.Sprintf("version %d, this release reads %d", v, rowVersion))
	}
	return d
}

func (d *decoder) fail(why string) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %s", errCorrupt, why)
	}
	d.b = nil
}

// done returns the first fault; bytes left over are one.
func (d *decoder) done() error {
	if d.err == nil && len(d.b) > 0 {
		d.fail(fmt.Sprintf("%d bytes too many", len(d.b)))
	}
	return d.err
}

// take returns the next n bytes, which belong to the row's buffer.
func (d *decoder) take(n uint64) []byte {
	if n > uint64(len(d.b)) {
		d.fail("too short")
		return nil
	}
	out := d.b[:n]
	d.b = d.b[n:]
	return out
}

func (d *decoder) byte() byte {
	b := d.take(1)
	if b == nil {
		return 0
	}
	return b[0]
}

func fixed[T ~int64](d *decoder) T {
	b := d.take(8)
	if b == nil {
		return 0
	}
	return T(binary.BigEndian.Uint64(b))
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.fail("bad uvarint")
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) counter() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.fail("bad varint")
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) text() string { return string(d.take(d.uvarint())) }

func (d *decoder) last() social.Last {
	l := social.Last{Event: fixedEvent(d)}
	switch s := social.State(d.byte()); s {
	case social.Off, social.On:
		l.State = s
	default:
		d.fail(fmt.Sprintf("state %d", s))
	}
	return l
}
