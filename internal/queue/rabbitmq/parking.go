package queuerabbitmq

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/starlinghq/starling/internal/queue"
)

// The parking is a queue, and a queue cannot be read without taking: whoever
// looks takes everything, one by one and unacknowledged, under a lock that the
// broker holds, and gives it back. When he dies, the broker gives it back. What
// is replayed is confirmed in its queue before it is acknowledged here, so a
// death between the two doubles it.

// Parked implements [queue.Parking].
func (q *Queue) Parked(ctx context.Context, after string, n int) ([]queue.Parked, error) {
	var some []queue.Parked
	err := q.visit(ctx, func(v *visit) error {
		return v.each(ctx, func(_ uint64, p queue.Parked) {
			if p.ID > after {
				some = file(some, p, n)
			}
		})
	})
	if err != nil {
		return nil, fmt.Errorf("queuerabbitmq: list parked messages: %w", err)
	}
	return some, nil
}

// file puts p into the first n by id; of two with one id the younger stays.
func file(some []queue.Parked, p queue.Parked, n int) []queue.Parked {
	i, found := slices.BinarySearchFunc(some, p.ID, func(q queue.Parked, id string) int { return strings.Compare(q.ID, id) })
	switch {
	case found:
		if !p.At.Before(some[i].At) {
			some[i] = p
		}
	case i < n:
		some = slices.Insert(some, i, p)
		some = some[:min(len(some), n)]
	}
	return some
}

// Replay implements [queue.Parking].
func (q *Queue) Replay(ctx context.Context, id string) error {
	err := q.take(ctx, id, func(p queue.Parked) error {
		name := queue.QueueOf(p.Message, q.cfg.Shards)
		if err := q.known(name); err != nil {
			return err
		}
		body := publishing(p.Message, amqp.Table{headerRecovered: true})
		return q.deliver(ctx, q.names.events(name.Family), routingKey(name), body)
	})
	if err != nil {
		return fmt.Errorf("queuerabbitmq: replay %s: %w", id, err)
	}
	return nil
}

// Drop implements [queue.Parking].
func (q *Queue) Drop(ctx context.Context, id string) error {
	if err := q.take(ctx, id, func(queue.Parked) error { return nil }); err != nil {
		return fmt.Errorf("queuerabbitmq: drop %s: %w", id, err)
	}
	return nil
}

// take removes every copy of a message from the parking, after does.
func (q *Queue) take(ctx context.Context, id string, does func(queue.Parked) error) error {
	return q.visit(ctx, func(v *visit) error {
		var copies []uint64
		var found []queue.Parked
		err := v.each(ctx, func(tag uint64, p queue.Parked) {
			if p.ID == id {
				copies = append(copies, tag)
				found = file(found, p, 1)
			}
		})
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return queue.ErrNotFound
		}
		if err := does(found[0]); err != nil {
			return err
		}
		return v.acknowledge(copies)
	})
}

// visit holds the parking: nobody else, in any process, sees a part of it.
type visit struct {
	ch      *amqp.Channel
	parking string
	taken   int64
}

func (q *Queue) visit(ctx context.Context, do func(*visit) error) (err error) {
	select { // one at a time on our connection, to which the broker's lock belongs
	case q.visitor <- struct{}{}:
		defer func() { <-q.visitor }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	s, err := q.in.wait(ctx)
	if err != nil {
		return err
	}
	unlock, err := q.lock(ctx, s.conn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	ch, err := s.conn.Channel()
	if err != nil {
		return fmt.Errorf("open a channel: %w", err)
	}
	v := &visit{ch: ch, parking: q.names.parking()}
	err = do(v)
	if errors.Is(err, queue.ErrNotFound) || err == nil {
		return errors.Join(err, q.giveBack(ctx, s.conn, v))
	}
	return errors.Join(err, closing(ch.Close()))
}

// lock takes the broker's lock: a queue that belongs to our connection, and
// ends with it.
func (q *Queue) lock(ctx context.Context, conn *amqp.Connection) (unlock func() error, err error) {
	wait := retries()
	for {
		ch, err := conn.Channel()
		if err != nil {
			return nil, fmt.Errorf("open a channel: %w", err)
		}
		_, err = ch.QueueDeclare(q.names.lock(), false, true, true, false, nil)
		if err == nil {
			return func() error {
				_, err := ch.QueueDelete(q.names.lock(), false, false, false)
				return errors.Join(closing(err), closing(ch.Close()))
			}, nil
		}
		if !refused(err, amqp.ResourceLocked) {
			return nil, fmt.Errorf("lock the parking: %w", err)
		}
		if !wait.Sleep(ctx) {
			return nil, fmt.Errorf("another process reads the parking: %w", context.Cause(ctx))
		}
	}
}

// each takes everything that is parked.
func (v *visit) each(ctx context.Context, see func(tag uint64, p queue.Parked)) error {
	for {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		d, ok, err := v.ch.Get(v.parking, false)
		if err != nil {
			return fmt.Errorf("read the parking: %w", err)
		}
		if !ok {
			return nil
		}
		v.taken++
		see(d.DeliveryTag, parked(d))
	}
}

// acknowledge returns when the broker has kept the acknowledgements. It
// answers none; but a get goes through the same log behind them, so that its
// answer says it.
func (v *visit) acknowledge(tags []uint64) error {
	for _, tag := range tags {
		if err := v.ch.Ack(tag, false); err != nil {
			return fmt.Errorf("acknowledge: %w", err)
		}
		v.taken--
	}
	_, ok, err := v.ch.Get(v.parking, false)
	if err != nil {
		return fmt.Errorf("wait for the acknowledgement: %w", err)
	}
	if ok {
		v.taken++ // parked meanwhile
	}
	return nil
}

const giveBackTimeout = 5 * time.Second

// giveBack ends a visit and waits until the next one would see everything: the
// broker takes back what a closed channel held in its own time. Where somebody
// empties the queue by other means it does not wait for ever.
func (q *Queue) giveBack(ctx context.Context, conn *amqp.Connection, v *visit) error {
	if err := closing(v.ch.Close()); err != nil {
		return err
	}
	ch, err := conn.Channel()
	if err != nil {
		return fmt.Errorf("open a channel: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, giveBackTimeout)
	defer cancel()
	for wait := retries(); ; {
		n, err := ready(ch, v.parking)
		if err != nil {
			return err
		}
		if n >= v.taken || !wait.Sleep(ctx) {
			return closing(ch.Close())
		}
	}
}
