package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/propagation"
)

// Inject is the trace context of ctx (W3C traceparent and tracestate) as headers for a message; nil when there is none.
func Inject(ctx context.Context) map[string]string {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	if len(carrier) == 0 {
		return nil
	}
	return carrier
}

// InjectInto adds the trace context of ctx to the headers of a message.
func InjectInto(ctx context.Context, headers map[string]string) {
	propagation.TraceContext{}.Inject(ctx, propagation.MapCarrier(headers))
}

// Extract is ctx with the trace context that a message carries; ctx itself when it carries none or a broken one.
func Extract(ctx context.Context, headers map[string]string) context.Context {
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier(headers))
}

// Propagator is the W3C trace context propagator, for libraries that ask for one.
func Propagator() propagation.TextMapPropagator { return propagation.TraceContext{} }
