package queuerabbitmq

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/queue/queuetest"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/testenv"
)

// server is a broker of the test's own, which may be killed.
type server struct {
	t   testing.TB
	env []string
	url string
	up  time.Duration // how long the first start took, which is more than the others take
}

// ownBroker starts a broker by the script that runs everybody's.
func ownBroker(t testing.TB) *server {
	t.Helper()
	if _, err := exec.LookPath("rabbitmq-server"); err != nil {
		testenv.Missing(t, "private", "the package rabbitmq-server, for a broker that may be killed")
	}
	first := freePorts(t, 60)
	s := &server{t: t, url: "amqp://guest:guest@127.0.0.1:" + strconv.Itoa(first+10)}
	s.env = append(os.Environ(), "STACK_DIR="+filepath.Join(t.TempDir(), "stack"), "STACK_PORT="+strconv.Itoa(first), "STACK_RABBITMQ_PORT=")
	t.Cleanup(func() { s.script("wipe") })
	began := time.Now()
	s.script("up", "rabbitmq")
	s.up = time.Since(began)
	return s
}

// freePorts returns the first of n ports of which the ends are free now.
func freePorts(t testing.TB, n int) int {
	t.Helper()
	for first := 24000 + os.Getpid()%50*100; first < 60000; first += 100 {
		free := true
		for _, port := range []int{first + 10, first + 20, first + n - 10} {
			l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port))
			if err != nil {
				free = false
				break
			}
			_ = l.Close()
		}
		if free {
			return first
		}
	}
	t.Fatal("no free ports")
	return 0
}

func (s *server) script(args ...string) {
	s.t.Helper()
	cmd := exec.Command(filepath.Join("..", "..", "..", "ops", "stack", "stack.sh"), args...)
	cmd.Env = s.env
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("stack.sh %v: %v\n%s", args, err, out)
	}
}

func (s *server) kill()  { s.script("kill", "rabbitmq") }
func (s *server) start() { s.script("up", "rabbitmq") }

// What only a broker of one's own can show.
func TestOwnBroker(t *testing.T) {
	t.Parallel()
	s := ownBroker(t)
	t.Run("Alarm", s.alarm)
	t.Run("Killed", s.killed)
}

// alarm has the broker run out of memory: publishers are refused, at once when
// it has said so, consumers go on, and nobody is told that nothing waits.
func (s *server) alarm(t *testing.T) {
	cfg := configAt(s.url)
	p := start(t, cfg)
	sub := subscribe(t, p, queue.QueueOf(followers("1"), testShards))
	if err := p.Publish(t.Context(), followers("1")); err != nil {
		t.Fatal(err)
	}
	s.script("ctl", "set_vm_memory_high_watermark", "absolute", "1MiB")
	testenv.Eventually(t, 30*time.Second, func() error { // the broker says it to whoever publishes
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := p.Publish(ctx, followers("2"))
		if !errors.Is(err, errBlocked) {
			return fmt.Errorf("publish: %w", err)
		}
		return nil
	})
	if err := p.Admit(t.Context(), social.FamilyFollowers); !errors.Is(err, queue.ErrOverloaded) {
		t.Errorf("admit: %v", err)
	}
	if d, err := sub.Next(t.Context()); err != nil || d.ID != "1" {
		t.Errorf("got %s, %v", d.ID, err)
	} else if err := sub.AckThrough(t.Context(), d); err != nil {
		t.Error(err)
	}
	if n, err := waiting(t.Context(), p); n == 0 && !errors.Is(err, errBlocked) {
		t.Errorf("%d messages wait, %v; nobody can know whether others hold any", n, err)
	}
	relayed := make(chan error, 1)
	go func() { relayed <- p.Relay(t.Context(), followers("3")) }()
	s.script("ctl", "set_vm_memory_high_watermark", "absolute", "1GiB")
	if err := <-relayed; err != nil {
		t.Error(err)
	}
	if err := p.Publish(t.Context(), followers("4")); err != nil {
		t.Errorf("publish after the alarm: %v", err)
	}
}

// killed shows that everything that the broker has confirmed, laid on the
// ladder or parked outlives kill -9 of it, and so do the processes that use it.
func (s *server) killed(t *testing.T) {
	cases := []string{
		"UnackedSurvivesCrash", "LadderSurvivesCrash", "ParkingSurvivesCrash", "CutEndsItsSubscriptions", "RelayWaitsForTheBroker",
	}
	if os.Getenv("STARLING_FAULTS") != "" {
		cases = append(cases, "ConfirmedSurvivesCrash", "RelayAndAckAreOne", "ConfirmedSurvivesCuts", "AwayRefusesAtOnce")
	}
	queuetest.RunCases(t, s.harness, func(c queuetest.Case) bool { return slices.Contains(cases, c.Name) })
}

// harness ends the broker where the common one ends the process or the
// connection.
func (s *server) harness(t testing.TB) queuetest.Harness {
	cfg := configAt(s.url)
	for i := range cfg.Rungs { // longer than it takes to kill the broker and have it back
		cfg.Rungs[i] = 3*time.Second + 2*s.up + time.Duration(i)*time.Second
	}
	p := start(t, cfg)
	peer := start(t, cfg)
	h := queuetest.Harness{
		Queue: p.Queue, Peer: peer.Queue, Shards: testShards, Limit: testLimit, Quiet: time.Second,
		Delay: func(r queue.Rung) time.Duration { return cfg.Rungs[r] },
		Crash: func(queuetest.T) queue.Queue {
			s.kill()
			s.start()
			p.stop()
			p = start(t, p.cfg)
			return p.Queue
		},
		Away: func(away bool) {
			if away {
				s.kill()
			} else {
				s.start()
			}
		},
		Close: func() { p.stop(); peer.stop() },
	}
	h.Restart = h.Crash
	return h
}
