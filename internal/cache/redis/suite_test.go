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
	addr, dir string
	cmd       *exec.Cmd
}

func startServer(t testing.TB) *server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		testenv.Missing(t, "private", "install redis-server: "+err.Error())
	}
	s := &server{addr: testenv.FreeAddress(t), dir: t.TempDir()}
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
	s.cmd = exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", s.dir, "--save", "", "--appendonly", "no")
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

// TestDataOfAnEarlierLifeIsFlushed: a server comes back with a dump in which an
// object is that was deleted since. Neither a process that was connected all the
// time nor a new one ever sees it, not even in its first answer.
func TestDataOfAnEarlierLifeIsFlushed(t *testing.T) {
	s := startServer(t)
	ctx := t.Context()
	c := open(t, s)
	count := cache.Object{Key: cache.Key{Kind: cache.KindLikerCount, ID: 7}, Value: int64(1), Version: cache.Version{Major: 1}}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(c.PutIfNewer(ctx, count))
	token, err := c.Begin(ctx, 7)
	must(err)
	if ok, err := c.Put(ctx, 7, token, nil, 0); !ok || err != nil {
		t.Fatal(ok, err)
	}
	s.save(t)
	must(c.Delete(ctx, count.Key))
	must(c.Drop(ctx, 7))
	for name, process := range map[string]func() *cacheredis.Cache{
		"the old process": func() *cacheredis.Cache { return c },
		"a new one":       func() *cacheredis.Cache { return open(t, s) },
	} {
		s.down(t)
		s.up(t)
		c := process()
		var home cache.Timeline
		var found []cache.Lookup
		testenv.Eventually(t, 10*time.Second, func() (err error) {
			if home, _, err = c.Home(ctx, 7); err == nil {
				found, err = c.Get(ctx, []cache.Key{count.Key})
			}
			return err
		})
		if home.Found || found[0].Found {
			t.Errorf("%s got a home timeline (%t) or an object (%t) of an earlier life", name, home.Found, found[0].Found)
		}
	}
}

// save writes what the server holds where it finds it at its next start.
func (s *server) save(t *testing.T) {
	t.Helper()
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := fmt.Fprint(conn, "SAVE\r\n"); err != nil {
		t.Fatal(err)
	}
	reply := make([]byte, 5)
	if _, err := conn.Read(reply); err != nil || string(reply) != "+OK\r\n" {
		t.Fatalf("SAVE: %q, %v", reply, err)
	}
}
