package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// scripted answers what the test wants to see measured; its other methods must
// not be called.
type scripted struct {
	store.Store
	span trace.SpanContext // of the context of the last call
}

var errAway = fmt.Errorf("disk gone: %w", store.ErrUnavailable)

func (s *scripted) Tweets(ctx context.Context, ids []social.TweetID) ([]*social.Tweet, error) {
	s.span = trace.SpanContextFromContext(ctx)
	return make([]*social.Tweet, len(ids)), nil
}

func (s *scripted) Account(context.Context, string) (social.Account, error) {
	return social.Account{}, store.ErrNotFound
}

func (s *scripted) Ping(context.Context) error { return errAway }

func TestTracedMeasures(t *testing.T) {
	spans, reader := tracetest.NewSpanRecorder(), sdkmetric.NewManualReader()
	next := &scripted{}
	d := store.NewTraced(next,
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)),
		sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)))
	for range 2 {
		if got, err := d.Tweets(t.Context(), make([]social.TweetID, 20)); len(got) != 20 || err != nil {
			t.Fatalf("tweets: %d, %v", len(got), err)
		}
	}
	if _, err := d.Account(t.Context(), "ann"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("account: %v", err)
	}
	if err := d.Ping(t.Context()); !errors.Is(err, errAway) {
		t.Errorf("ping: %v", err)
	}

	if diff := cmp.Diff(map[string]int64{"Tweets": 2, "Account": 1, "Ping": 1}, d.Calls()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	var got []string
	for _, s := range spans.Ended() {
		got = append(got, fmt.Sprintf("%s failed=%v keys=%d", s.Name(), s.Status().Code == codes.Error, keysOf(s)))
	}
	want := []string{
		"store.Tweets failed=false keys=20", "store.Tweets failed=false keys=20",
		"store.Account failed=false keys=0", "store.Ping failed=true keys=0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("spans (-want +got):\n%s", diff)
	}
	if last := spans.Ended()[1].SpanContext(); next.span.SpanID() != last.SpanID() {
		t.Error("the store was not called in the span of the call")
	}
	if diff := cmp.Diff(map[string]uint64{"Tweets ok": 2, "Account expected": 1, "Ping error": 1}, histogram(t, reader)); diff != "" {
		t.Errorf("durations (-want +got):\n%s", diff)
	}
}

func keysOf(s sdktrace.ReadOnlySpan) int64 {
	i := slices.IndexFunc(s.Attributes(), func(a attribute.KeyValue) bool { return a.Key == "keys" })
	if i < 0 {
		return 0
	}
	return s.Attributes()[i].Value.AsInt64()
}

// histogram returns how many durations were recorded by method and outcome.
func histogram(t *testing.T, r *sdkmetric.ManualReader) map[string]uint64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := r.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	got := map[string]uint64{}
	for _, s := range all.ScopeMetrics {
		for _, m := range s.Metrics {
			for _, p := range m.Data.(metricdata.Histogram[float64]).DataPoints {
				method, _ := p.Attributes.Value("method")
				outcome, _ := p.Attributes.Value("outcome")
				got[method.AsString()+" "+outcome.AsString()] += p.Count
			}
		}
	}
	return got
}
