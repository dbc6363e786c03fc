package router

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

// TestTelemetry: one trace from the client over the router to each subgraph,
// one line in the log and the metrics of requests and calls, all under labels
// that a client cannot spoil.
func TestTelemetry(t *testing.T) {
	const incoming = "0af7651916cd43dd8448eb211c80319c"
	spans := tracetest.NewSpanRecorder()
	reader := sdkmetric.NewManualReader()
	var log bytes.Buffer
	f := homeFakes(t)
	f.on("engagement", "")
	r := start(t, Config{
		Source: Static(socialSDL), Transport: f.transport,
		Logger:         slog.New(traceHandler{slog.NewTextHandler(&log, nil)}),
		TracerProvider: sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)),
		MeterProvider:  sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)),
	})
	got := post(t, r, homeQuery, `{"n":20}`,
		"traceparent", "00-"+incoming+"-b7ad6b7169203331-01", "Starling-Client-Name", "web\xff\xfe", "Starling-Client-Version", "7")
	if len(got.Errors) == 0 || got.Errors[0].Extensions["traceId"] != incoming {
		t.Errorf("errors %+v, want the trace id of the request", got.Errors)
	}

	names := map[string]int{}
	for _, s := range spans.Ended() {
		names[s.Name()]++
		if s.SpanContext().TraceID().String() != incoming {
			t.Errorf("the span %s is of another trace", s.Name())
		}
	}
	for _, want := range []string{"graphql query Home", "plan", "fetch feed", "fetch tweets", "fetch engagement", "fetch users"} {
		if names[want] == 0 {
			t.Errorf("no span %q in %v", want, names)
		}
	}
	for _, c := range f.to("users") {
		if tp := c.Header.Get("Traceparent"); len(tp) < 36 || tp[3:35] != incoming || tp[36:52] == "b7ad6b7169203331" {
			t.Errorf("users got traceparent %q, want the trace under a span of the router", tp)
		}
	}

	if n := bytes.Count(log.Bytes(), []byte("trace="+incoming)); n != 2 {
		t.Errorf("log %s: %d lines of the trace, want the failed call and the request", log.Bytes(), n)
	}
	for _, want := range []string{"msg=request", "operation=Home", "kind=query", "client=web", "client_version=7", "took=", "fetches=4", "code=" + CodeDownstream} {
		if !bytes.Contains(log.Bytes(), []byte(want)) {
			t.Errorf("log %s: no %s", log.Bytes(), want)
		}
	}

	var rm metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &rm); err != nil {
		t.Fatal(err)
	}
	var seen []string
	for _, sm := range rm.ScopeMetrics {
		for _, m := range sm.Metrics {
			seen = append(seen, m.Name)
			h, ok := m.Data.(metricdata.Histogram[float64])
			if !ok {
				continue
			}
			for _, p := range h.DataPoints {
				for _, kv := range p.Attributes.ToSlice() {
					if !utf8.ValidString(kv.Value.String()) {
						t.Errorf("%s: label %s is not UTF-8: %q", m.Name, kv.Key, kv.Value.String())
					}
				}
			}
		}
	}
	for _, want := range []string{"starling.router.request.duration", "starling.router.errors", "starling.router.fetch.duration"} {
		if !slices.Contains(seen, want) {
			t.Errorf("no metric %s in %v", want, seen)
		}
	}
}

