package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/starlinghq/starling/internal/invariant"
)

// Config says who we are and where traces go.
type Config struct {
	Service string // service.name; default "starling"
	Version string // service.version
	Node    string // service.instance.id

	// Endpoint is the address of an OTLP/HTTP collector, as in OTEL_EXPORTER_OTLP_ENDPOINT: http://127.0.0.1:4318, to which
	// /v1/traces is appended.
	Endpoint string

	// Export sends traces where the OTEL_* variables say, when Endpoint is empty.
	Export bool

	Logger *slog.Logger // hears of spans that could not be sent; nil is silence
}

// FromEnv is cfg with what the standard variables say about whether traces are exported. getenv is os.Getenv.
func FromEnv(cfg Config, getenv func(string) string) Config {
	if getenv("OTEL_SDK_DISABLED") == "true" || getenv("OTEL_TRACES_EXPORTER") == "none" {
		cfg.Endpoint, cfg.Export = "", false
		return cfg
	}
	if getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != "" || getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" ||
		getenv("OTEL_TRACES_EXPORTER") == "otlp" {
		cfg.Export = true
	}
	return cfg
}

// Telemetry holds the providers of one process. A nil one does nothing.
type Telemetry struct {
	traces   *sdktrace.TracerProvider
	metrics  *sdkmetric.MeterProvider
	registry *prometheus.Registry
	log      *slog.Logger
}

// New makes the providers. With an endpoint it starts the goroutine that sends; Shutdown ends it. It connects to nothing.
func New(cfg Config) (*Telemetry, error) {
	t := &Telemetry{registry: prometheus.NewRegistry(), log: cfg.Logger}
	if t.log == nil {
		t.log = slog.New(slog.DiscardHandler)
	}
	res, err := identity(cfg)
	if err != nil {
		return nil, err
	}
	if err := t.startMetrics(res); err != nil {
		return nil, err
	}
	t.startTraces(cfg, res)
	return t, nil
}

// TracerProvider is never nil.
func (t *Telemetry) TracerProvider() trace.TracerProvider {
	if t == nil {
		return tracenoop.NewTracerProvider()
	}
	return t.traces
}

// MeterProvider is never nil.
func (t *Telemetry) MeterProvider() metric.MeterProvider {
	if t == nil {
		return metricnoop.NewMeterProvider()
	}
	return t.metrics
}

// Tracer is a tracer of the provider; the name is the package that uses it.
func (t *Telemetry) Tracer(name string) trace.Tracer { return t.TracerProvider().Tracer(name) }

// Meter is a meter of the provider; the name is the package that uses it.
func (t *Telemetry) Meter(name string) metric.Meter { return t.MeterProvider().Meter(name) }

// MetricsHandler answers /metrics in Prometheus' text format: ours, the Go runtime's and the process's.
func (t *Telemetry) MetricsHandler() http.Handler {
	if t == nil {
		return http.NotFoundHandler()
	}
	return promhttp.HandlerFor(t.registry, promhttp.HandlerOpts{
		ErrorLog:      errorLog{t.log},
		ErrorHandling: promhttp.ContinueOnError,
	})
}

// Shutdown sends what is left and ends the goroutines, within ctx.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	if t == nil {
		return nil
	}
	if err := errors.Join(t.traces.Shutdown(ctx), t.metrics.Shutdown(ctx)); err != nil {
		return fmt.Errorf("telemetry: shut down: %w", err)
	}
	return nil
}

// Flush sends the spans that wait, within ctx.
func (t *Telemetry) Flush(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.traces.ForceFlush(ctx)
}

func (t *Telemetry) startMetrics(res *resource.Resource) error {
	for _, c := range []prometheus.Collector{
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := t.registry.Register(c); err != nil {
			return fmt.Errorf("telemetry: register runtime metrics: %w", err)
		}
	}
	exporter, err := otelprometheus.New(otelprometheus.WithRegisterer(t.registry), otelprometheus.WithoutScopeInfo())
	if err != nil {
		return fmt.Errorf("telemetry: export to Prometheus: %w", err)
	}
	t.metrics = sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter), sdkmetric.WithResource(res))
	_, err = t.Meter("github.com/starlinghq/starling/internal/telemetry").Int64ObservableCounter(
		"starling.invariants.broken",
		metric.WithDescription("Bugs that an invariant caught."),
		metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(invariant.Count())
			return nil
		}),
	)
	if err != nil {
		return fmt.Errorf("telemetry: count broken invariants: %w", err)
	}
	return nil
}

// identity is the resource: what the configuration says, and over it what OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES
// say. The detectors that look at host and process are left out: they tell a collector more than it needs.
func identity(cfg Config) (*resource.Resource, error) {
	name := cfg.Service
	if name == "" {
		name = "starling"
	}
	attrs := []attribute.KeyValue{attribute.String("service.name", name)}
	if cfg.Version != "" {
		attrs = append(attrs, attribute.String("service.version", cfg.Version))
	}
	if cfg.Node != "" {
		attrs = append(attrs, attribute.String("service.instance.id", cfg.Node))
	}
	res, err := resource.Merge(resource.NewSchemaless(attrs...), resource.Environment())
	if err != nil {
		return nil, fmt.Errorf("telemetry: describe this process: %w", err)
	}
	return res, nil
}

// errorLog is what promhttp logs to.
type errorLog struct{ log *slog.Logger }

func (l errorLog) Println(v ...any) {
	l.log.Error("cannot gather metrics", "error", fmt.Sprint(v...))
}
