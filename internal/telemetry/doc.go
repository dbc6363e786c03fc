// Package telemetry sets OpenTelemetry up: traces that leave by OTLP over HTTP, metrics for Prometheus, log records that
// name their trace, and trace context in messages.
//
// It promises:
//
//  1. Nothing global is set or read: providers are handed to whoever wants them, two in one process do not meet, and nil is
//     a Telemetry that does nothing.
//  2. Without an endpoint nothing leaves and no goroutine runs, but every request still has a trace id, for logs and errors.
//  3. A collector that is away costs spans, never requests: the queue is bounded, and failures are logged.
//  4. The standard OTEL_* variables work: [FromEnv] reads whether and where to, the SDK the rest (headers, timeouts,
//     sampler, resource attributes).
//
// internal/app makes one and hands out its providers; queue adapters and workers use [Inject] and [Extract]; seams measure
// their methods with package measure, which imports only the OpenTelemetry API. Tests read what was sent with package
// telemetrytest, a receiver in the process.
//
// Metrics and logs are not sent by OTLP: metrics are scraped, logs are written to standard error.
package telemetry
