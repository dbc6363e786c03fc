package router

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// metrics are rate, errors and duration of requests by operation and client.
type metrics struct {
	duration metric.Float64Histogram
	errors   metric.Int64Counter
	bounds   *bounds
}

func newMetrics(p metric.MeterProvider) (*metrics, error) {
	if p == nil {
		return nil, nil
	}
	m := p.Meter(scope)
	duration, err := m.Float64Histogram("starling.router.request.duration", metric.WithUnit("s"), metric.WithDescription("Duration of GraphQL requests."))
	if err != nil {
		return nil, fmt.Errorf("router: metrics: %w", err)
	}
	failed, err := m.Int64Counter("starling.router.errors", metric.WithDescription("Errors in answers, by code."))
	if err != nil {
		return nil, fmt.Errorf("router: metrics: %w", err)
	}
	return &metrics{duration: duration, errors: failed, bounds: newBounds()}, nil
}

// trace starts the request's span and gives the exchange its trace id.
func (r *Router) trace(ctx context.Context, x *exchange) (context.Context, func()) {
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(x.req.Header))
	if r.cfg.TracerProvider == nil {
		return x.identify(ctx), func() {}
	}
	ctx, span := r.cfg.TracerProvider.Tracer(scope).Start(ctx, "graphql", trace.WithSpanKind(trace.SpanKindServer))
	return x.identify(ctx), func() {
		if x.operation != "" {
			span.SetName("graphql " + x.kind + " " + label(x.operation))
		}
		span.SetAttributes(attribute.String("graphql.operation.name", label(x.operation)), attribute.String("graphql.operation.type", x.kind),
			attribute.Int("http.response.status_code", x.status), attribute.Int("graphql.errors", x.errors.count), attribute.Int("graphql.fetches", x.calls))
		if x.errors.count > 0 {
			span.SetStatus(codes.Error, x.errors.first)
		}
		span.End()
	}
}

// logSpan is the key of the span context for the log where nothing is traced.
type logSpan struct{}

// identify takes the trace's id, or makes a new one so that an error can be
// found in the log without tracing too. The new one goes into no header: it
// would decide for subgraphs what they sample.
func (x *exchange) identify(ctx context.Context) context.Context {
	if sc := trace.SpanContextFromContext(ctx); sc.IsValid() {
		x.traceID = sc.TraceID().String()
		return ctx
	}
	var c trace.SpanContextConfig
	_, _ = rand.Read(c.TraceID[:])
	_, _ = rand.Read(c.SpanID[:])
	x.traceID = c.TraceID.String()
	return context.WithValue(ctx, logSpan{}, trace.NewSpanContext(c))
}

// logHandler shows the next handler the trace id of a request that is not
// traced as if it were.
type logHandler struct{ slog.Handler }

func (h logHandler) Handle(ctx context.Context, rec slog.Record) error {
	if sc, ok := ctx.Value(logSpan{}).(trace.SpanContext); ok && !trace.SpanContextFromContext(ctx).IsValid() {
		ctx = trace.ContextWithSpanContext(ctx, sc)
	}
	return h.Handler.Handle(ctx, rec)
}

func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return logHandler{h.Handler.WithAttrs(attrs)}
}

func (h logHandler) WithGroup(name string) slog.Handler { return logHandler{h.Handler.WithGroup(name)} }

// log writes the access log and the metrics of a request.
func (r *Router) log(ctx context.Context, x *exchange) {
	took := time.Since(x.start)
	client := label(x.req.Header.Get(r.cfg.HTTP.ClientNameHeader))
	version := label(x.req.Header.Get(r.cfg.HTTP.ClientVersionHeader))
	name := label(x.operation)
	if m := r.metrics; m != nil {
		s := m.bounds.bounded(series{name, client, version})
		m.duration.Record(ctx, took.Seconds(), metric.WithAttributes(attribute.String("operation", s.operation), attribute.String("kind", x.kind),
			attribute.String("client", s.client), attribute.String("client_version", s.version), attribute.Bool("error", x.errors.count > 0)))
		for code, n := range x.errors.byCode {
			m.errors.Add(ctx, n, metric.WithAttributes(attribute.String("code", code)))
		}
	}
	level := slog.LevelInfo
	if x.status >= http.StatusInternalServerError && x.status != http.StatusServiceUnavailable { // that one is an answer
		level = slog.LevelError
	}
	if !r.cfg.Logger.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("operation", name), slog.String("kind", x.kind), slog.Int("status", x.status), slog.Duration("took", took),
		slog.Int("fetches", x.calls), slog.Int("errors", x.errors.count), slog.String("client", client), slog.String("client_version", version),
	}
	if x.errors.count > 0 {
		attrs = append(attrs, slog.String("code", x.errors.first))
	}
	r.cfg.Logger.LogAttrs(ctx, level, "request", attrs...)
}

// tally counts the errors of an answer, of which there may be very many.
type tally struct {
	count  int
	first  string // code
	byCode map[string]int64
}

func (t *tally) add(code string) {
	if t.count == 0 {
		t.first, t.byCode = label(code), make(map[string]int64, 1)
	}
	t.count++
	t.byCode[knownCode(code)]++
}

// knownCode keeps what subgraphs invent out of labels.
func knownCode(code string) string {
	if slices.Contains(codesOfRouter, code) {
		return code
	}
	return "OTHER"
}
