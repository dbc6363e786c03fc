package execute

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

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
	for {
		p.i += plain(p.b[p.i:])
		if p.i == len(p.b) {
			return nil, errSyntax
		}
		switch p.b[p.i] {
		case '"':
			p.i++
			return p.b[start:p.i], nil
		case '\\':
			if err := p.escape(); err != nil {
				return nil, err
			}
		default:
			return nil, errSyntax // a control character
		}
	}
}

const (
	each = 0x0101010101010101 // times c: c in every byte of a word
	high = 0x80 * each
)

// plain is the number of bytes before the first one that ends a string or
// needs a look: a quote, a backslash or a control character. It takes eight at
// a time; strings are most of what subgraphs send. A byte below n is one whose
// highest bit is off and comes on when n is subtracted; the borrow may mark
// bytes above such a one wrongly, never below, and the lowest is what counts.
func plain(b []byte) int {
	i := 0
	for ; len(b)-i >= 8; i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		quote, backslash := w^('"'*each), w^('\\'*each)
		found := ((w-0x20*each)&^w | (quote-each)&^quote | (backslash-each)&^backslash) & high
		if found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for ; i < len(b); i++ {
		if c := b[i]; c == '"' || c == '\\' || c < 0x20 {
			return i
		}
	}
	return i
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
	if bytes.IndexByte(inner, '\\') >= 0 {
		return unquote(raw)
	}
	return bytesString(inner), nil
}
