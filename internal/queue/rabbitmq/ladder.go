package queuerabbitmq

import (
	"context"
	"fmt"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/starlinghq/starling/internal/queue"
)

// Retry implements [queue.Ladder]. The routing key is the name of the queue to
// which the rung dead-letters the message when its time is over. Like Relay it
// waits for the broker as long as ctx allows.
func (q *Queue) Retry(ctx context.Context, d queue.Delivery, r queue.Rung, attempts int) error {
	if !knownRung(r) {
		return fmt.Errorf("queuerabbitmq: retry %s: no rung %d", d.ID, r)
	}
	name := queue.QueueOf(d.Message, q.cfg.Shards)
	if err := q.known(name); err != nil {
		return err
	}
	body := publishing(d.Message, amqp.Table{headerAttempts: int64(attempts), headerRecovered: true})
	if err := q.deliver(ctx, q.names.retry(r), q.names.queue(name), body); err != nil {
		return fmt.Errorf("queuerabbitmq: retry %s: %w", d.ID, err)
	}
	return nil
}

// Park implements [queue.Ladder]. Parked again, a message lies there twice
// until somebody looks: the younger one counts.
func (q *Queue) Park(ctx context.Context, d queue.Delivery, reason string) error {
	body := publishing(d.Message, amqp.Table{
		headerAttempts: int64(d.Attempts), headerReason: reason, headerParkedAt: time.Now().UnixMilli(),
	})
	if err := q.deliver(ctx, q.names.dead(), "", body); err != nil {
		return fmt.Errorf("queuerabbitmq: park %s: %w", d.ID, err)
	}
	return nil
}
