package queue

import (
	"context"
	"maps"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/telemetry/measure"
)

// Traced measures every call of a queue: a span, and rate, errors and duration
// by method (package measure). What is published or relayed carries the trace
// context of the call in its headers, from which the worker goes on. It changes
// nothing else, which the conformance suite checks.
//
// Publish may begin a trace; all other calls only go on with one that is there,
// or every wait of an idle worker would be a trace of its own. Next never makes
// a span: what it waits for is not work. Its duration is the wait.
type Traced struct {
	next    Queue
	methods [methods]*measure.Method
	silent  [methods]*measure.Method // the same without spans
}

var _ Queue = (*Traced)(nil)

// NewTraced wraps next. Nil providers measure nothing; messages carry the trace
// context all the same. Refusals for depth and dead subscriptions are answers,
// no errors, in spans and metrics.
func NewTraced(next Queue, tp trace.TracerProvider, mp metric.MeterProvider) *Traced {
	answers := measure.Expect(ErrOverloaded, ErrClosed, ErrNotFound, context.DeadlineExceeded)
	loud := measure.New("queue", tp, mp, answers)
	quiet := measure.New("queue", nil, mp, answers)
	d := &Traced{next: next}
	for m := range methods {
		d.methods[m], d.silent[m] = loud.Method(m.name()), quiet.Method(m.name())
	}
	return d
}

// method numbers the methods of [Queue] and [Subscription].
type method int

const (
	mAdmit method = iota
	mPublish
	mRelay
	mSubscribe
	mNext
	mAckThrough
	mRetry
	mPark
	mParked
	mReplay
	mDrop
	mDepths
	methods
)

// name returns the method's name.
func (m method) name() string {
	return [methods]string{
		mAdmit: "Admit", mPublish: "Publish", mRelay: "Relay",
		mSubscribe: "Subscribe", mNext: "Next", mAckThrough: "AckThrough",
		mRetry: "Retry", mPark: "Park",
		mParked: "Parked", mReplay: "Replay", mDrop: "Drop", mDepths: "Depths",
	}[m]
}

// start begins a call of a method, with a span where a trace is there.
func (d *Traced) start(ctx context.Context, m method) (context.Context, measure.Call) {
	if m != mPublish && !trace.SpanContextFromContext(ctx).IsValid() {
		return d.silent[m].Start(ctx)
	}
	return d.methods[m].Start(ctx)
}

// startQueue is start for a call on one queue, which the span names.
func (d *Traced) startQueue(ctx context.Context, m method, queue string) (context.Context, measure.Call) {
	ctx, call := d.start(ctx, m)
	if span := call.Span(); span.IsRecording() {
		span.SetAttributes(attribute.String("queue", queue))
	}
	return ctx, call
}

const traceparent = "traceparent" // the header of W3C trace context

// startSend is start for a call that sends messages, and returns them with the
// trace context of the call in their headers, unless they bring one along. The
// caller's are left alone.
func (d *Traced) startSend(ctx context.Context, m method, ms []Message) (context.Context, measure.Call, []Message) {
	ctx, call := d.start(ctx, m)
	if span := call.Span(); span.IsRecording() {
		span.SetAttributes(attribute.Int("messages", len(ms)))
		if len(ms) > 0 {
			span.SetAttributes(attribute.String("family", string(ms[0].Family)), attribute.String("type", string(ms[0].Type)))
		}
	}
	if !trace.SpanContextFromContext(ctx).IsValid() {
		return ctx, call, ms
	}
	sent := make([]Message, len(ms))
	for i, m := range ms {
		sent[i] = m
		if m.Headers[traceparent] != "" {
			continue
		}
		headers := maps.Clone(m.Headers)
		if headers == nil {
			headers = make(map[string]string, 2)
		}
		propagation.TraceContext{}.Inject(ctx, propagation.MapCarrier(headers))
		sent[i].Headers = headers
	}
	return ctx, call, sent
}

// Admit implements [Publisher].
func (d *Traced) Admit(ctx context.Context, f social.Family) (err error) {
	ctx, call := d.startQueue(ctx, mAdmit, string(f))
	defer func() { call.End(ctx, err) }()
	return d.next.Admit(ctx, f)
}

// Publish implements [Publisher].
func (d *Traced) Publish(ctx context.Context, ms ...Message) (err error) {
	ctx, call, ms := d.startSend(ctx, mPublish, ms)
	defer func() { call.End(ctx, err) }()
	return d.next.Publish(ctx, ms...)
}

// Relay implements [Publisher].
func (d *Traced) Relay(ctx context.Context, ms ...Message) (err error) {
	ctx, call, ms := d.startSend(ctx, mRelay, ms)
	defer func() { call.End(ctx, err) }()
	return d.next.Relay(ctx, ms...)
}

// Subscribe implements [Consumer].
func (d *Traced) Subscribe(ctx context.Context, q Name, prefetch int) (sub Subscription, err error) {
	ctx, call := d.startQueue(ctx, mSubscribe, q.String())
	defer func() { call.End(ctx, err) }()
	if sub, err = d.next.Subscribe(ctx, q, prefetch); err != nil {
		return nil, err
	}
	return &tracedSubscription{d: d, next: sub, queue: q.String()}, nil
}

// Retry implements [Ladder].
func (d *Traced) Retry(ctx context.Context, del Delivery, r Rung, attempts int) (err error) {
	ctx, call := d.start(ctx, mRetry)
	defer func() { call.End(ctx, err) }()
	return d.next.Retry(ctx, del, r, attempts)
}

// Park implements [Ladder].
func (d *Traced) Park(ctx context.Context, del Delivery, reason string) (err error) {
	ctx, call := d.start(ctx, mPark)
	defer func() { call.End(ctx, err) }()
	return d.next.Park(ctx, del, reason)
}

// Parked implements [Parking].
func (d *Traced) Parked(ctx context.Context, after string, n int) (ps []Parked, err error) {
	ctx, call := d.start(ctx, mParked)
	defer func() { call.End(ctx, err) }()
	return d.next.Parked(ctx, after, n)
}

// Replay implements [Parking].
func (d *Traced) Replay(ctx context.Context, id string) (err error) {
	ctx, call := d.start(ctx, mReplay)
	defer func() { call.End(ctx, err) }()
	return d.next.Replay(ctx, id)
}

// Drop implements [Parking].
func (d *Traced) Drop(ctx context.Context, id string) (err error) {
	ctx, call := d.start(ctx, mDrop)
	defer func() { call.End(ctx, err) }()
	return d.next.Drop(ctx, id)
}

// Depths implements [Gauge].
func (d *Traced) Depths(ctx context.Context) (all []Depth, err error) {
	ctx, call := d.start(ctx, mDepths)
	defer func() { call.End(ctx, err) }()
	return d.next.Depths(ctx)
}

// tracedSubscription measures the calls of one subscription.
type tracedSubscription struct {
	d     *Traced
	next  Subscription
	queue string
}

// Next implements [Subscription].
func (s *tracedSubscription) Next(ctx context.Context) (del Delivery, err error) {
	ctx, call := s.d.silent[mNext].Start(ctx)
	defer func() { call.End(ctx, err) }()
	return s.next.Next(ctx)
}

// AckThrough implements [Subscription].
func (s *tracedSubscription) AckThrough(ctx context.Context, del Delivery) (err error) {
	ctx, call := s.d.startQueue(ctx, mAckThrough, s.queue)
	defer func() { call.End(ctx, err) }()
	return s.next.AckThrough(ctx, del)
}

// Close implements [Subscription]. It has no context and is not measured.
func (s *tracedSubscription) Close() error { return s.next.Close() }
