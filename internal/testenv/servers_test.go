package testenv

import (
	"net"
	"testing"
)

func TestHostPort(t *testing.T) {
	for raw, want := range map[string]string{
		"amqp://guest:guest@127.0.0.1:21010":   "127.0.0.1:21010",
		"amqp://u:p%40ss@broker.internal/host": "broker.internal:5672",
		"amqps://broker.internal":              "broker.internal:5671",
		"amqp://[::1]":                         "[::1]:5672",
	} {
		if got := hostPort(t, raw); got != want {
			t.Errorf("%s: %s, want %s", raw, got, want)
		}
	}
}

// recorder hears what a test would have been told.
type recorder struct {
	testing.TB
	skipped, failed bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Skipf(string, ...any)  { r.skipped = true }
func (r *recorder) Fatalf(string, ...any) { r.failed = true }

// TestServers: a server that listens is found, one that does not skips the test
// or, where it is required, fails it.
func TestServers(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	there := l.Addr().String()
	servers := []struct {
		name, variable, prefix string
		find                   func(testing.TB) string
	}{
		{"cassandra", "STARLING_TEST_CASSANDRA", "", Cassandra},
		{"rabbitmq", "STARLING_TEST_RABBITMQ", "amqp://", RabbitMQ},
		{"redis", "STARLING_TEST_REDIS", "", Redis},
	}
	for _, s := range servers {
		t.Setenv(s.variable, s.prefix+there)
		r := &recorder{TB: t}
		if got := s.find(r); got != s.prefix+there || r.skipped || r.failed {
			t.Errorf("%s that listens: %q, skipped %t, failed %t", s.name, got, r.skipped, r.failed)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for _, s := range servers {
		t.Setenv("STARLING_REQUIRE", "")
		r := &recorder{TB: t}
		if s.find(r); !r.skipped || r.failed {
			t.Errorf("%s that is missing: skipped %t, failed %t", s.name, r.skipped, r.failed)
		}
		t.Setenv("STARLING_REQUIRE", "shared,"+s.name)
		r = &recorder{TB: t}
		s.find(r)
		if !r.failed {
			t.Errorf("%s that is required and missing: no failure", s.name)
		}
	}
}

// TestPrivate starts a server of its own, kills it, and has it back.
func TestPrivate(t *testing.T) {
	s := Private(t, "redis")
	dial := func() error {
		c, err := net.Dial("tcp", s.Endpoint())
		if err != nil {
			return err
		}
		return c.Close()
	}
	if err := dial(); err != nil {
		t.Errorf("a private server: %v", err)
	}
	s.Kill(t)
	if dial() == nil {
		t.Error("the server answers after it was killed")
	}
	s.Up(t)
	if err := dial(); err != nil {
		t.Errorf("a private server, started again: %v", err)
	}
}
