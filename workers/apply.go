package workers

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/pause"
	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
	"github.com/starlinghq/starling/internal/telemetry"
)

const (
	applyTimeout = 10 * time.Second // of one try
	probes       = 3                // answers of the engine after which a failing message is to blame
	backoffReset = 30 * time.Second // a session that lived this long was well
)

// finish brings one message to its end: applied with everything that follows,
// or safe on the ladder or in the parking. It returns an error only when the
// session is over and the message is to be delivered again.
func (l *Loop) finish(ctx context.Context, d queue.Delivery, f store.Fence) error {
	ev, err := social.Decode(d.Body)
	if err != nil {
		return l.inPlace(ctx, func(ctx context.Context) error { return l.park(ctx, d, err) })
	}
	wait, answered := retries(), 0
	for {
		err := l.once(ctx, d, Work{Event: ev, Fence: f, Recovered: d.Recovered})
		switch {
		case err == nil:
			return nil
		case errors.Is(err, store.ErrStale):
			return fmt.Errorf("%w: %w", errLost, err)
		case !away(err):
			return l.inPlace(ctx, func(ctx context.Context) error { return l.failed(ctx, d, err) })
		}
		if l.owners.Ping(ctx) == nil {
			answered++
		}
		if answered >= probes {
			l.log.WarnContext(ctx, "message laid on the ladder", "message", d.ID, "error", err)
			return l.inPlace(ctx, func(ctx context.Context) error { return l.queue.Retry(ctx, d, queue.Rung60s, d.Attempts) })
		}
		if !wait.Sleep(ctx) {
			return context.Cause(ctx)
		}
	}
}

// once tries to apply a message and to publish what follows from it. What was
// begun is finished even while the loop drains.
func (l *Loop) once(ctx context.Context, d queue.Delivery, w Work) (err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), applyTimeout)
	defer cancel()
	ctx = telemetry.Extract(ctx, d.Headers)
	// The span goes on with the trace of who published, and links to that call:
	// a message of the ladder is applied long after its parent has ended.
	ctx, span := l.tracer.Start(ctx, "apply "+string(d.Type), trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithLinks(trace.LinkFromContext(ctx)), trace.WithAttributes(attribute.String("message", d.ID)))
	defer func() {
		if err != nil {
			span.RecordError(err)
			span.SetStatus(codes.Error, "not applied")
		}
		span.End()
	}()
	follow, err := l.apply(ctx, w)
	if err != nil || len(follow) == 0 {
		return err
	}
	ms := make([]queue.Message, len(follow))
	for i, ev := range follow {
		if ms[i], err = queue.MessageOf(ev); err != nil {
			return err
		}
	}
	return l.queue.Relay(ctx, ms...)
}

// apply calls the handler and turns a panic into its error.
func (l *Loop) apply(ctx context.Context, w Work) (follow []social.Event, err error) {
	defer func() {
		if p := recover(); p != nil {
			l.log.ErrorContext(ctx, "handler panicked", "event", w.Event.ID, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return l.handler.Apply(ctx, w)
}

// away tells errors of the engines from errors of the message.
func away(err error) bool {
	return errors.Is(err, store.ErrUnavailable) || errors.Is(err, cache.ErrUnavailable) ||
		errors.Is(err, queue.ErrOverloaded) || errors.Is(err, queue.ErrClosed) || errors.Is(err, context.DeadlineExceeded)
}

// failed counts an attempt of a message: it comes back later, or is parked.
func (l *Loop) failed(ctx context.Context, d queue.Delivery, cause error) error {
	attempts := d.Attempts + 1
	if attempts >= l.cfg.MaxAttempts {
		d.Attempts = attempts
		return l.park(ctx, d, cause)
	}
	l.log.WarnContext(ctx, "message failed", "message", d.ID, "attempts", attempts, "error", cause)
	return l.queue.Retry(ctx, d, queue.Rung(min(attempts-1, int(queue.Rung60s))), attempts)
}

func (l *Loop) park(ctx context.Context, d queue.Delivery, cause error) error {
	l.log.ErrorContext(ctx, "message parked", "message", d.ID, "type", d.Type, "attempts", d.Attempts, "error", cause)
	return l.queue.Park(ctx, d, cause.Error())
}

// inPlace repeats a move of a message until it succeeds or the session ends.
func (l *Loop) inPlace(ctx context.Context, move func(context.Context) error) error {
	wait := retries()
	for {
		err := move(ctx)
		if err == nil {
			return nil
		}
		l.log.WarnContext(ctx, "message not moved", "error", err)
		if !wait.Sleep(ctx) {
			return context.Cause(ctx)
		}
	}
}

const (
	backoffFirst = 20 * time.Millisecond
	backoffMost  = 2 * time.Second
)

// retries are the waits between tries of what an engine that is away fails.
func retries() pause.Backoff { return pause.Backoff{First: backoffFirst, Most: backoffMost} }
