package queuerabbitmq

import (
	"context"
	"errors"
	"fmt"
	"slices"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/social"
)

// Admit implements [queue.Publisher]. It asks nobody: the depth is as old as
// Config.Refresh, plus what this process has published since.
func (q *Queue) Admit(_ context.Context, f social.Family) error {
	d, ok := q.depths[f]
	if !ok {
		return fmt.Errorf("queuerabbitmq: no queues for the family %q", f)
	}
	s, _ := q.out.now()
	switch {
	case s == nil:
		return fmt.Errorf("queuerabbitmq: %w", errAway)
	case s.blocked.Load():
		return fmt.Errorf("queuerabbitmq: %w", errBlocked)
	}
	return d.room()
}

// Publish implements [queue.Publisher]. It waits for room in the window, and
// for a broker that is away, at most Config.Patience.
func (q *Queue) Publish(ctx context.Context, ms ...queue.Message) error {
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("queuerabbitmq: publish: %w", err)
	}
	ps, err := q.parcels(ctx, ms, nil)
	if err != nil || len(ps) == 0 {
		return err
	}
	counts := q.perFamily(ms)
	if err := q.admit(counts); err != nil {
		return err
	}
	err = q.publish(ctx, ps)
	q.settled(counts, queue.MaybePublished(err) || err == nil)
	if err != nil {
		return fmt.Errorf("queuerabbitmq: publish: %w", err)
	}
	return nil
}

func (q *Queue) publish(ctx context.Context, ps []*parcel) error {
	patient, cancel := context.WithTimeout(ctx, q.cfg.Patience)
	defer cancel()
	s, err := q.out.wait(patient)
	if err != nil {
		return fmt.Errorf("%w: %w", errAway, context.Cause(patient))
	}
	if s.blocked.Load() {
		return errBlocked
	}
	// Only the first may be refused for want of room: with it the call is begun.
	if err := s.publish.submit(patient, ps[0]); err != nil {
		return err
	}
	return collect(ctx, ps, submitAll(ctx, s.publish, ps, 1))
}

// Relay implements [queue.Publisher]. It has a window of its own, waits for
// the broker as long as ctx allows, and publishes again what a lost connection
// left unconfirmed: the caller is there and waits.
func (q *Queue) Relay(ctx context.Context, ms ...queue.Message) error {
	ps, err := q.parcels(ctx, ms, nil)
	if err != nil || len(ps) == 0 {
		return err
	}
	counts := q.perFamily(ms)
	q.enter(counts)
	err = q.relay(ctx, ps)
	q.settled(counts, true)
	if err != nil {
		return fmt.Errorf("queuerabbitmq: relay: %w", err)
	}
	return nil
}

// relay publishes parcels until all are confirmed or ctx ends. From the first
// that is not, all are sent again, so that those of one queue keep their order.
func (q *Queue) relay(ctx context.Context, ps []*parcel) error {
	wait := retries()
	for {
		s, err := q.out.wait(ctx)
		if err != nil {
			return err
		}
		n := submitAll(ctx, s.relay, ps, 0)
		confirmed := 0
		for err = nil; confirmed < n && err == nil; {
			if err = ps[confirmed].outcome(ctx); err == nil {
				confirmed++
			}
		}
		ps = ps[confirmed:]
		if len(ps) == 0 {
			return nil
		}
		if !wait.Sleep(ctx) {
			return errors.Join(err, context.Cause(ctx))
		}
		for i, p := range ps {
			ps[i] = p.again()
		}
	}
}

// submitAll submits parcels from the given one on and returns how many of all
// were; the rest is surely not accepted.
func submitAll(ctx context.Context, l *lane, ps []*parcel, from int) int {
	for i, p := range ps[from:] {
		if l.submit(ctx, p) != nil {
			return from + i
		}
	}
	return len(ps)
}

// collect waits for the outcome of a call of which n parcels were submitted.
// It is ErrOverloaded only where none was accepted, or may have been.
func collect(ctx context.Context, ps []*parcel, n int) error {
	var errs []error
	sure := true
	for _, p := range ps[:n] {
		err := p.outcome(ctx)
		errs = append(errs, err)
		sure = sure && errors.Is(err, queue.ErrOverloaded)
	}
	err := errors.Join(errs...)
	switch {
	case err == nil && n == len(ps):
		return nil
	case sure:
		return err
	case err == nil:
		err = context.Cause(ctx)
	}
	// Some of it may be accepted: no refusal may be found in the chain.
	if cause := context.Cause(ctx); cause != nil {
		return fmt.Errorf("%d of %d messages are not confirmed: %w", len(ps)-countNil(errs), len(ps), cause)
	}
	return fmt.Errorf("%d of %d messages are not confirmed: %v", len(ps)-countNil(errs), len(ps), err)
}

func countNil(errs []error) (n int) {
	for _, err := range errs {
		if err == nil {
			n++
		}
	}
	return n
}

// outcome waits for the end of a submitted parcel.
func (p *parcel) outcome(ctx context.Context) error {
	select {
	case err := <-p.done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("waiting for the confirm: %w", context.Cause(ctx))
	}
}

// again returns the same parcel, not yet sent.
func (p *parcel) again() *parcel {
	next := *p
	next.done = make(chan error, 1)
	return &next
}

// parcels addresses messages to their queues.
func (q *Queue) parcels(ctx context.Context, ms []queue.Message, more amqp.Table) ([]*parcel, error) {
	ps := make([]*parcel, len(ms))
	for i, m := range ms {
		name := queue.QueueOf(m, q.cfg.Shards)
		if err := q.known(name); err != nil {
			return nil, err
		}
		ps[i] = newParcel(ctx, q.names.events(m.Family), routingKey(name), publishing(m, more))
	}
	return ps, nil
}

func newParcel(ctx context.Context, exchange, key string, body amqp.Publishing) *parcel {
	return &parcel{exchange: exchange, key: key, body: body, gone: ctx.Done(), done: make(chan error, 1)}
}

// deliver publishes one message by hand of a worker or an operator, and
// returns nil when it is safe.
func (q *Queue) deliver(ctx context.Context, exchange, key string, body amqp.Publishing) error {
	return q.relay(ctx, []*parcel{newParcel(ctx, exchange, key, body)})
}

// known tells whether there is such a queue.
func (q *Queue) known(n queue.Name) error {
	if !slices.Contains(q.cfg.Families, n.Family) {
		return fmt.Errorf("queuerabbitmq: no queues for the family %q", n.Family)
	}
	if n.Shard < 0 || n.Shard >= q.cfg.Shards {
		return fmt.Errorf("queuerabbitmq: no queue %s, there are %d", n, q.cfg.Shards)
	}
	return nil
}
