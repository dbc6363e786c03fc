package measure

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
)

const scope = "github.com/starlinghq/starling/internal/telemetry/measure"

// Outcomes of a call, as the metric names them.
const (
	OK       = "ok"
	Expected = "expected" // an error that is an answer, like not found
	Canceled = "canceled" // the caller has gone
	Failed   = "error"
)

// Seam measures the methods of one seam.
type Seam struct {
	name     string
	tracer   trace.Tracer
	duration metric.Float64Histogram
	expected []error
	off      bool
}

// Option changes a Seam.
type Option func(*Seam)

// Expect names the errors that are answers and no failures, like not found: their calls are no errors in metric and span.
func Expect(errs ...error) Option {
	return func(s *Seam) { s.expected = append(s.expected, errs...) }
}

// New measures the seam with the name, which is one lower-case word like store. Nil providers measure nothing.
func New(name string, tp trace.TracerProvider, mp metric.MeterProvider, opts ...Option) *Seam {
	s := &Seam{name: name, off: tp == nil && mp == nil}
	if tp == nil {
		tp = tracenoop.NewTracerProvider()
	}
	if mp == nil {
		mp = metricnoop.NewMeterProvider()
	}
	s.tracer = tp.Tracer(scope)
	var err error
	s.duration, err = mp.Meter(scope).Float64Histogram("starling.call.duration",
		metric.WithUnit("s"), metric.WithDescription("How long calls of a seam's methods took."),
		metric.WithExplicitBucketBoundaries(.00001, .0001, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10))
	if err != nil { // a name that is no name, which a test would have seen; the instrument is usable all the same
		s.duration = metricnoop.Float64Histogram{}
	}
	for _, opt := range opts {
		opt(s)
	}
	return s
}

// Method measures one method. Make it once, not per call.
func (s *Seam) Method(name string) *Method {
	m := &Method{seam: s, span: s.name + "." + name}
	who := []attribute.KeyValue{attribute.String("seam", s.name), attribute.String("method", name)}
	m.spanAttrs = []trace.SpanStartOption{trace.WithAttributes(who...)}
	for outcome, label := range [...]string{ok: OK, expected: Expected, canceled: Canceled, failed: Failed} {
		set := attribute.NewSet(append([]attribute.KeyValue{attribute.String("outcome", label)}, who...)...)
		m.record[outcome] = []metric.RecordOption{metric.WithAttributeSet(set)}
	}
	return m
}

type outcome int

const (
	ok outcome = iota
	expected
	canceled
	failed
	outcomes
)

// Method is one method of a seam.
type Method struct {
	seam      *Seam
	span      string
	spanAttrs []trace.SpanStartOption
	record    [outcomes][]metric.RecordOption
}

// Call is one call of a method. End it once.
type Call struct {
	method *Method    // nil: nothing is measured
	span   trace.Span // nil: the trace is not recorded
	start  time.Time
}

// Start begins a call. The context it answers is for the call: it carries the span, where there is one.
func (m *Method) Start(ctx context.Context) (context.Context, Call) {
	if m.seam.off {
		return ctx, Call{}
	}
	c := Call{method: m, start: time.Now()}
	// A trace that nobody records needs no spans; where there is no trace yet, the sampler decides.
	if parent := trace.SpanContextFromContext(ctx); !parent.IsValid() || parent.IsSampled() {
		ctx, c.span = m.seam.tracer.Start(ctx, m.span, m.spanAttrs...)
	}
	return ctx, c
}

// End ends the call with its error. ctx is the one that Start answered: the metric's exemplar names the span in it.
func (c Call) End(ctx context.Context, err error) {
	if c.method == nil {
		return
	}
	how := c.method.seam.judge(err)
	c.method.seam.duration.Record(ctx, time.Since(c.start).Seconds(), c.method.record[how]...)
	if c.span == nil {
		return
	}
	if how == failed {
		c.span.SetStatus(codes.Error, err.Error())
	}
	c.span.End()
}

// Span is the span of the call, for attributes of its own; one that does nothing where there is none.
func (c Call) Span() trace.Span {
	if c.span == nil {
		return tracenoop.Span{}
	}
	return c.span
}

func (s *Seam) judge(err error) outcome {
	if err == nil {
		return ok
	}
	if errors.Is(err, context.Canceled) {
		return canceled
	}
	for _, e := range s.expected {
		if errors.Is(err, e) {
			return expected
		}
	}
	return failed
}
