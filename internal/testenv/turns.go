package testenv

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Turns stands before a server and counts round trips: how often a client that
// has been answered speaks again. Answers are held back a little, so that a
// client which sends many things at once has sent them all before the first of
// them is answered, however slow the machine: they are one turn.
type Turns struct {
	listener net.Listener
	server   string
	count    atomic.Int64
	running  sync.WaitGroup

	mu    sync.Mutex
	over  bool       // guarded by mu; connections that come later are closed
	conns []net.Conn // guarded by mu
}

// heldBack is how long answers wait. What a client sends within that time is
// one turn.
const heldBack = 10 * time.Millisecond

// NewTurns stands before the server at an address until the test ends.
func NewTurns(t testing.TB, server string) *Turns {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Turns{listener: l, server: server}
	p.running.Go(p.serve)
	t.Cleanup(p.close)
	return p
}

// Addr is where clients find the server.
func (p *Turns) Addr() string { return p.listener.Addr().String() }

// Count is the number of round trips so far, over all connections.
func (p *Turns) Count() int64 { return p.count.Load() }

func (p *Turns) close() {
	_ = p.listener.Close()
	p.mu.Lock()
	p.over = true
	for _, c := range p.conns {
		_ = c.Close()
	}
	p.mu.Unlock()
	p.running.Wait()
}

func (p *Turns) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		if p.over {
			_, _ = client.Close(), server.Close()
		}
		p.conns = append(p.conns, client, server)
		p.mu.Unlock()
		var answered atomic.Bool
		answered.Store(true)
		p.running.Go(func() {
			copyTo(server, client, func() {
				if answered.Swap(false) {
					p.count.Add(1)
				}
			})
		})
		p.running.Go(func() {
			copyTo(client, server, func() {
				<-time.After(heldBack)
				answered.Store(true)
			})
		})
	}
}

// copyTo copies until one side ends, and calls before ahead of each piece.
func copyTo(to, from net.Conn, before func()) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, 256<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			before()
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
