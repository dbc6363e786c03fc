package queuerabbitmq

import (
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// proxy stands between a process and its broker, and can cut them off.
type proxy struct {
	url      string
	target   string
	listener net.Listener
	wg       sync.WaitGroup

	mu    sync.Mutex
	away  bool              // guarded by mu
	ice   chan struct{}     // guarded by mu; not nil while frozen, closed at the thaw
	conns map[net.Conn]bool // guarded by mu; both sides of what it carries
}

// newProxy starts a proxy for the broker of an URL; with wraps its listener.
func newProxy(t testing.TB, target string, with ...func(net.Listener) net.Listener) *proxy {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	for _, wrap := range with {
		l = wrap(l)
	}
	p := &proxy{target: u.Host, listener: l, conns: map[net.Conn]bool{}}
	u.Host = l.Addr().String()
	p.url = u.String()
	p.wg.Go(p.accept)
	t.Cleanup(func() {
		_ = l.Close()
		p.set(true)
		p.wg.Wait()
	})
	return p
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil || !p.add(client, server) {
			_ = client.Close()
			if server != nil {
				_ = server.Close()
			}
			continue
		}
		p.wg.Go(func() { p.carry(client, server) })
		p.wg.Go(func() { p.carry(server, client) })
	}
}

// gate lets carry wait while the proxy is frozen.
type gate struct {
	net.Conn
	p *proxy
}

// Read implements [io.Reader].
func (g gate) Read(b []byte) (int, error) {
	n, err := g.Conn.Read(b)
	g.p.mu.Lock()
	ice := g.p.ice
	g.p.mu.Unlock()
	if ice != nil {
		<-ice
	}
	return n, err
}

// freeze makes the broker silent without ending a connection, until thaw is
// called.
func (p *proxy) freeze() (thaw func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	ice := make(chan struct{})
	p.ice = ice
	return sync.OnceFunc(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.ice = nil
		close(ice)
	})
}

// carry copies one direction, and ends both when it ends.
func (p *proxy) carry(to, from net.Conn) {
	_, _ = io.Copy(struct{ io.Writer }{to}, gate{from, p})
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range []net.Conn{to, from} {
		_ = c.Close()
		delete(p.conns, c)
	}
}

func (p *proxy) add(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		if p.away {
			return false
		}
		p.conns[c] = true
	}
	return true
}

// set cuts what there is, and refuses more while away.
func (p *proxy) set(away bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.away = away
	if !away {
		return
	}
	for c := range p.conns {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = c.Close()
	}
	clear(p.conns)
}
