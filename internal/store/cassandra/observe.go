package storecassandra

import (
	"context"
	"log/slog"
	"strings"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// observer makes a span of every request to a node, inside traces that are
// recorded anyway.
type observer struct{ tracer trace.Tracer }

// ObserveQuery implements gocql.QueryObserver.
func (o observer) ObserveQuery(ctx context.Context, q gocql.ObservedQuery) {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return
	}
	verb, _, _ := strings.Cut(q.Statement, " ")
	_, span := o.tracer.Start(ctx, verb, trace.WithTimestamp(q.Start), trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("db.system.name", "cassandra"),
		attribute.String("db.query.text", q.Statement),
		attribute.Int("db.response.returned_rows", q.Rows),
		attribute.Int("attempt", q.Attempt),
	))
	end(span, q.Err, trace.WithTimestamp(q.End))
}

// ObserveBatch implements gocql.BatchObserver.
func (o observer) ObserveBatch(ctx context.Context, b gocql.ObservedBatch) {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return
	}
	_, span := o.tracer.Start(ctx, "BATCH", trace.WithTimestamp(b.Start), trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("db.system.name", "cassandra"),
		attribute.StringSlice("db.query.text", b.Statements),
		attribute.Int("attempt", b.Attempt),
	))
	end(span, b.Err, trace.WithTimestamp(b.End))
}

func end(span trace.Span, err error, at trace.SpanEventOption) {
	if err != nil {
		span.RecordError(err)
		span.SetStatus(codes.Error, "request failed")
	}
	span.End(at)
}

// driverLog hands what the driver has to say to a slog.Logger. Its errors are
// warnings here: what fails for good is told by the call that fails.
type driverLog struct{ to *slog.Logger }

// Error implements gocql.StructuredLogger.
func (l driverLog) Error(msg string, fields ...gocql.LogField) { l.Warning(msg, fields...) }

// Warning implements gocql.StructuredLogger.
func (l driverLog) Warning(msg string, fields ...gocql.LogField) {
	l.to.Warn("cassandra driver", logged(msg, fields)...)
}

// Info implements gocql.StructuredLogger.
func (l driverLog) Info(msg string, fields ...gocql.LogField) {
	l.to.Debug("cassandra driver", logged(msg, fields)...)
}

// Debug implements gocql.StructuredLogger, and says nothing.
func (l driverLog) Debug(string, ...gocql.LogField) {}

func logged(msg string, fields []gocql.LogField) []any {
	attrs := []any{slog.String("message", strings.TrimSpace(msg))}
	for _, f := range fields {
		attrs = append(attrs, slog.String(f.Name, f.Value.String()))
	}
	return attrs
}
