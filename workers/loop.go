package workers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// Config says how a family's queues are consumed.
type Config struct {
	Family      social.Family
	Shards      int  // of the system: queues of the family
	Owned       bool // one owner a shard, under an epoch
	Prefetch    int  // messages of one queue in hand at once
	AtOnce      int  // messages of all queues handled at once; 0: what is in hand
	MaxAttempts int  // failures after which a message is parked

	Seat    Seat
	StandBy time.Duration // how long the shares of others are left to them
}

// Default returns the settings of a family. The bulk lane has few hands: its
// messages are as big as those of the fast lane and many more, and both ask the
// same engines.
func Default(f social.Family, shards int) Config {
	c := Config{Family: f, Shards: shards, Owned: !slices.Contains(social.Lanes(), f), Prefetch: 256, MaxAttempts: 5, StandBy: 5 * time.Second}
	if f == social.FamilyFeedBulk {
		c.Prefetch, c.AtOnce = 8, 4
	}
	return c
}

// Queue are the roles of the queue that a loop needs.
type Queue interface {
	queue.Consumer
	queue.Ladder
	queue.Publisher
}

// Register is the register of ownership and the probe that tells an engine
// that is away from a message that cannot be applied.
type Register interface {
	store.Epochs
	Ping(ctx context.Context) error
}

// Loop consumes all queues of one family.
type Loop struct {
	cfg     Config
	queue   Queue
	owners  Register
	handler Handler
	log     *slog.Logger
	tracer  trace.Tracer
	hands   hands
}

// New returns a loop that hands the messages of a family to h.
func New(cfg Config, q Queue, r Register, h Handler, log *slog.Logger, t trace.Tracer) *Loop {
	l := &Loop{cfg: cfg, queue: q, owners: r, handler: h, log: log.With("family", cfg.Family), tracer: t}
	if cfg.AtOnce > 0 {
		l.hands = make(hands, cfg.AtOnce)
	}
	return l
}

// Run consumes until ctx ends, then lets what was begun finish, and returns nil.
func (l *Loop) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	for i := range l.cfg.Shards {
		wg.Go(func() { l.keep(ctx, store.Shard{Family: l.cfg.Family, Number: i}) })
	}
	wg.Wait()
	return nil
}

// session consumes one queue until its subscription dies or is given back. The
// epoch is read before the subscription and taken at its first delivery: an
// owner that slept through a take-over finds another epoch than it read, and
// begins again.
func (l *Loop) session(ctx context.Context, s store.Shard) error {
	var read store.Epoch
	var err error
	if l.cfg.Owned {
		if read, err = l.owners.Epoch(ctx, s); err != nil {
			return fmt.Errorf("reading the epoch of %s: %w", s, err)
		}
	}
	sub, err := l.queue.Subscribe(ctx, queue.Name{Family: s.Family, Shard: s.Number}, l.cfg.Prefetch)
	if err != nil {
		return fmt.Errorf("subscribing to %s: %w", s, err)
	}
	defer func() {
		if err := sub.Close(); err != nil {
			l.log.Warn("closing a subscription", "shard", s.Number, "error", err)
		}
	}()
	receive, give := context.WithCancelCause(ctx)
	var active atomic.Bool
	var watch sync.WaitGroup
	if !l.cfg.Seat.prefers(s.Number) {
		watch.Go(func() { l.watch(receive, s, active.Load, func() { give(errGiven) }) })
	}
	defer func() { give(nil); watch.Wait() }()
	first, err := sub.Next(receive)
	if err != nil {
		return fmt.Errorf("waiting for the first delivery of %s: %w", s, err)
	}
	active.Store(true)
	fence := store.Fence{}
	if l.cfg.Owned {
		e, err := l.owners.TakeEpoch(ctx, s, read)
		if err != nil {
			return fmt.Errorf("taking over %s: %w", s, err)
		}
		fence = store.NewFence(s, e)
	}
	return l.consume(ctx, receive, sub, fence, first)
}

// consume hands deliveries to their lanes until the subscription dies, the
// ownership is lost, or a context ends; then it waits for what was begun. Where
// only receive ends, everything in hand is finished and acknowledged first, so
// that whoever comes next is not handed it again.
func (l *Loop) consume(ctx, receive context.Context, sub queue.Subscription, f store.Fence, first queue.Delivery) error {
	ctx, lose := context.WithCancelCause(ctx)
	defer lose(nil)
	receive, stop := context.WithCancelCause(receive)
	defer stop(nil)
	acks := newPrefix(sub)
	lanes := newLanes(func(d queue.Delivery) {
		if err := l.handle(ctx, d, f, acks); err != nil {
			lose(err)
			stop(err)
		}
	})
	defer lanes.wait()
	for d := first; ; {
		acks.add(d)
		lanes.add(d)
		var err error
		if d, err = sub.Next(receive); err == nil {
			continue
		}
		if cause := context.Cause(receive); cause != nil {
			err = cause
		}
		if !errors.Is(err, errGiven) {
			lose(err)
		}
		return err
	}
}

// handle brings one message to its end and acknowledges it. Where the session
// is over before it begins, it does nothing: the message will be delivered again.
func (l *Loop) handle(ctx context.Context, d queue.Delivery, f store.Fence, acks *prefix) error {
	if ctx.Err() != nil || !l.hands.take(ctx) {
		return nil
	}
	defer l.hands.give()
	if err := l.finish(ctx, d, f); err != nil {
		return err
	}
	return acks.done(ctx, d)
}

// hands bound how many messages of all queues are handled at once: there is an
// element for each. Nil ones bound nothing.
type hands chan struct{}

// take waits for a free hand; false when ctx ends first.
func (h hands) take(ctx context.Context) bool {
	if h == nil {
		return true
	}
	select {
	case h <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (h hands) give() {
	if h != nil {
		<-h
	}
}

// errLost ends a session whose ownership is gone.
var errLost = errors.New("workers: ownership lost")
