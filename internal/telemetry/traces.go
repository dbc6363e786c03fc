package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// startTraces makes the tracer provider. Without an exporter no span is recorded, but ids are still made.
func (t *Telemetry) startTraces(cfg Config, res *resource.Resource) {
	opts := []sdktrace.TracerProviderOption{sdktrace.WithResource(res)}
	if cfg.Endpoint == "" && !cfg.Export {
		t.traces = sdktrace.NewTracerProvider(append(opts, sdktrace.WithSampler(sdktrace.NeverSample()))...)
		return
	}
	var where []otlptracehttp.Option
	if cfg.Endpoint != "" {
		where = append(where, otlptracehttp.WithEndpointURL(strings.TrimSuffix(cfg.Endpoint, "/")+"/v1/traces"))
	}
	out := &exporter{Exporter: otlptracehttp.NewUnstarted(where...), log: t.log}
	// The sampler is left to the SDK: all, and what the caller decided, unless OTEL_TRACES_SAMPLER says otherwise.
	t.traces = sdktrace.NewTracerProvider(append(opts, sdktrace.WithBatcher(out))...)
}

// exporter starts the real one with its first batch, whose context it then has, and logs what the SDK would hand to a global
// error handler.
type exporter struct {
	*otlptrace.Exporter
	log     *slog.Logger
	started bool // calls come one at a time
	failing bool
}

func (e *exporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if !e.started {
		e.started = true
		if err := e.Start(ctx); err != nil {
			return fmt.Errorf("telemetry: start exporter: %w", err)
		}
	}
	err := e.Exporter.ExportSpans(ctx, spans)
	if err != nil && !e.failing {
		e.log.WarnContext(ctx, "cannot send traces, dropping them until it works", "spans", len(spans), "error", err)
	}
	if err == nil && e.failing {
		e.log.InfoContext(ctx, "sending traces again")
	}
	e.failing = err != nil
	return nil
}
