package workers_test

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/starlinghq/starling/internal/queue"
	queuerabbitmq "github.com/starlinghq/starling/internal/queue/rabbitmq"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/testenv"
	"github.com/starlinghq/starling/workers"
)

const (
	seats       = 2
	seatsShards = 4
	standBy     = time.Second
)

// broker is what the processes of a test share.
type broker interface {
	queue.Publisher
	// join connects one more process; leave is its death.
	join(t *testing.T, seat int) (q workers.Queue, p queue.Presence, leave func())
}

// embedded is a queue in one process, whose loops are told who is there.
type embedded struct {
	*rig
	mu    sync.Mutex
	there map[string]bool // guarded by mu
}

func (e *embedded) Admit(ctx context.Context, f social.Family) error { return e.queue.Admit(ctx, f) }

func (e *embedded) Relay(ctx context.Context, ms ...queue.Message) error {
	return e.queue.Relay(ctx, ms...)
}

func (e *embedded) Publish(ctx context.Context, ms ...queue.Message) error {
	return e.queue.Publish(ctx, ms...)
}

func (e *embedded) Present(_ context.Context, member string) (bool, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.there[member], nil
}

func (e *embedded) set(seat int, there bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.there[workers.SeatName(family, seat)] = there
}

func (e *embedded) join(_ *testing.T, seat int) (workers.Queue, queue.Presence, func()) {
	e.set(seat, true)
	return e.queue, e, func() { e.set(seat, false) }
}

// rabbitmq is a broker, at which each process has connections of its own.
type rabbitmq struct {
	queue.Publisher
	cfg queuerabbitmq.Config
}

// newRabbitMQ opens the queues of some families under a name of the test.
func newRabbitMQ(t *testing.T, name string, families ...social.Family) *rabbitmq {
	cfg := queuerabbitmq.Config{
		URLs: []string{testenv.RabbitMQ(t)}, Prefix: "workerstest." + name + ".", Shards: seatsShards, Families: families,
	}
	r := &rabbitmq{cfg: cfg}
	q, _, _ := r.join(t, -1)
	r.Publisher = q
	return r
}

