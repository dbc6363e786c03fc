package storecassandra

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/starlinghq/starling/internal/testenv"
)

// tunnel talks TLS to the driver and passes all on to the node.
type tunnel struct {
	net.Listener
	node string
	g    sync.WaitGroup
}

// DialContext implements gocql.Dialer: wherever the driver wants to go.
func (n *tunnel) DialContext(ctx context.Context, network, _ string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, network, n.Addr().String())
}

func (n *tunnel) serve() {
	for {
		c, err := n.Accept()
		if err != nil {
			return
		}
		n.g.Go(func() { n.pass(c) })
	}
}

func (n *tunnel) pass(c net.Conn) {
	defer c.Close()
	node, err := net.Dial("tcp", n.node)
	if err != nil {
		return
	}
	var back sync.WaitGroup
	back.Go(func() { _, _ = io.Copy(c, node) })
	_, _ = io.Copy(node, c)
	_ = node.Close()
	back.Wait()
}

// TestTLS: the node is verified by the authority given, and by no other.
func TestTLS(t *testing.T) {
	open(t) // the tables
	authority := httptest.NewTLSServer(nil)
	defer authority.Close()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: authority.TLS.Certificates})
	must(t, err)
	n := &tunnel{Listener: l, node: testenv.Cassandra(t)}
	n.g.Go(n.serve)
	defer n.g.Wait()
	defer l.Close()

	ca := filepath.Join(t.TempDir(), "ca.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: authority.Certificate().Raw}
	must(t, os.WriteFile(ca, pem.EncodeToMemory(block), 0o600))
	c := testConfig(t)
	c.dialer, c.TLS, c.CAFile = n, true, ca
	s, err := Open(t.Context(), c)
	must(t, err)
	must(t, s.Ping(t.Context()))
	must(t, s.Close())

	c.CAFile = "" // the system's, which has never heard of this one
	if s, err := Open(t.Context(), c); err == nil {
		t.Error("a node with an unknown authority is trusted")
		must(t, s.Close())
	}
}
