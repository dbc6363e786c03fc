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
	// failed marks a null that a subgraph explained with an error.
	failed bool
	// source is the number of the subgraph in the running plan.
	source  uint16
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

type parser struct {
	r      *reader
	b      []byte
	i      int
	source uint16
}

func (p *parser) space() {
	for p.i < len(p.b) {
		switch p.b[p.i] {
		case ' ', '\t', '\n', '\r':
			p.i++
		default:
			return
		}
	}
}

func (p *parser) value(depth int) (*value, error) {
	if depth > maxDepth {
		return nil, errDepth
	}
	p.space()
	if p.i >= len(p.b) {
		return nil, errSyntax
	}
	v := p.r.alloc()
	v.source = p.source
	switch c := p.b[p.i]; c {
	case '{':
		return v, p.object(v, depth)
	case '[':
		return v, p.array(v, depth)
	case '"':
		raw, err := p.str()
		v.kind, v.raw = kindString, raw
		return v, err
	case 't':
		v.kind = kindTrue
		return v, p.word("true")
	case 'f':
		v.kind = kindFalse
		return v, p.word("false")
	case 'n':
		v.kind = kindNull
		return v, p.word("null")
	default:
		raw, err := p.number()
		v.kind, v.raw = kindNumber, raw
		return v, err
	}
}

func (p *parser) word(w string) error {
	if len(p.b)-p.i < len(w) || string(p.b[p.i:p.i+len(w)]) != w {
		return errSyntax
	}
	p.i += len(w)
	return nil
}

func (p *parser) object(v *value, depth int) error {
	v.kind = kindObject
	p.i++
	from := len(p.r.members)
	p.space()
	if p.i < len(p.b) && p.b[p.i] == '}' {
		p.i++
		return nil
	}
	for {
		p.space()
		if p.i >= len(p.b) || p.b[p.i] != '"' {
			return errSyntax
		}
		raw, err := p.str()
		if err != nil {
			return err
		}
		key, err := unquoteKey(raw)
		if err != nil {
			return err
		}
		p.space()
		if p.i >= len(p.b) || p.b[p.i] != ':' {
			return errSyntax
		}
		p.i++
		child, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		p.r.members = append(p.r.members, member{key: key, val: child})
		p.space()
		if p.i >= len(p.b) {
			return errSyntax
		}
		switch p.b[p.i] {
		case ',':
			p.i++
		case '}':
			p.i++
			v.members = p.r.cutMembers(from)
			return nil
		default:
			return errSyntax
		}
	}
}

func (p *parser) array(v *value, depth int) error {
	v.kind = kindArray
	p.i++
	from := len(p.r.items)
	p.space()
	if p.i < len(p.b) && p.b[p.i] == ']' {
		p.i++
		return nil
	}
	for {
		child, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		p.r.items = append(p.r.items, child)
		p.space()
		if p.i >= len(p.b) {
			return errSyntax
		}
		switch p.b[p.i] {
		case ',':
			p.i++
		case ']':
			p.i++
			v.items = p.r.cutItems(from)
			return nil
		default:
			return errSyntax
		}
	}
}

// str returns a string with its quotes.
func (p *parser) str() ([]byte, error) {
	start := p.i
	p.i++
	for p.i < len(p.b) {
		switch c := p.b[p.i]; {
		case c == '"':
			p.i++
			return p.b[start:p.i], nil
		case c == '\\':
			if err := p.escape(); err != nil {
				return nil, err
			}
		case c < 0x20:
			return nil, errSyntax
		default:
			p.i++
		}
	}
	return nil, errSyntax
}

func (p *parser) escape() error {
	p.i++
	if p.i >= len(p.b) {
		return errSyntax
	}
	switch p.b[p.i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		p.i++
		return nil
	case 'u':
		if len(p.b)-p.i < 5 {
			return errSyntax
		}
		for _, c := range p.b[p.i+1 : p.i+5] {
			if !isHex(c) {
				return errSyntax
			}
		}
		p.i += 5
		return nil
	default:
		return errSyntax
	}
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func (p *parser) number() ([]byte, error) {
	start := p.i
	if p.i < len(p.b) && p.b[p.i] == '-' {
		p.i++
	}
	switch {
	case p.i < len(p.b) && p.b[p.i] == '0':
		p.i++
	case p.digits() == 0:
		return nil, errSyntax
	}
	if p.i < len(p.b) && p.b[p.i] == '.' {
		p.i++
		if p.digits() == 0 {
			return nil, errSyntax
		}
	}
	if p.i < len(p.b) && (p.b[p.i] == 'e' || p.b[p.i] == 'E') {
		p.i++
		if p.i < len(p.b) && (p.b[p.i] == '+' || p.b[p.i] == '-') {
			p.i++
		}
		if p.digits() == 0 {
			return nil, errSyntax
		}
	}
	return p.b[start:p.i], nil
}

func (p *parser) digits() int {
	from := p.i
	for p.i < len(p.b) && '0' <= p.b[p.i] && p.b[p.i] <= '9' {
		p.i++
	}
	return p.i - from
}

// unquoteKey decodes a member name. Names without escapes, which is nearly all
// of them, are views.
func unquoteKey(raw []byte) (string, error) {
	inner := raw[1 : len(raw)-1]
	for _, c := range inner {
		if c == '\\' {
			return unquote(raw)
		}
	}
	return bytesString(inner), nil
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
