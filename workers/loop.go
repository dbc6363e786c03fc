package workers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
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
	Prefetch    int  // messages of one queue handled at once
	MaxAttempts int  // failures after which a message is parked
}

// Default returns the settings of a family.
func Default(f social.Family, shards int) Config {
	return Config{Family: f, Shards: shards, Owned: f != social.FamilyFeed, Prefetch: 256, MaxAttempts: 5}
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
}

// New returns a loop that hands the messages of a family to h.
func New(cfg Config, q Queue, r Register, h Handler, log *slog.Logger, t trace.Tracer) *Loop {
	return &Loop{cfg: cfg, queue: q, owners: r, handler: h, log: log.With("family", cfg.Family), tracer: t}
}

// Run consumes until ctx ends, then lets what was begun finish, and returns nil.
func (l *Loop) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	for i := range l.cfg.Shards {
		wg.Add(1)
		go func() {
			defer wg.Done()
			l.shard(ctx, store.Shard{Family: l.cfg.Family, Number: i})
		}()
	}
	wg.Wait()
	return nil
}

// shard keeps one queue consumed: a session ends when its subscription or its
// ownership is lost, and the next one begins.
func (l *Loop) shard(ctx context.Context, s store.Shard) {
	wait := backoff{}
	for ctx.Err() == nil {
		began := time.Now()
		err := l.session(ctx, s)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > backoffReset {
			wait = backoff{}
		}
		l.log.Warn("consuming again", "shard", s.Number, "error", err)
		wait.sleep(ctx)
	}
}

// session consumes one queue until its subscription dies. The epoch is read
// before the subscription and taken at its first delivery: an owner that slept
// through a take-over finds another epoch than it read, and begins again.
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
	first, err := sub.Next(ctx)
	if err != nil {
		return fmt.Errorf("waiting for the first delivery of %s: %w", s, err)
	}
	fence := store.Fence{}
	if l.cfg.Owned {
		e, err := l.owners.TakeEpoch(ctx, s, read)
		if err != nil {
			return fmt.Errorf("taking over %s: %w", s, err)
		}
		fence = store.NewFence(s, e)
	}
	return l.consume(ctx, sub, fence, first)
}

// consume hands deliveries to their lanes until the subscription dies, the
// ownership is lost, or ctx ends; then it waits for what was begun.
func (l *Loop) consume(ctx context.Context, sub queue.Subscription, f store.Fence, first queue.Delivery) error {
	ctx, lose := context.WithCancelCause(ctx)
	defer lose(nil)
	acks := newPrefix(sub)
	lanes := newLanes(func(d queue.Delivery) {
		if ctx.Err() != nil {
			return // not begun: it will be delivered again
		}
		if err := l.finish(ctx, d, f); err != nil {
			lose(err)
			return
		}
		if err := acks.done(ctx, d); err != nil {
			lose(err)
		}
	})
	defer lanes.wait()
	for d := first; ; {
		acks.add(d)
		lanes.add(d)
		var err error
		if d, err = sub.Next(ctx); err != nil {
			if cause := context.Cause(ctx); cause != nil {
				err = cause
			}
			lose(err)
			return err
		}
	}
}

// errLost ends a session whose ownership is gone.
var errLost = errors.New("workers: ownership lost")
