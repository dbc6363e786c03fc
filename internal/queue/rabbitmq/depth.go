package queuerabbitmq

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/social"
)

// depth is what is known of how much waits in a family: what the broker said
// last, and what this process has published since. Other processes' messages
// are seen at the next reading.
type depth struct {
	family social.Family
	limit  int64 // 0 means none
	moved  *atomic.Int64

	mu      sync.Mutex
	read    int64 // guarded by mu; the broker's answer
	since   int64 // guarded by mu; confirmed since that was asked
	pending int64 // guarded by mu; on their way
	fresh   bool  // guarded by mu; nobody has asked for room since the last reading
}

func (d *depth) now() int64 { return d.read + d.since + d.pending }

func (d *depth) full() error {
	return fmt.Errorf("queuerabbitmq: %w: %d messages of %s are waiting", queue.ErrOverloaded, d.now(), d.family)
}

// room tells whether one more message would be admitted.
func (d *depth) room() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fresh = false
	if d.limit > 0 && d.now() >= d.limit {
		return d.full()
	}
	return nil
}

// enter counts n messages on their way, or refuses them where they exceed the
// limit.
func (d *depth) enter(n int64, bounded bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fresh = d.fresh && !bounded
	if bounded && d.limit > 0 && d.now()+n > d.limit {
		return d.full()
	}
	d.pending += n
	d.moved.Add(1)
	return nil
}

func (d *depth) leave(n int64, accepted bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.pending -= n
	d.moved.Add(1)
	if accepted {
		d.since += n
	}
}

// asking begins a reading, and learned ends it. What is confirmed between the
// two is counted twice until the next one, never missed.
func (d *depth) asking() (confirmed int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fresh = true
	return d.since
}

// failed ends a reading that brought nothing.
func (d *depth) failed() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fresh = false
}

// stale tells whether a reading is worth its price. A family without room is
// read until it has some, or the next who asks would be refused for nothing.
func (d *depth) stale() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.limit > 0 && (!d.fresh || d.now() >= d.limit)
}

func (d *depth) learned(n, confirmed int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.read = n
	d.since -= confirmed
}

func (q *Queue) perFamily(ms []queue.Message) map[social.Family]int64 {
	counts := make(map[social.Family]int64, 1)
	for _, m := range ms {
		counts[m.Family]++
	}
	return counts
}

// admit asks for all of a call or for nothing.
func (q *Queue) admit(counts map[social.Family]int64) error {
	var entered []social.Family
	for f, n := range counts {
		if err := q.depths[f].enter(n, true); err != nil {
			for _, g := range entered {
				q.depths[g].leave(counts[g], false)
			}
			return err
		}
		entered = append(entered, f)
	}
	return nil
}

func (q *Queue) enter(counts map[social.Family]int64) {
	for f, n := range counts {
		_ = q.depths[f].enter(n, false) // never refused
	}
}

func (q *Queue) settled(counts map[social.Family]int64, accepted bool) {
	for f, n := range counts {
		q.depths[f].leave(n, accepted)
	}
}

// inspect asks on a channel of its own, on the connection that never
// publishes: an alarm does not stop that one.
func (q *Queue) inspect(ctx context.Context, questions func(ask func(name string) (int64, error)) error) error {
	s, err := q.in.wait(ctx)
	if err != nil {
		return err
	}
	ch, err := s.conn.Channel()
	if err != nil {
		return fmt.Errorf("open a channel: %w", err)
	}
	err = questions(func(name string) (int64, error) {
		if err := context.Cause(ctx); err != nil {
			return 0, err
		}
		return ready(ch, name)
	})
	return errors.Join(err, closing(ch.Close()))
}

// ready returns how many messages of a queue are not handed out.
func ready(ch *amqp.Channel, name string) (int64, error) {
	info, err := ch.QueueDeclarePassive(name, true, false, false, false, nil)
	if err != nil {
		return 0, fmt.Errorf("ask for the depth of %s: %w", name, err)
	}
	return int64(info.Messages), nil
}

// watch reads the depth of families with a limit until ctx ends, of those for
// which admission was asked since it looked last: a reading asks for every
// queue, and most processes of a large system never admit anything.
func (q *Queue) watch(ctx context.Context) {
	tick := time.NewTicker(q.cfg.Refresh)
	defer tick.Stop()
	for ctx.Err() == nil {
		for _, d := range q.depths {
			if !d.stale() {
				continue
			}
			if err := q.refresh(ctx, d); err != nil && ctx.Err() == nil {
				q.cfg.Logger.LogAttrs(ctx, slog.LevelDebug, "depths not read", slog.Any("error", err))
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

func (q *Queue) refresh(ctx context.Context, d *depth) error {
	confirmed := d.asking()
	var total int64
	err := q.inspect(ctx, func(ask func(string) (int64, error)) error {
		for i := range q.cfg.Shards {
			name := q.cfg.shard(d.family, i)
			n, err := ask(q.names.queue(name))
			if err != nil {
				return err
			}
			total += n + q.held(name)
		}
		return nil
	})
	if err != nil {
		d.failed()
		return err
	}
	d.learned(total, confirmed)
	return nil
}
