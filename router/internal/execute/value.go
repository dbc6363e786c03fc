package execute

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"
	"unsafe"
)

// kind is the JSON kind of a value.
type kind uint8

const (
	kindNull kind = iota
	kindFalse
	kindTrue
	kindNumber
	kindString
	kindArray
	kindObject
)

// maxDepth bounds the nesting of one subgraph answer.
const maxDepth = 512

// value is one node of the joined response tree. Numbers and strings keep the
// bytes of the answer they came from (strings with their quotes and escapes),
// so that rendering them is a copy.
type value struct {
	kind kind
	// source is the number of the subgraph in the running plan.
	source uint16
	// cause is the number of the error that says why a null is there, or why
	// something of an object is not; 0 is none.
	cause   uint32
	raw     []byte
	items   []*value
	members []member
}

type member struct {
	key string
	val *value
}

var (
	errDepth  = errors.New("nested too deeply")
	errSyntax = errors.New("not JSON")
	errUTF8   = errors.New("not UTF-8")
)

// get returns the member's value, or nil.
func (v *value) get(key string) *value {
	for i := range v.members {
		if v.members[i].key == key {
			return v.members[i].val
		}
	}
	return nil
}

// isNull is true for null and for what is absent.
func (v *value) isNull() bool { return v == nil || v.kind == kindNull }

// text returns a string value without quotes. Escapes stay as they are: it is
// for names, which have none.
func (v *value) text() string {
	if v == nil || v.kind != kindString {
		return ""
	}
	return bytesString(v.raw[1 : len(v.raw)-1])
}

// bytesString views bytes that nobody will write again as a string.
func bytesString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// reader turns JSON text into values. Its memory is reused from request to
// request.
type reader struct {
	values  slab[value]
	lists   slab[*value]
	objects slab[member]
	// scratch of the text being read
	items   []*value
	members []member
}

func (r *reader) reset() {
	r.values.reset()
	r.lists.reset()
	r.objects.reset()
	clear(r.items[:cap(r.items)])
	clear(r.members[:cap(r.members)])
}

func (r *reader) alloc() *value { return &r.values.take(1)[0] }

// cutItems copies the scratch items from index on to memory of their own.
func (r *reader) cutItems(from int) []*value {
	out := r.lists.take(len(r.items) - from)
	copy(out, r.items[from:])
	r.items = r.items[:from]
	return out
}

// cutMembers does the same for members.
func (r *reader) cutMembers(from int) []member {
	out := r.objects.take(len(r.members) - from)
	copy(out, r.members[from:])
	r.members = r.members[:from]
	return out
}

// parse reads one JSON text. The values refer to body, which must not change
// while they are in use.
func (r *reader) parse(body []byte, source uint16) (*value, error) {
	if !utf8.Valid(body) {
		return nil, errUTF8
	}
	p := parser{r: r, b: body, source: source}
	r.items, r.members = r.items[:0], r.members[:0]
	v, err := p.value(0)
	if err != nil {
		return nil, fmt.Errorf("at byte %d: %w", p.i, err)
	}
	p.space()
	if p.i != len(p.b) {
		return nil, fmt.Errorf("at byte %d: %w", p.i, errSyntax)
	}
	return v, nil
}

// append writes the value as JSON.
func (v *value) append(out []byte) []byte {
	if v == nil {
		return append(out, "null"...)
	}
	switch v.kind {
	case kindTrue:
		return append(out, "true"...)
	case kindFalse:
		return append(out, "false"...)
	case kindNumber, kindString:
		return append(out, v.raw...)
	case kindArray:
		out = append(out, '[')
		for i, item := range v.items {
			if i > 0 {
				out = append(out, ',')
			}
			out = item.append(out)
		}
		return append(out, ']')
	case kindObject:
		out = append(out, '{')
		for i := range v.members {
			if i > 0 {
				out = append(out, ',')
			}
			out = appendString(out, v.members[i].key)
			out = append(out, ':')
			out = v.members[i].val.append(out)
		}
		return append(out, '}')
	default:
		return append(out, "null"...)
	}
}

// integer returns a number's value when it is a whole number that fits Int.
func (v *value) integer() (int64, bool) {
	if n, err := strconv.ParseInt(bytesString(v.raw), 10, 64); err == nil {
		return n, n >= math.MinInt32 && n <= math.MaxInt32
	}
	f, err := strconv.ParseFloat(bytesString(v.raw), 64)
	if err != nil || f != math.Trunc(f) || f < math.MinInt32 || f > math.MaxInt32 {
		return 0, false
	}
	return int64(f), true
}
