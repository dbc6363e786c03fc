package wire

import "encoding/binary"

const (
	frameMethod = 1
	frameHeader = 2
	frameStart  = 7 // octets before the payload; one follows it
	greeting    = 8 // octets that a client sends first: AMQP and the version
)

// frame is one frame of AMQP 0-9-1.
type frame struct {
	kind    byte
	channel uint16
	payload []byte
}

func (f frame) isMethod(class, method uint16) bool {
	return f.kind == frameMethod && len(f.payload) >= 4 &&
		binary.BigEndian.Uint16(f.payload) == class && binary.BigEndian.Uint16(f.payload[2:]) == method
}

// parser cuts what one side sends into frames.
type parser struct {
	see    func(frame)
	header bool // the side greets first
	rest   []byte
}

func (p *parser) write(b []byte) {
	p.rest = append(p.rest, b...)
	if p.header {
		if len(p.rest) < greeting {
			return
		}
		p.rest, p.header = p.rest[greeting:], false
	}
	for len(p.rest) >= frameStart {
		size := int(binary.BigEndian.Uint32(p.rest[3:]))
		whole := frameStart + size + 1
		if len(p.rest) < whole {
			return
		}
		p.see(frame{kind: p.rest[0], channel: binary.BigEndian.Uint16(p.rest[1:]), payload: p.rest[frameStart : frameStart+size]})
		p.rest = p.rest[whole:]
	}
	if len(p.rest) == 0 {
		p.rest = nil // lets the array go
	}
}

// reader reads the fields of a payload; what is not there reads as zero.
type reader struct{ b []byte }

func (r *reader) take(n int) []byte {
	if n > len(r.b) {
		r.b = nil
		return make([]byte, n)
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) skip(n int)     { r.b = r.b[min(max(n, 0), len(r.b)):] }
func (r *reader) byte() byte     { return r.take(1)[0] }
func (r *reader) uint32() uint32 { return binary.BigEndian.Uint32(r.take(4)) }
func (r *reader) uint64() uint64 { return binary.BigEndian.Uint64(r.take(8)) }
func (r *reader) short() string  { return string(r.take(int(r.byte()))) }
