package cacheredis_test

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/cache/cachetest"
	cacheredis "github.com/starlinghq/starling/internal/cache/redis"
	"github.com/starlinghq/starling/internal/testenv"
)

// server is a Redis of the test's own: cases flush it and take it away.
type server struct {
	addr string
	cmd  *exec.Cmd
}

func startServer(t testing.TB) *server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		testenv.Missing(t, "private", "install redis-server: "+err.Error())
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{addr: l.Addr().String()}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	s.up(t)
	t.Cleanup(func() { s.down(t) })
	return s
}

func (s *server) up(t testing.TB) {
	t.Helper()
	_, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		t.Fatal(err)
	}
	s.cmd = exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	testenv.Eventually(t, 10*time.Second, func() error {
		c, err := net.Dial("tcp", s.addr)
		if err != nil {
			return err
		}
		return c.Close()
	})
}

func (s *server) down(t testing.TB) {
	t.Helper()
	if s.cmd == nil {
		return
	}
	if err := s.cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = s.cmd.Wait() // it reports the kill
	s.cmd = nil
}

func open(t testing.TB, s *server) *cacheredis.Cache {
	t.Helper()
	c, err := cacheredis.Open(context.Background(), cacheredis.Config{Addresses: []string{s.addr}, FeedShards: 4, Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestSuite(t *testing.T) {
	s := startServer(t)
	harness := func(t testing.TB) cachetest.Harness {
		h := cachetest.Harness{
			Cache: open(t, s),
			Peer:  open(t, s),
			Lacks: map[string]string{"Advance": "a server's clock cannot be moved"},
		}
		c := h.Cache
		h.Away = func(away bool) {
			if away {
				s.down(t)
				return
			}
			s.up(t)
			testenv.Eventually(t, 10*time.Second, func() error {
				_, err := c.Get(context.Background(), []cache.Key{{Kind: cache.KindTweet, ID: 1}})
				return err
			})
		}
		return h
	}
	t.Run("bare", func(t *testing.T) { cachetest.Run(t, harness) })
	t.Run("traced", func(t *testing.T) {
		cachetest.Run(t, func(t testing.TB) cachetest.Harness {
			return cachetest.Wrap(harness(t), func(c cache.Cache) cache.Cache { return cache.NewTraced(c, nil, nil) })
		})
	})
}

func TestDataOfAnEarlierLifeIsFlushed(t *testing.T) {
	s := startServer(t)
	ctx := t.Context()
	c := open(t, s)
	if _, err := c.Begin(ctx, 7); err != nil {
		t.Fatal(err)
	}
	if err := setLife(s.addr, "a run that is over"); err != nil {
		t.Fatal(err)
	}
	again := open(t, s)
	home, _, err := again.Home(ctx, 7)
	if err != nil {
		t.Fatal(err)
	}
	if home.Found {
		t.Error("a home timeline of an earlier life was served")
	}
}

// setLife marks the data as another run's, as a restart from a dump does.
func setLife(addr, run string) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := fmt.Fprintf(conn, "*3\r\n$3\r\nSET\r\n$13\r\nstarling:life\r\n$%d\r\n%s\r\n", len(run), run); err != nil {
		return err
	}
	reply := make([]byte, 5)
	_, err = conn.Read(reply)
	return err
}
