package queuerabbitmq

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/social"
)

// Queue implements [queue.Queue]. Its methods may be called concurrently.
// Those that need the broker wait for it, and without Run it never comes.
type Queue struct {
	cfg        Config
	names      names
	out        *link                    // publishes; an alarm of the broker stops it
	in         *link                    // everything else
	depths     map[social.Family]*depth // read-only after Open
	who        int64                    // this process among those that answer
	moved      atomic.Int64             // see holding
	asked      func()                   // called by Depths between its two questions; for tests
	incomplete atomic.Bool              // the broker lacks something: the next session declares it
	epochs     atomic.Uint64            // the last one given to a subscription
	visitor    chan struct{}            // one element while somebody is in the parking

	mu   sync.Mutex
	subs map[queue.Name][]*subscription // guarded by mu; those alive

	stop    func() // ends Run; may be called again; call it with mu held
	stopped <-chan struct{}
	running sync.WaitGroup
}

var (
	_ queue.Queue    = (*Queue)(nil)
	_ queue.Presence = (*Queue)(nil)
)

// Open connects, makes what the broker lacks, and returns a queue for [Run] to
// keep connected; without Run its methods wait in vain. While no node answers it tries again until ctx ends; where
// the broker has queues that were made otherwise it returns [ErrTopology].
func Open(ctx context.Context, cfg Config) (*Queue, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.filled()
	q := &Queue{
		cfg: cfg, names: names{prefix: cfg.Prefix}, depths: map[social.Family]*depth{},
		who: rand.Int64(), visitor: make(chan struct{}, 1), subs: map[queue.Name][]*subscription{},
	}
	q.epochs.Store(rand.Uint64()) // so that those of two processes rarely meet
	for _, f := range cfg.Families {
		q.depths[f] = &depth{family: f, limit: cfg.Limits[f], moved: &q.moved}
	}
	q.out = newLink("publish", cfg, q.prepareOut)
	q.in = newLink("consume", cfg, q.prepareIn)
	stopped := make(chan struct{})
	q.stopped, q.stop = stopped, sync.OnceFunc(func() { close(stopped) })
	if err := q.makeTopology(ctx); err != nil {
		return nil, err
	}
	return q, nil
}

// OpenRunning is Open for a tool that does one thing and ends: Run is under way
// until Close is called.
func OpenRunning(ctx context.Context, cfg Config) (*Queue, error) {
	q, err := Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	q.running.Go(func() { _ = q.Run(context.WithoutCancel(ctx)) }) // which returns nil
	return q, nil
}

// makeTopology declares everything over a connection of its own.
func (q *Queue) makeTopology(ctx context.Context) error {
	for wait := retries(); ; {
		s, err := q.out.open(ctx)
		if err == nil {
			stop := context.AfterFunc(ctx, s.kill)
			err = q.declare(s.conn)
			stop()
			err = errors.Join(err, closing(s.conn.Close()))
		}
		if err == nil {
			return nil
		}
		if errors.Is(err, ErrTopology) {
			return err
		}
		q.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "the broker is not there yet", slog.Any("error", err))
		if !wait.Sleep(ctx) {
			return fmt.Errorf("queuerabbitmq: open: %w: %w", context.Cause(ctx), err)
		}
	}
}

// prepareOut makes the connection that publishes ready. Where something was
// found missing, everything is declared again.
func (q *Queue) prepareOut(_ context.Context, s *session) (err error) {
	if q.incomplete.Load() {
		if err := q.declare(s.conn); err != nil {
			return err
		}
		q.incomplete.Store(false)
	}
	if s.publish, err = newLane(s, q.cfg.Window, q.missing); err != nil {
		return err
	}
	if s.relay, err = newLane(s, q.cfg.Window, q.missing); err != nil {
		return err
	}
	s.aside, err = q.openAside(s)
	return err
}

func (q *Queue) missing() { q.incomplete.Store(true) }

// lacks has everything declared again by the next session that publishes, if
// an error says that the broker lacks something.
func (q *Queue) lacks(err error) {
	if out, _ := q.out.now(); out != nil && refused(err, amqp.NotFound) {
		q.missing()
		out.kill()
	}
}

// Ready returns nil when both connections are up.
func (q *Queue) Ready() error {
	for _, l := range []*link{q.out, q.in} {
		if s, _ := l.now(); s == nil {
			return fmt.Errorf("queuerabbitmq: the connection to %s is not up", l.role)
		}
	}
	return nil
}

// Run keeps the connections and the known depths up until ctx ends or Close is
// called, which is no error. It is to end after whoever uses the queue: what
// is not confirmed then stays unknown.
func (q *Queue) Run(ctx context.Context) error {
	if !q.begin() {
		return nil
	}
	defer q.running.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	wg.Go(func() { q.out.run(ctx) })
	wg.Go(func() { q.in.run(ctx) })
	wg.Go(func() { q.watch(ctx) })
	select {
	case <-ctx.Done():
	case <-q.stopped:
	}
	cancel()
	wg.Wait()
	return nil
}

// begin counts a Run in, unless Close was first.
func (q *Queue) begin() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case <-q.stopped:
		return false
	default:
		q.running.Add(1)
		return true
	}
}

// Close ends Run and waits for it. A Run that begins later ends at once.
func (q *Queue) Close() error {
	q.mu.Lock()
	q.stop()
	q.mu.Unlock()
	q.running.Wait()
	return nil
}

func (q *Queue) add(sub *subscription) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.subs[sub.name] = append(q.subs[sub.name], sub)
}

func (q *Queue) remove(sub *subscription) {
	q.mu.Lock()
	defer q.mu.Unlock()
	subs := q.subs[sub.name]
	for i, s := range subs {
		if s == sub {
			q.subs[sub.name] = append(subs[:i:i], subs[i+1:]...)
		}
	}
}

// held is how much of a queue subscriptions of this process hold.
func (q *Queue) held(name queue.Name) (n int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, sub := range q.subs[name] {
		n += sub.held.Load()
	}
	return n
}
