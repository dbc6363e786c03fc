package wire

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
)

// Proxy carries connections to a broker.
type Proxy struct {
	to       string
	listener net.Listener
	witness  *Witness
	wg       sync.WaitGroup

	mu    sync.Mutex
	held  chan struct{}         // guarded by mu; closed by Release; nil while nothing is held
	conns map[net.Conn]struct{} // guarded by mu
}

// NewProxy listens at a free port of this machine for connections to the
// address of a broker.
func NewProxy(to string) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("wire: %w", err)
	}
	p := &Proxy{to: to, listener: l, witness: newWitness(), conns: map[net.Conn]struct{}{}}
	p.wg.Go(p.accept)
	return p, nil
}

// Addr is where the proxy listens.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Witness has seen all that went through.
func (p *Proxy) Witness() *Witness { return p.witness }

// Hold keeps back what the processes send, from now on. What the broker sends
// goes on to arrive.
func (p *Proxy) Hold() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held == nil {
		p.held = make(chan struct{})
	}
}

// Release lets what is held back and all that follows go.
func (p *Proxy) Release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held != nil {
		close(p.held)
		p.held = nil
	}
}

// Close ends every connection and waits for them.
func (p *Proxy) Close() error {
	err := p.listener.Close()
	p.Release()
	p.mu.Lock()
	for c := range p.conns {
		_ = c.Close() // it may be closed already
	}
	p.mu.Unlock()
	p.wg.Wait()
	return err
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.wg.Go(func() { p.carry(client) })
	}
}

// carry joins one connection to one of its own, until either ends.
func (p *Proxy) carry(client net.Conn) {
	server, err := net.Dial("tcp", p.to)
	if err != nil {
		_ = client.Close() // the broker is away, and so is the proxy
		return
	}
	p.mu.Lock()
	p.conns[client], p.conns[server] = struct{}{}, struct{}{}
	p.mu.Unlock()
	seen := p.witness.connection()
	var both sync.WaitGroup
	both.Go(func() {
		_ = copyFrames(server, client, &parser{see: seen.sent, header: true}, p.gate) // either end may end it
		_ = server.Close()
	})
	both.Go(func() {
		_ = copyFrames(client, server, &parser{see: seen.received}, nil)
		_ = client.Close()
	})
	both.Wait()
	p.mu.Lock()
	delete(p.conns, client)
	delete(p.conns, server)
	p.mu.Unlock()
}

// gate waits while the proxy holds.
func (p *Proxy) gate() {
	p.mu.Lock()
	held := p.held
	p.mu.Unlock()
	if held != nil {
		<-held
	}
}

// copyFrames copies what is read, after gate, and shows it to a parser first:
// what has passed was seen.
func copyFrames(to io.Writer, from io.Reader, p *parser, gate func()) error {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if gate != nil {
				gate()
			}
			p.write(buf[:n])
			if _, err := to.Write(buf[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
