package queue

import (
	"context"
	"errors"
	"time"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

var (
	// ErrOverloaded says that the queue takes no more now: too deep, no room on
	// the disk, or the broker away. The message was surely not accepted.
	ErrOverloaded = errors.New("queue: overloaded")
	// ErrClosed says that a subscription is dead. Nothing of it can be
	// acknowledged any more; subscribe again.
	ErrClosed = errors.New("queue: subscription closed")
	// ErrNotFound says that no parked message has the id given.
	ErrNotFound = errors.New("queue: no such parked message")
)

// MaybePublished tells whether a message whose Publish failed with err may be
// delivered all the same.
func MaybePublished(err error) bool {
	return err != nil && !errors.Is(err, ErrOverloaded)
}

// Name names one queue: a shard of a family. It is written family.number with
// two digits.
type Name struct {
	Family social.Family
	Shard  int
}

// Message is one event on its way. Its id is the same whenever the same event
// is published again, and no two different messages share one: under it a
// message is parked, replayed and dropped. Nobody changes Headers and Body
// after the message has been handed over.
type Message struct {
	ID      string            // origin id and event type
	Type    social.EventType  // for logs and for parking; the body repeats it
	Family  social.Family     // with Key decides the queue
	Key     snowflake.ID      // ordering key; 0 spreads over the shards by ID
	Headers map[string]string // W3C trace context
	Body    []byte            // social.Encode
}

// Publisher takes messages for good.
type Publisher interface {
	// Admit tells whether a mutation of the family should go on: ErrOverloaded
	// where Publish would refuse it. Call it before anything is claimed.
	Admit(ctx context.Context, f social.Family) error
	// Publish returns nil when every message is confirmed: it survives a crash
	// of any process. Messages of one call and one queue keep their order. The
	// context bounds the wait; a message whose caller has gone is not published
	// again behind his back.
	Publish(ctx context.Context, ms ...Message) error
	// Relay is Publish for what follows from a delivery that is not yet
	// acknowledged. It is never refused for depth, and may be lost in a crash
	// together with the acknowledgement, never without it.
	Relay(ctx context.Context, ms ...Message) error
}

// Delivery is a message handed to a consumer.
type Delivery struct {
	Message
	Tag         uint64 // position on its subscription, rising
	Attempts    int    // failures counted so far
	Recovered   bool   // comes from the ladder or from parking: out of its order
	Redelivered bool   // was handed out before; a hint only
}

// Consumer opens subscriptions.
type Consumer interface {
	// Subscribe opens a subscription to one queue. It becomes active when no
	// older one of the same queue is alive, on any process; until then Next
	// waits. At most prefetch messages, which is 1 or more, are handed out and
	// not yet acknowledged.
	Subscribe(ctx context.Context, q Name, prefetch int) (Subscription, error)
}

// Subscription is one consumer of one queue.
type Subscription interface {
	// Next waits for a delivery, which it takes along only when it returns nil.
	// ErrClosed when the subscription has died.
	Next(ctx context.Context) (Delivery, error)
	// AckThrough acknowledges d and every earlier delivery of this
	// subscription; doing it again is harmless. ErrClosed: they will be delivered
	// again.
	AckThrough(ctx context.Context, d Delivery) error
	// Close ends the subscription; what is unacknowledged is delivered again to
	// the next active one. It may be called twice.
	Close() error
}

// Rung is a step of the retry ladder.
type Rung int

// The rungs of the ladder.
const (
	Rung1s Rung = iota
	Rung10s
	Rung60s
)

// Delay returns how long a message rests on the rung.
func (r Rung) Delay() time.Duration {
	switch r {
	case Rung1s:
		return time.Second
	case Rung10s:
		return 10 * time.Second
	}
	return 60 * time.Second
}

// Ladder takes messages that could not be applied. Each method returns nil
// when the message is safe in its new place; the delivery it came from is then
// to be acknowledged like one that was applied. Attempts are what the worker
// counted: being delivered again is no failure, or a few crashes of a process
// would park everything that it had in hand.
type Ladder interface {
	// Retry rests d on a rung; it comes back to its queue with attempts counted
	// and Recovered set.
	Retry(ctx context.Context, d Delivery, r Rung, attempts int) error
	// Park lays d aside with its attempts and the reason, until somebody
	// replays or drops it. Parking an id again replaces what was said of it.
	Park(ctx context.Context, d Delivery, reason string) error
}

// Parked is a message that was laid aside.
type Parked struct {
	Message
	Attempts int
	Reason   string
	At       time.Time
}

// Parking is for the people who look after the system.
type Parking interface {
	// Parked lists at most n parked messages with ids above after, in order of id.
	Parked(ctx context.Context, after string, n int) ([]Parked, error)
	// Replay sends a parked message back to its queue with no attempts counted
	// and Recovered set. ErrNotFound.
	Replay(ctx context.Context, id string) error
	// Drop forgets a parked message. ErrNotFound.
	Drop(ctx context.Context, id string) error
}

// Depth is how much waits in one queue.
type Depth struct {
	Name    Name
	Ready   int64 // messages not yet acknowledged, handed out or not
	Resting int64 // messages on the ladder
}

// Gauge tells how far behind the consumers are.
type Gauge interface {
	// Depths returns the depth of every queue.
	Depths(ctx context.Context) ([]Depth, error)
}

// Presence tells which processes of a system are up. Only an adapter that many
// processes share offers it.
type Presence interface {
	// Present tells whether a process that appears under the name is connected
	// to the queue. It says nothing of what that process does there.
	Present(ctx context.Context, member string) (bool, error)
}

// Queue is everything an adapter implements. Users of the seam ask for the
// roles they need.
type Queue interface {
	Publisher
	Consumer
	Ladder
	Parking
	Gauge
}
