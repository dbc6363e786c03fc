package telemetry

import (
	"context"
	"log/slog"
	"slices"

	"go.opentelemetry.io/otel/trace"
)

const (
	traceKey = "trace_id"
	spanKey  = "span_id"
)

// logHandler adds trace and span of the context to each record, at the top level whatever groups are open.
type logHandler struct {
	next slog.Handler // with all of steps
	root slog.Handler // without those of steps from the first group on
	// steps are the WithGroup and WithAttrs since the first group; with none, next is root.
	steps []func(slog.Handler) slog.Handler
}

// NewLogHandler is next, with trace_id and span_id on every record whose context is in a span.
func NewLogHandler(next slog.Handler) slog.Handler { return logHandler{next: next, root: next} }

// Enabled is slog.Handler.
func (h logHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle is slog.Handler.
func (h logHandler) Handle(ctx context.Context, r slog.Record) error {
	span := trace.SpanContextFromContext(ctx)
	if !span.IsValid() {
		return h.next.Handle(ctx, r)
	}
	ids := []slog.Attr{slog.String(traceKey, span.TraceID().String()), slog.String(spanKey, span.SpanID().String())}
	if len(h.steps) == 0 {
		r = r.Clone()
		r.AddAttrs(ids...)
		return h.next.Handle(ctx, r)
	}
	next := h.root.WithAttrs(ids)
	for _, step := range h.steps {
		next = step(next)
	}
	return next.Handle(ctx, r)
}

// WithAttrs is slog.Handler.
func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(h.steps) == 0 {
		return NewLogHandler(h.next.WithAttrs(attrs))
	}
	return h.with(func(next slog.Handler) slog.Handler { return next.WithAttrs(attrs) })
}

// WithGroup is slog.Handler.
func (h logHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.with(func(next slog.Handler) slog.Handler { return next.WithGroup(name) })
}

func (h logHandler) with(step func(slog.Handler) slog.Handler) slog.Handler {
	return logHandler{next: step(h.next), root: h.root, steps: append(slices.Clip(h.steps), step)}
}
