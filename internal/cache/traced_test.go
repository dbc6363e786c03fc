package cache_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/codes"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/cache/cachetest"
	cachelocal "github.com/starlinghq/starling/internal/cache/local"
	"github.com/starlinghq/starling/internal/social"
)

func local(t testing.TB) cache.Cache {
	c, err := cachelocal.New(cachelocal.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// TestTracedSuite: a decorated cache keeps every promise.
func TestTracedSuite(t *testing.T) {
	cachetest.Run(t, func(t testing.TB) cachetest.Harness {
		traces := sdktrace.NewTracerProvider()
		h := cachetest.Harness{
			Cache: local(t),
			Lacks: map[string]string{"Advance": "runs bare, beside the adapter", "Away": "it is in this process"},
		}
		return cachetest.Wrap(h, func(c cache.Cache) cache.Cache {
			return cache.NewTraced(c, traces, sdkmetric.NewMeterProvider())
		})
	})
}

// away is a cache that cannot answer.
type away struct{ cache.Cache }

func (away) Begin(context.Context, social.UserID) (cache.BuildToken, error) {
	return 0, cache.ErrUnavailable
}

// TestTracedCounts: every method has its own span and count, an error is seen
// as one.
func TestTracedCounts(t *testing.T) {
	spans, reader := tracetest.NewSpanRecorder(), sdkmetric.NewManualReader()
	c := cache.NewTraced(away{local(t)},
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)), sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)))
	want, calls := map[string]int{}, map[string]int64{}
	typ := reflect.TypeFor[cache.Cache]()
	for i := range typ.NumMethod() {
		m := typ.Method(i)
		call(t, c, m.Name)
		want["cache."+m.Name], calls[m.Name] = 1, 1
	}
	got := map[string]int{}
	for _, span := range spans.Ended() {
		got[span.Name()]++
		if failed := span.Status().Code == codes.Error; failed != (span.Name() == "cache.Begin") {
			t.Errorf("%s failed: %t", span.Name(), failed)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("spans (-want +got):\n%s", d)
	}
	if d := cmp.Diff(calls, c.Calls()); d != "" {
		t.Errorf("calls (-want +got):\n%s", d)
	}
	if d := cmp.Diff(want, counted(t, reader)); d != "" {
		t.Errorf("counts (-want +got):\n%s", d)
	}
}

// call calls a method with zero arguments.
func call(t *testing.T, c cache.Cache, method string) {
	m := reflect.ValueOf(c).MethodByName(method)
	in := []reflect.Value{reflect.ValueOf(t.Context())}
	n := m.Type().NumIn()
	if m.Type().IsVariadic() {
		n--
	}
	for i := 1; i < n; i++ {
		in = append(in, reflect.Zero(m.Type().In(i)))
	}
	out := m.Call(in)
	err, _ := out[len(out)-1].Interface().(error)
	if (err != nil) != (method == "Begin") || err != nil && !errors.Is(err, cache.ErrUnavailable) {
		t.Errorf("%s: %v", method, err)
	}
}

func counted(t *testing.T, reader *sdkmetric.ManualReader) map[string]int {
	var all metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			h, ok := m.Data.(metricdata.Histogram[float64])
			if !ok {
				continue
			}
			for _, p := range h.DataPoints {
				seam, _ := p.Attributes.Value("seam")
				method, _ := p.Attributes.Value("method")
				counts[seam.AsString()+"."+method.AsString()] += int(p.Count)
			}
		}
	}
	return counts
}
