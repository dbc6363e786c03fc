package queuerabbitmq

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/starlinghq/starling/internal/queue"
)

// A tag is the epoch of the subscription, which no other one of this process
// has, and in the lower bits the broker's delivery tag, which begins at 1 on
// every channel: a delivery of another channel is known by its tag.
const tagBits = 44

func tagOf(epoch, delivery uint64) uint64        { return epoch<<tagBits | delivery&(1<<tagBits-1) }
func cutTag(tag uint64) (epoch, delivery uint64) { return tag >> tagBits, tag & (1<<tagBits - 1) }
func (q *Queue) nextEpoch() uint64               { return q.epochs.Add(1) & (1<<(64-tagBits) - 1) }

const maxPrefetch = 1<<16 - 1 // of the protocol

// subscription implements [queue.Subscription] as one consumer on a channel of
// its own. It never outlives the channel.
type subscription struct {
	q          *Queue
	name       queue.Name
	epoch      uint64
	ch         *amqp.Channel
	deliveries chan amqp.Delivery // capacity prefetch: nothing else can be on its way
	dead       chan struct{}
	die        sync.Once
	pumped     chan struct{} // closed when the pump has ended

	held atomic.Int64 // received and not acknowledged

	mu       sync.Mutex
	received uint64 // guarded by mu; the last delivery tag handed out
	acked    uint64 // guarded by mu
}

// Subscribe implements [queue.Consumer]. While the broker is away it waits. A
// broker that stops answering may hold it longer than ctx, until the heartbeat
// gives the connection up.
func (q *Queue) Subscribe(ctx context.Context, name queue.Name, prefetch int) (queue.Subscription, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, fmt.Errorf("queuerabbitmq: subscribe to %s: %w", name, err)
	}
	if prefetch < 1 || prefetch > maxPrefetch {
		return nil, fmt.Errorf("queuerabbitmq: subscribe to %s: prefetch %d is not between 1 and %d", name, prefetch, maxPrefetch)
	}
	if err := q.known(name); err != nil {
		return nil, err
	}
	s, err := q.in.wait(ctx)
	if err != nil {
		return nil, fmt.Errorf("queuerabbitmq: subscribe to %s: %w", name, err)
	}
	sub, err := q.consume(s, name, prefetch)
	if err != nil {
		return nil, fmt.Errorf("queuerabbitmq: subscribe to %s: %w", name, err)
	}
	return sub, nil
}

func (q *Queue) consume(s *session, name queue.Name, prefetch int) (*subscription, error) {
	ch, err := s.conn.Channel()
	if err != nil {
		return nil, fmt.Errorf("open a channel: %w", err)
	}
	if err := ch.Qos(prefetch, 0, false); err != nil {
		return nil, errors.Join(fmt.Errorf("bound the prefetch: %w", err), closing(ch.Close()))
	}
	from, err := ch.Consume(q.names.queue(name), "", false, false, false, false, nil)
	if err != nil {
		q.lacks(err)
		return nil, errors.Join(err, closing(ch.Close()))
	}
	sub := &subscription{
		q: q, name: name, epoch: q.nextEpoch(), ch: ch, deliveries: make(chan amqp.Delivery, prefetch),
		dead: make(chan struct{}), pumped: make(chan struct{}),
	}
	q.add(sub)
	s.wg.Go(func() { sub.pump(from) })
	return sub, nil
}

// pump takes deliveries off the library until the channel or the consumer
// ends. It is what counts them and what notices the end.
func (sub *subscription) pump(from <-chan amqp.Delivery) {
	defer close(sub.pumped)
	for d := range from {
		sub.held.Add(1)
		sub.q.moved.Add(1)
		select {
		case sub.deliveries <- d:
		case <-sub.dead:
		}
	}
	sub.end()
	sub.q.remove(sub) // not before: until the channel has ended, the broker counts it as handed out
	sub.q.moved.Add(1)
}

// end says that nothing more is handed out or acknowledged.
func (sub *subscription) end() { sub.die.Do(func() { close(sub.dead) }) }

func (sub *subscription) closed() bool {
	select {
	case <-sub.dead:
		return true
	default:
		return false
	}
}

// Next implements [queue.Subscription]. What was received and not handed out
// when the subscription died is not handed out any more.
func (sub *subscription) Next(ctx context.Context) (queue.Delivery, error) {
	if err := context.Cause(ctx); err != nil {
		return queue.Delivery{}, err
	}
	if sub.closed() {
		return queue.Delivery{}, queue.ErrClosed
	}
	select {
	case d := <-sub.deliveries:
		return sub.hand(d), nil
	case <-sub.dead:
		return queue.Delivery{}, queue.ErrClosed
	case <-ctx.Done():
		return queue.Delivery{}, context.Cause(ctx)
	}
}

func (sub *subscription) hand(d amqp.Delivery) queue.Delivery {
	sub.mu.Lock()
	sub.received = max(sub.received, d.DeliveryTag)
	sub.mu.Unlock()
	return queue.Delivery{
		Message: message(d, sub.name.Family), Tag: tagOf(sub.epoch, d.DeliveryTag),
		Attempts: int(number(d.Headers, headerAttempts)), Recovered: flag(d.Headers, headerRecovered),
		Redelivered: d.Redelivered,
	}
}

// AckThrough implements [queue.Subscription]. The broker answers no
// acknowledgement: one whose connection dies before it arrives is not kept, and
// the deliveries come again.
func (sub *subscription) AckThrough(_ context.Context, d queue.Delivery) error {
	epoch, tag := cutTag(d.Tag)
	if epoch != sub.epoch {
		return queue.ErrClosed
	}
	sub.mu.Lock()
	defer sub.mu.Unlock()
	switch {
	case sub.closed():
		return queue.ErrClosed
	case tag > sub.received:
		return fmt.Errorf("queuerabbitmq: delivery %d of %s was not handed out", tag, sub.name)
	case tag <= sub.acked:
		return nil // the broker would close the channel of who repeats himself
	}
	if err := sub.ch.Ack(tag, true); err != nil {
		sub.end()
		return fmt.Errorf("queuerabbitmq: acknowledge %s: %w: %w", sub.name, queue.ErrClosed, err)
	}
	sub.held.Add(-int64(tag - sub.acked))
	sub.q.moved.Add(1)
	sub.acked = tag
	return nil
}

// Close implements [queue.Subscription].
func (sub *subscription) Close() error {
	sub.end()
	err := sub.ch.Close()
	<-sub.pumped
	return closing(err)
}

// closing drops what closing something says that its end was already known.
func closing(err error) error {
	var answer *amqp.Error
	if errors.Is(err, amqp.ErrClosed) || errors.As(err, &answer) {
		return nil // closed by the broker, or with its connection
	}
	return err
}
