package queuerabbitmq

import (
	"errors"
	"fmt"
	"slices"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/social"
)

// ErrTopology says that the broker has queues or exchanges of our names that
// were made otherwise: with other rungs, or more shards.
var ErrTopology = errors.New("queuerabbitmq: the broker's queues were made otherwise")

const (
	deliveryLimit = 1000      // a far backstop; it also counts deliveries whose connection died
	noLimit       = 1<<31 - 1 // 3.10 knows no "unlimited", 4.x takes 20 where nothing is said
)

// familyRetry names the rungs among the depths.
const familyRetry social.Family = "retry"

// names are those of one system at a broker.
type names struct{ prefix string }

func (n names) events(f social.Family) string {
	if slices.Contains(social.Lanes(), f) {
		return n.prefix + "starling.feed"
	}
	return n.prefix + "starling.events"
}

func (n names) queue(q queue.Name) string { return n.prefix + q.String() }
func (n names) rung(r queue.Rung) string  { return n.prefix + "retry." + rungName(r) }

func (n names) retry(r queue.Rung) string                { return n.prefix + "starling.retry." + rungName(r) }
func (n names) dead() string                             { return n.prefix + "starling.dead" }
func (n names) parking() string                          { return n.prefix + "parking" }
func (n names) lock() string                             { return n.prefix + "parking.lock" }
func rungName(r queue.Rung) string                       { return [rungs]string{"1s", "10s", "60s"}[r] }
func routingKey(q queue.Name) string                     { return q.String() }
func knownRung(r queue.Rung) bool                        { return r >= queue.Rung1s && r <= queue.Rung60s }
func (c Config) rungMillis(i int) int64                  { return c.Rungs[i].Milliseconds() }
func (c Config) shard(f social.Family, i int) queue.Name { return queue.Name{Family: f, Shard: i} }

// quorum returns the arguments of a durable replicated queue with more of them.
// At-least-once dead-lettering needs reject-publish; as there is no length
// limit, nothing is ever rejected.
func quorum(more amqp.Table) amqp.Table {
	args := amqp.Table{"x-queue-type": "quorum"}
	if _, ok := more["x-dead-letter-exchange"]; ok {
		args["x-dead-letter-strategy"] = "at-least-once"
		args["x-overflow"] = "reject-publish"
	}
	for name, value := range more {
		args[name] = value
	}
	return args
}

// declare makes what is not there and checks what is. It may be called by any
// number of processes at once, and again.
func (q *Queue) declare(conn *amqp.Connection) error {
	if err := q.checkShards(conn); err != nil {
		return err
	}
	ch, err := conn.Channel()
	if err != nil {
		return fmt.Errorf("open a channel: %w", err)
	}
	defer func() { _ = ch.Close() }() // a failed declaration has closed it
	d := declarer{ch: ch}
	d.exchange(q.names.questions(), amqp.ExchangeFanout)
	d.queue(q.names.roll(), "", "", amqp.Table{"x-queue-type": "classic"})
	d.exchange(q.names.dead(), amqp.ExchangeFanout)
	d.queue(q.names.parking(), q.names.dead(), "", quorum(amqp.Table{"x-delivery-limit": noLimit}))
	for i := range rungs {
		r := queue.Rung(i)
		d.exchange(q.names.retry(r), amqp.ExchangeFanout)
		d.queue(q.names.rung(r), q.names.retry(r), "", quorum(amqp.Table{
			"x-message-ttl": q.cfg.rungMillis(i), "x-dead-letter-exchange": "",
		}))
	}
	for _, f := range q.cfg.Families {
		d.exchange(q.names.events(f), amqp.ExchangeDirect)
		for i := range q.cfg.Shards {
			name := q.cfg.shard(f, i)
			d.queue(q.names.queue(name), q.names.events(f), routingKey(name), quorum(amqp.Table{
				"x-single-active-consumer": true, "x-delivery-limit": deliveryLimit, "x-dead-letter-exchange": q.names.dead(),
			}))
		}
	}
	return d.err
}

// checkShards refuses a broker whose queues were made for more shards: nobody
// would read the others. (Fewer cannot be told from a new system; the number
// is kept in the store.)
func (q *Queue) checkShards(conn *amqp.Connection) error {
	ch, err := conn.Channel()
	if err != nil {
		return fmt.Errorf("open a channel: %w", err)
	}
	defer func() { _ = ch.Close() }()
	beyond := q.names.queue(q.cfg.shard(q.cfg.Families[0], q.cfg.Shards))
	_, err = ch.QueueDeclarePassive(beyond, true, false, false, false, nil)
	if err == nil {
		return fmt.Errorf("%w: there is a queue %s, the configuration says %d shards", ErrTopology, beyond, q.cfg.Shards)
	}
	if refused(err, amqp.NotFound) {
		return nil
	}
	return err
}

// declarer declares one thing after another until one fails.
type declarer struct {
	ch  *amqp.Channel
	err error
}

func (d *declarer) exchange(name, kind string) {
	if d.err == nil {
		d.fail("exchange "+name, d.ch.ExchangeDeclare(name, kind, true, false, false, false, nil))
	}
}

func (d *declarer) queue(name, exchange, key string, args amqp.Table) {
	if d.err != nil {
		return
	}
	_, err := d.ch.QueueDeclare(name, true, false, false, false, args)
	if err == nil && exchange != "" {
		err = d.ch.QueueBind(name, key, exchange, false, nil)
	}
	d.fail("queue "+name, err)
}

func (d *declarer) fail(what string, err error) {
	switch {
	case err == nil:
	case refused(err, amqp.PreconditionFailed):
		d.err = fmt.Errorf("%w: %s: %w", ErrTopology, what, err)
	default:
		d.err = fmt.Errorf("declare %s: %w", what, err)
	}
}

// refused tells whether the broker itself gave this answer.
func refused(err error, code int) bool {
	var answer *amqp.Error
	return errors.As(err, &answer) && answer.Code == code
}
