package wire

import (
	"encoding/binary"
	"slices"
	"sync"
)

// Witness remembers which messages were acknowledged, and which of those the
// broker delivered again.
type Witness struct {
	mu         sync.Mutex
	deliveries int             // guarded by mu
	returned   int             // guarded by mu; deliveries that the broker calls redelivered
	acked      map[string]bool // guarded by mu; queue and message id
	again      []string        // guarded by mu; redeliveries of what was acknowledged
	anew       int             // guarded by mu; deliveries of what was published again under an id that was acknowledged
}

func newWitness() *Witness { return &Witness{acked: map[string]bool{}} }

// Summary says what was seen.
type Summary struct {
	Deliveries int      // all
	Returned   int      // that were delivered before and not acknowledged
	Acked      int      // messages
	Again      []string // redeliveries of messages that were acknowledged before
	Anew       int      // messages published again under the id of one that was acknowledged, as derived commands are
}

// Summary returns what was seen so far.
func (w *Witness) Summary() Summary {
	w.mu.Lock()
	defer w.mu.Unlock()
	return Summary{Deliveries: w.deliveries, Returned: w.returned, Acked: len(w.acked), Again: slices.Clone(w.again), Anew: w.anew}
}

// connection is one connection as the witness sees it. Its two halves are seen
// by two goroutines.
type connection struct {
	w    *Witness
	open map[uint16]*delivered // guarded by w.mu; by channel
}

// delivered is what waits for acknowledgement on one channel.
type delivered struct {
	next    string // "queue" of a delivery whose header has not come yet
	tag     uint64
	again   bool
	waiting map[uint64]string
}

func (w *Witness) connection() *connection {
	return &connection{w: w, open: map[uint16]*delivered{}}
}

func (c *connection) channel(n uint16) *delivered {
	d := c.open[n]
	if d == nil {
		d = &delivered{waiting: map[uint64]string{}}
		c.open[n] = d
	}
	return d
}

// received sees a frame of the broker.
func (c *connection) received(f frame) {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	switch {
	case f.isMethod(60, 60): // basic.deliver
		r := reader{f.payload[4:]}
		r.short() // the consumer's tag
		d := c.channel(f.channel)
		d.tag = r.uint64()
		d.again = r.byte() != 0
		r.short() // exchange
		d.next = r.short()
	case f.kind == frameHeader && c.channel(f.channel).next != "":
		d := c.channel(f.channel)
		c.deliver(d, d.next+" "+messageID(f.payload))
		d.next = ""
	case f.isMethod(20, 11): // channel.open-ok: tags begin anew
		delete(c.open, f.channel)
	}
}

func (c *connection) deliver(d *delivered, id string) {
	c.w.deliveries++
	if d.again {
		c.w.returned++
	}
	switch {
	case c.w.acked[id] && d.again:
		c.w.again = append(c.w.again, id)
	case c.w.acked[id]:
		c.w.anew++
	}
	d.waiting[d.tag] = id
}

// sent sees a frame of the process.
func (c *connection) sent(f frame) {
	if !f.isMethod(60, 80) { // basic.ack
		return
	}
	r := reader{f.payload[4:]}
	tag, multiple := r.uint64(), r.byte() != 0
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	waiting := c.channel(f.channel).waiting
	for t, id := range waiting {
		if t == tag || multiple && t < tag {
			c.w.acked[id] = true
			delete(waiting, t)
		}
	}
}

// messageID reads the message id of a content header.
func messageID(header []byte) string {
	if len(header) < 14 {
		return ""
	}
	flags := binary.BigEndian.Uint16(header[12:])
	r := reader{header[14:]}
	// Each property that is there, in order, up to the message id.
	if flags&(1<<15) != 0 {
		r.short() // content type
	}
	if flags&(1<<14) != 0 {
		r.short() // content encoding
	}
	if flags&(1<<13) != 0 {
		r.skip(int(r.uint32())) // headers
	}
	if flags&(1<<12) != 0 {
		r.byte() // delivery mode
	}
	if flags&(1<<11) != 0 {
		r.byte() // priority
	}
	for bit := 10; bit >= 8; bit-- { // correlation id, reply to, expiration
		if flags&(1<<bit) != 0 {
			r.short()
		}
	}
	if flags&(1<<7) == 0 {
		return ""
	}
	return r.short()
}
