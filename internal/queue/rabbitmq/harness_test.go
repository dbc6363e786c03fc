package queuerabbitmq

import (
	"context"
	stdflag "flag"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.uber.org/goleak"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/queue/queuetest"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/testenv"
)

// TestMain bounds the random histories, which take real time here, and lets
// more tests run beside each other than there are cores, as they wait most of
// theirs; unless the command line says otherwise.
func TestMain(m *testing.M) {
	stdflag.Parse()
	said := map[string]bool{}
	stdflag.Visit(func(f *stdflag.Flag) { said[f.Name] = true })
	for name, value := range map[string]string{"rapid.checks": histories, "test.parallel": atOnce} {
		if said[name] {
			continue
		}
		if err := stdflag.Set(name, value); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m)
}

const (
	histories = "2"
	atOnce    = "8"
)

const (
	testShards = 2
	testLimit  = 20
	quiet      = 400 * time.Millisecond
)

// config is a system of its own at the broker: its queues have a prefix that no
// other test has, and are deleted in the end.
func config(t testing.TB) Config {
	t.Helper()
	cfg := configAt(testenv.RabbitMQ(t))
	direct := cfg // whatever the test does to its own
	t.Cleanup(func() { wipe(t, direct) })
	return cfg
}

func configAt(url string) Config {
	return Config{
		URLs: []string{url}, Name: "test", Prefix: fmt.Sprintf("test%08x.", rand.Uint32()), Shards: testShards,
		Families: []social.Family{social.FamilyTweets, social.FamilyFollowers, social.FamilyFeed},
		Limits:   map[social.Family]int64{social.FamilyTweets: testLimit},
		Rungs:    [rungs]time.Duration{3 * time.Second, 5 * time.Second, 7 * time.Second},
		Refresh:  50 * time.Millisecond,
	}
}

// wipe deletes the queues and exchanges of a test.
func wipe(t testing.TB, cfg Config) {
	t.Helper()
	conn, err := amqp.Dial(cfg.URLs[0])
	if err != nil {
		t.Errorf("clean up: %v", err)
		return
	}
	defer func() { _ = conn.Close() }()
	ch, err := conn.Channel()
	if err != nil {
		t.Errorf("clean up: %v", err)
		return
	}
	n := names{prefix: cfg.Prefix}
	queues := []string{n.parking(), n.roll()}
	exchanges := []string{n.dead(), n.questions(), n.events(social.FamilyTweets), n.events(social.FamilyFeed)}
	for i := range rungs {
		queues, exchanges = append(queues, n.rung(queue.Rung(i))), append(exchanges, n.retry(queue.Rung(i)))
	}
	for _, f := range cfg.Families {
		for i := range cfg.Shards {
			queues = append(queues, n.queue(queue.Name{Family: f, Shard: i}))
		}
	}
	for _, name := range queues {
		if _, err := ch.QueueDelete(name, false, false, false); err != nil {
			t.Errorf("clean up %s: %v", name, err)
			return
		}
	}
	for _, name := range exchanges {
		if err := ch.ExchangeDelete(name, false, false); err != nil {
			t.Errorf("clean up %s: %v", name, err)
			return
		}
	}
}

// process is one run of the queue and of what app would run with it.
type process struct {
	*Queue
	cfg Config
}

func start(t testing.TB, cfg Config) *process {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	q, err := Open(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Queue: q, cfg: cfg}
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := q.Run(context.Background()); err != nil {
			t.Errorf("run: %v", err)
		}
	})
	t.Cleanup(func() { p.stop(); wg.Wait() })
	testenv.Eventually(t, 20*time.Second, q.Ready)
	return p
}

func (p *process) stop() { _ = p.Close() }

// kill ends the process as a power cut would: its connections are reset
// without a word.
func (p *process) kill() {
	for _, l := range []*link{p.out, p.in} {
		l.mu.Lock()
		s := l.current
		l.mu.Unlock()
		if s == nil {
			continue
		}
		if tcp, ok := s.raw.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		s.kill()
	}
	p.stop()
}

func harness(t testing.TB) queuetest.Harness {
	cfg := config(t)
	peer := start(t, cfg)
	between := newProxy(t, cfg.URLs[0])
	cfg.URLs = []string{between.url}
	p := start(t, cfg)
	return queuetest.Harness{
		Queue: p.Queue, Peer: peer.Queue, Shards: testShards, Limit: testLimit, Quiet: quiet,
		Delay: func(r queue.Rung) time.Duration { return cfg.Rungs[r] },
		Restart: func(queuetest.T) queue.Queue {
			p.stop()
			p = start(t, p.cfg)
			return p.Queue
		},
		Crash: func(queuetest.T) queue.Queue {
			p.kill()
			p = start(t, p.cfg)
			return p.Queue
		},
		Away:  between.set,
		Close: func() { p.stop(); peer.stop() },
		Lacks: map[string]string{"Full": "an alarm of the broker stops publishers alone; see TestOwnBroker/Alarm"},
	}
}

// The conformance runs wait most of the time, beside each other.
func TestConformance(t *testing.T) {
	t.Parallel()
	queuetest.Run(t, harness)
}

func TestConformanceTraced(t *testing.T) {
	t.Parallel()
	queuetest.Run(t, func(t testing.TB) queuetest.Harness {
		return queuetest.Wrap(harness(t), func(q queue.Queue) queue.Queue {
			return queue.NewTraced(q, sdktrace.NewTracerProvider(), nil)
		})
	})
}
