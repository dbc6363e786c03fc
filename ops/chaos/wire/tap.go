package wire

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/social"
)

// Tap hears every event once that is published to the exchanges of a system.
type Tap struct {
	prefix string
	copies int
	conn   *amqp.Connection
	ch     *amqp.Channel
	done   chan struct{}

	mu    sync.Mutex
	heard []social.Event // guarded by mu
	again int            // guarded by mu; messages published more than their publisher did
	err   error          // guarded by mu
}

// Open binds a queue of its own beside every queue of the system. Each message
// that comes is published another copies times, straight to the queue that it
// was meant for.
func Open(url, prefix string, shards, copies int) (*Tap, error) {
	conn, err := amqp.Dial(url)
	if err != nil {
		return nil, fmt.Errorf("wire: %w", err)
	}
	t := &Tap{prefix: prefix, copies: copies, conn: conn, done: make(chan struct{})}
	deliveries, err := t.bind(shards)
	if err != nil {
		return nil, fmt.Errorf("wire: listening to the events: %w", err)
	}
	go t.listen(deliveries) // Close waits for it
	return t, nil
}

func (t *Tap) bind(shards int) (<-chan amqp.Delivery, error) {
	ch, err := t.conn.Channel()
	if err != nil {
		return nil, err
	}
	t.ch = ch
	q, err := ch.QueueDeclare("", false, true, true, false, nil)
	if err != nil {
		return nil, err
	}
	for _, f := range social.Families() {
		exchange := t.prefix + "starling.events"
		if slices.Contains(social.Lanes(), f) {
			exchange = t.prefix + "starling.feed"
		}
		for i := range shards {
			if err := ch.QueueBind(q.Name, queue.Name{Family: f, Shard: i}.String(), exchange, false, nil); err != nil {
				return nil, err
			}
		}
	}
	if err := ch.Confirm(false); err != nil {
		return nil, err
	}
	return ch.Consume(q.Name, "", false, true, false, false, nil)
}

func (t *Tap) listen(deliveries <-chan amqp.Delivery) {
	defer close(t.done)
	for d := range deliveries {
		if err := t.hear(d); err != nil {
			t.mu.Lock()
			t.err = err
			t.mu.Unlock()
			return
		}
	}
}

func (t *Tap) hear(d amqp.Delivery) error {
	ev, err := social.Decode(d.Body)
	if err != nil {
		return fmt.Errorf("reading %s: %w", d.MessageId, err)
	}
	t.mu.Lock()
	t.heard = append(t.heard, ev)
	t.mu.Unlock()
	for range t.copies {
		// The default exchange, or the copy would come here again.
		sent, err := t.ch.PublishWithDeferredConfirm("", t.prefix+d.RoutingKey, true, false, amqp.Publishing{
			Headers: d.Headers, ContentType: d.ContentType, DeliveryMode: d.DeliveryMode,
			MessageId: d.MessageId, Type: d.Type, Body: d.Body,
		})
		if err != nil {
			return fmt.Errorf("publishing %s again: %w", d.MessageId, err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		ok, err := sent.WaitContext(ctx)
		cancel()
		if err != nil || !ok {
			return fmt.Errorf("publishing %s again: not confirmed: %w", d.MessageId, err)
		}
		t.mu.Lock()
		t.again++
		t.mu.Unlock()
	}
	return d.Ack(false)
}

// Heard returns the events so far, in the order in which they came, and how
// many messages the tap has published.
func (t *Tap) Heard() (events []social.Event, again int, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.heard), t.again, t.err
}

// Close ends the tap.
func (t *Tap) Close() error {
	err := t.conn.Close()
	<-t.done
	return err
}