func (r *rabbitmq) join(t *testing.T, seat int) (workers.Queue, queue.Presence, func()) {
	cfg := r.cfg
	if seat >= 0 {
		cfg.Members = []string{workers.SeatName(family, seat)}
	}
	q, err := queuerabbitmq.OpenRunning(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	leave := sync.OnceFunc(func() {
		if err := q.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(leave)
	testenv.Eventually(t, 20*time.Second, q.Ready)
	return q, q, leave
}

// office runs loops on seats and knows who applied what, and in which order.
type office struct {
	broker  broker
	owners  workers.Register
	mu      sync.Mutex
	applied map[snowflake.ID][]int           // guarded by mu; the seats that applied an event
	order   map[social.UserID][]snowflake.ID // guarded by mu
	sent    map[snowflake.ID]social.UserID   // guarded by mu
	next    snowflake.ID                     // guarded by mu
}

func newOffice(b broker, owners workers.Register) *office {
	return &office{
		broker: b, owners: owners,
		next:    snowflake.ID(time.Now().UnixNano()), // the broker may hold what an earlier test left
		applied: map[snowflake.ID][]int{}, order: map[social.UserID][]snowflake.ID{}, sent: map[snowflake.ID]social.UserID{},
	}
}

// sit starts a process on a seat; the returned function is its death.
func (o *office) sit(t *testing.T, seat int) (dies func()) {
	t.Helper()
	q, peers, leave := o.broker.join(t, seat)
	cfg := workers.Default(family, seatsShards)
	cfg.Seat, cfg.StandBy = workers.Seat{Number: seat, Of: seats, Peers: peers}, standBy
	h := handler(func(_ context.Context, w workers.Work) ([]social.Event, error) {
		<-time.After(4 * time.Millisecond) // work
		o.mu.Lock()
		defer o.mu.Unlock()
		if author, ok := o.sent[w.Event.ID]; ok {
			o.applied[w.Event.ID] = append(o.applied[w.Event.ID], seat)
			o.order[author] = append(o.order[author], w.Event.ID)
		}
		return nil, nil
	})
	l := workers.New(cfg, q, o.owners, h, slog.New(slog.DiscardHandler), noop.NewTracerProvider().Tracer(""))
	stop := running(t, l.Run)
	return func() { leave(); stop() }
}

// round publishes a tweet of each of many authors and returns the events.
func (o *office) round(t *testing.T) []snowflake.ID {
	t.Helper()
	const authors = 40
	var ms []queue.Message
	var ids []snowflake.ID
	o.mu.Lock()
	for author := social.UserID(1); author <= authors; author++ {
		o.next++
		m, err := queue.MessageOf(social.Event{ID: o.next, Body: social.TweetPosted{Author: author, Text: "x"}})
		if err != nil {
			t.Fatal(err)
		}
		ms, ids, o.sent[o.next] = append(ms, m), append(ids, o.next), author
	}
	o.mu.Unlock()
	if err := o.broker.Publish(t.Context(), ms...); err != nil {
		t.Fatal(err)
	}
	return ids
}

// by returns how many of some events each seat applied, once all of them are,
// and how many were not applied by the seat that prefers them.
func (o *office) by(t *testing.T, ids []snowflake.ID) (counts [seats]int, foreign int) {
	t.Helper()
	eventually(t, func() error {
		o.mu.Lock()
		defer o.mu.Unlock()
		for _, id := range ids {
			if len(o.applied[id]) == 0 {
				return fmt.Errorf("event %d of %s is not applied", id, o.sent[id])
			}
		}
		return nil
	})
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, id := range ids {
		for _, seat := range o.applied[id] {
			counts[seat]++
			if queue.ShardOf(snowflake.ID(o.sent[id]), seatsShards)%seats != seat {
				foreign++
			}
		}
	}
	return counts, foreign
}

// TestSharesAreKept: two processes divide the shards from the start, whoever
// was first; one dies and the other has all; it comes back and has its share
// again. Nothing is lost, doubled or out of order.
func TestSharesAreKept(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(t *testing.T) (broker, workers.Register){
		"embedded": func(t *testing.T) (broker, workers.Register) {
			r := newRigOf(t, vfs.NewMem(), seatsShards)
			return &embedded{rig: r, there: map[string]bool{}}, r.store
		},
		"rabbitmq": func(t *testing.T) (broker, workers.Register) {
			return newRabbitMQ(t, "seats", family), newRigOf(t, vfs.NewMem(), seatsShards).store
		},
	} {
		for _, first := range []int{0, 1} {
			t.Run(fmt.Sprintf("%s/seat %d first", name, first), func(t *testing.T) {
				if name == "embedded" {
					t.Parallel()
				}
				b, owners := make(t)
				sharesAreKept(t, newOffice(b, owners), first)
			})
		}
	}
}

func sharesAreKept(t *testing.T, o *office, first int) {
	second := 1 - first
	o.sit(t, first)
	dies := o.sit(t, second)
	started := o.round(t)
	if counts, foreign := o.by(t, started); foreign > 0 || slices.Min(counts[:]) == 0 {
		t.Errorf("at the start the seats applied %v, %d of them not theirs", counts, foreign)
	}
	dies()
	if counts, _ := o.by(t, o.round(t)); counts[second] > 0 || counts[first] == 0 {
		t.Errorf("after the death of seat %d the seats applied %v", second, counts)
	}
	o.sit(t, second)
	eventually(t, func() error {
		looked := o.round(t)
		for range 10 {
			o.round(t) // so that there is always something in hand
		}
		if counts, foreign := o.by(t, looked); foreign > 0 {
			return fmt.Errorf("seat %d is back, and the seats applied %v, %d of them not theirs", second, counts, foreign)
		}
		return nil
	})
	o.by(t, slices.Collect(maps.Keys(o.sent)))
	o.mu.Lock()
	defer o.mu.Unlock()
	for id := range o.sent {
		if len(o.applied[id]) != 1 {
			t.Errorf("event %d was applied by the seats %v", id, o.applied[id])
		}
	}
	for author, ids := range o.order {
		if !slices.IsSortedFunc(ids, cmp.Compare[snowflake.ID]) {
			t.Errorf("events of %s were applied in the order %v", author, ids)
		}
	}
}