// TestSeriesAreBounded: clients choose names, and cannot make series without
// end of them.
func TestSeriesAreBounded(t *testing.T) {
	reader := sdkmetric.NewManualReader()
	r := startQuiet(t, Config{
		Source: Static(socialSDL), Transport: newFakes(t).transport,
		MeterProvider: sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithCardinalityLimit(0)),
	})
	seen := func() (series, operations, clients, versions map[string]bool) {
		var rm metricdata.ResourceMetrics
		if err := reader.Collect(t.Context(), &rm); err != nil {
			t.Fatal(err)
		}
		series, operations, clients, versions = map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
		for _, sm := range rm.ScopeMetrics {
			for _, m := range sm.Metrics {
				h, ok := m.Data.(metricdata.Histogram[float64])
				if !ok || m.Name != "starling.router.request.duration" {
					continue
				}
				for _, p := range h.DataPoints {
					value := func(key string) string {
						v, _ := p.Attributes.Value(attribute.Key(key))
						return v.AsString()
					}
					operations[value("operation")], clients[value("client")], versions[value("client_version")] = true, true, true
					series[p.Attributes.Encoded(attribute.DefaultEncoder())] = true
				}
			}
		}
		return series, operations, clients, versions
	}
	for n := range maxNames + 50 {
		post(t, r, fmt.Sprintf("query Q%d { __typename }", n), "", "Starling-Client-Name", fmt.Sprintf("c%d", n), "Starling-Client-Version", fmt.Sprintf("v%d", n))
	}
	_, operations, clients, versions := seen()
	for what, names := range map[string]map[string]bool{"operations": operations, "clients": clients, "versions": versions} {
		if len(names) != maxNames+1 || !names[otherName] {
			t.Errorf("%d %s, want %d and one for all others", len(names), what, maxNames)
		}
	}
	for n := range maxSeries + 100 {
		post(t, r, "query Q1 { __typename }", "", "Starling-Client-Name", fmt.Sprintf("c%d", n%60), "Starling-Client-Version", fmt.Sprintf("v%d", n/60))
	}
	if series, _, _, _ := seen(); len(series) > maxSeries+1 {
		t.Errorf("%d series, want at most %d and one", len(series), maxSeries)
	}
}

// traceHandler writes the trace of the context, as a server's handler does.
type traceHandler struct{ slog.Handler }

func (h traceHandler) Handle(ctx context.Context, r slog.Record) error {
	r.AddAttrs(slog.String("trace", trace.SpanContextFromContext(ctx).TraceID().String()))
	return h.Handler.Handle(ctx, r)
}

// TestTraceIDWithoutTracing: the id that a client reads finds the lines of its
// request, and decides nothing for the subgraphs.
func TestTraceIDWithoutTracing(t *testing.T) {
	var log bytes.Buffer
	f := homeFakes(t)
	f.on("engagement", "")
	r := start(t, Config{Source: Static(socialSDL), Transport: f.transport, Logger: slog.New(traceHandler{slog.NewTextHandler(&log, nil)})})
	got := post(t, r, homeQuery, `{"n":20}`)
	if len(got.Errors) != 1 {
		t.Fatalf("answer %s, want one error", got.Body)
	}
	id, _ := got.Errors[0].Extensions["traceId"].(string)
	if n := bytes.Count(log.Bytes(), []byte("trace="+id)); len(id) != 32 || n != 2 {
		t.Errorf("%d lines of %q in the log, want 2:\n%s", n, id, log.Bytes())
	}
	for _, c := range f.to("feed") {
		if tp := c.Header.Get("Traceparent"); tp != "" {
			t.Errorf("feed got traceparent %q", tp)
		}
	}
}

// countingProvider counts calls of counters.
type countingProvider struct {
	noop.MeterProvider
	calls, sum *int64
}

func (p countingProvider) Meter(string, ...metric.MeterOption) metric.Meter {
	return countingMeter{calls: p.calls, sum: p.sum}
}

type countingMeter struct {
	noop.Meter
	calls, sum *int64
}

func (m countingMeter) Int64Counter(string, ...metric.Int64CounterOption) (metric.Int64Counter, error) {
	return countingCounter{calls: m.calls, sum: m.sum}, nil
}

type countingCounter struct {
	noop.Int64Counter
	calls, sum *int64
}

func (c countingCounter) Add(_ context.Context, n int64, _ ...metric.AddOption) {
	*c.calls++
	*c.sum += n
}

// TestErrorsAreCountedTogether: an answer with very many errors is counted in
// one go for each code.
func TestErrorsAreCountedTogether(t *testing.T) {
	var calls, sum int64
	f := newFakes(t)
	const n = 1000
	f.on("tweets", `{"data":{"latest":[`+strings.Repeat(`{"text":5},`, n-1)+`{"text":5}]}}`)
	r := startQuiet(t, Config{Source: Static(socialSDL), Transport: f.transport, MeterProvider: countingProvider{calls: &calls, sum: &sum}})
	got := post(t, r, `{ latest(limit: 1) { text } }`, "")
	if len(got.Errors) != n || sum != n || calls != 1 {
		t.Errorf("%d errors were counted as %d in %d calls", len(got.Errors), sum, calls)
	}
}
