package queuerabbitmq

import (
	"context"
	"sync"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/queue/queuetest"
)

// stock subscribes as the library's documentation would have it: with its own
// recovery, and deliveries known by the broker's tag alone.
type stock struct {
	*Queue
	t testing.TB
}

type stockSubscription struct {
	conn  *amqp.Connection
	ch    *amqp.Channel
	from  <-chan amqp.Delivery
	close sync.Once
}

func (q stock) Subscribe(_ context.Context, name queue.Name, prefetch int) (queue.Subscription, error) {
	conn, err := amqp.DialConfig(q.cfg.URLs[0], amqp.Config{Recovery: &amqp.Recovery{
		ReconnectionConfig: &amqp.ReconnectionConfig{MaxRetryCount: 100, RetryInterval: 50 * time.Millisecond},
	}})
	if err != nil {
		return nil, err
	}
	sub := &stockSubscription{conn: conn}
	q.t.Cleanup(func() { _ = sub.Close() })
	if sub.ch, err = conn.Channel(); err != nil {
		return nil, err
	}
	if err := sub.ch.Qos(prefetch, 0, false); err != nil {
		return nil, err
	}
	sub.from, err = sub.ch.Consume(q.names.queue(name), "", false, false, false, false, nil)
	return sub, err
}

func (s *stockSubscription) Next(ctx context.Context) (queue.Delivery, error) {
	select {
	case d, ok := <-s.from:
		if !ok {
			return queue.Delivery{}, queue.ErrClosed
		}
		return queue.Delivery{Message: message(d, ""), Tag: d.DeliveryTag}, nil
	case <-ctx.Done():
		return queue.Delivery{}, ctx.Err()
	}
}

func (s *stockSubscription) AckThrough(_ context.Context, d queue.Delivery) error {
	return s.ch.Ack(d.Tag, true)
}

func (s *stockSubscription) Close() error {
	s.close.Do(func() { _ = s.conn.Close() })
	return nil
}

// The control: the library's own recovery acknowledges a message that nobody
// has handled, and the suite notices.
func TestStockRecoveryLoses(t *testing.T) {
	t.Parallel()
	queuetest.MustFail(t, "CutEndsItsSubscriptions", func(t testing.TB) queuetest.Harness {
		h := harness(t)
		h.Queue = stock{h.Queue.(*Queue), t}
		return h
	})
}
