package measure_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/codes"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/starlinghq/starling/internal/telemetry/measure"
)

var (
	errNotFound = errors.New("not found")
	errAway     = errors.New("away")
)

type providers struct {
	tp     *sdktrace.TracerProvider
	mp     *sdkmetric.MeterProvider
	spans  *tracetest.SpanRecorder
	reader *sdkmetric.ManualReader
}

func newProviders() providers {
	p := providers{spans: tracetest.NewSpanRecorder(), reader: sdkmetric.NewManualReader()}
	p.tp = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(p.spans))
	p.mp = sdkmetric.NewMeterProvider(sdkmetric.WithReader(p.reader))
	return p
}

// counts is how many calls the histogram holds, by seam, method and outcome.
func (p providers) counts(t *testing.T) map[string]uint64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := p.reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	got := map[string]uint64{}
	for _, s := range all.ScopeMetrics {
		for _, m := range s.Metrics {
			for _, point := range m.Data.(metricdata.Histogram[float64]).DataPoints {
				value := func(key string) string {
					for _, kv := range point.Attributes.ToSlice() {
						if string(kv.Key) == key {
							return kv.Value.AsString()
						}
					}
					return "?"
				}
				got[fmt.Sprintf("%s %s.%s %s", m.Name, value("seam"), value("method"), value("outcome"))] = point.Count
			}
		}
	}
	return got
}

func TestCalls(t *testing.T) {
	p := newProviders()
	get := measure.New("store", p.tp, p.mp, measure.Expect(errNotFound)).Method("Get")
	for _, err := range []error{
		nil, nil, fmt.Errorf("store: get 5: %w", errNotFound), errAway, fmt.Errorf("get: %w", context.Canceled),
	} {
		ctx, call := get.Start(t.Context())
		if !trace.SpanContextFromContext(ctx).IsValid() {
			t.Error("the call's context is in no span")
		}
		call.End(ctx, err)
	}
	want := map[string]uint64{
		"starling.call.duration store.Get ok":       2,
		"starling.call.duration store.Get expected": 1,
		"starling.call.duration store.Get canceled": 1,
		"starling.call.duration store.Get error":    1,
	}
	if diff := cmp.Diff(want, p.counts(t)); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
	var failed []string
	for _, s := range p.spans.Ended() {
		if s.Name() != "store.Get" {
			t.Errorf("span %q", s.Name())
		}
		if s.Status().Code == codes.Error {
			failed = append(failed, s.Status().Description)
		}
	}
	if n := len(p.spans.Ended()); n != 5 {
		t.Errorf("%d spans, want 5", n)
	}
	if diff := cmp.Diff([]string{"away"}, failed); diff != "" {
		t.Errorf("failed spans (-want +got):\n%s", diff)
	}
}

func TestAnUnsampledTraceHasNoSpansButMetrics(t *testing.T) {
	p := newProviders()
	get := measure.New("store", p.tp, p.mp).Method("Get")
	parent := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2},
	}))
	ctx, call := get.Start(parent)
	if ctx != parent {
		t.Error("the context has changed")
	}
	call.Span().AddEvent("does nothing")
	call.End(ctx, nil)
	if n := len(p.spans.Started()); n != 0 {
		t.Errorf("%d spans were started", n)
	}
	if got := p.counts(t)["starling.call.duration store.Get ok"]; got != 1 {
		t.Errorf("counted %d calls, want 1", got)
	}
	allocs := testing.AllocsPerRun(100, func() {
		ctx, call := get.Start(parent)
		call.End(ctx, nil)
	})
	if allocs > 0 {
		t.Errorf("an unsampled call allocates %.0f times", allocs)
	}
}

func TestNilProviders(t *testing.T) {
	p := newProviders()
	for name, seam := range map[string]*measure.Seam{
		"none":       measure.New("store", nil, nil),
		"no metrics": measure.New("store", p.tp, nil),
		"no traces":  measure.New("store", nil, p.mp),
	} {
		ctx, call := seam.Method("Get").Start(t.Context())
		call.Span().AddEvent(name)
		call.End(ctx, errAway)
	}
	if n := len(p.spans.Ended()); n != 1 {
		t.Errorf("%d spans, want 1", n)
	}
	if got := p.counts(t); len(got) != 1 || got["starling.call.duration store.Get error"] != 1 {
		t.Errorf("metrics: %v", got)
	}
}

func BenchmarkCall(b *testing.B) {
	p := newProviders()
	unsampled := trace.ContextWithSpanContext(b.Context(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2},
	}))
	sampled := trace.ContextWithSpanContext(b.Context(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled,
	}))
	silent := sdktrace.NewTracerProvider()
	for name, c := range map[string]struct {
		seam *measure.Seam
		ctx  context.Context
	}{
		"nil":       {measure.New("store", nil, nil), unsampled},
		"unsampled": {measure.New("store", silent, p.mp), unsampled},
		"sampled":   {measure.New("store", silent, p.mp), sampled},
	} {
		b.Run(name, func(b *testing.B) {
			get := c.seam.Method("Get")
			for b.Loop() {
				ctx, call := get.Start(c.ctx)
				call.End(ctx, nil)
			}
		})
	}
}
