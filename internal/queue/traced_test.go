package queue_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/social"
)

// scripted answers what the test wants to see measured; its other methods must
// not be called.
type scripted struct {
	queue.Queue
	sent []queue.Message
}

func (s *scripted) Publish(_ context.Context, ms ...queue.Message) error {
	s.sent = ms
	return nil
}

func (s *scripted) Relay(_ context.Context, ms ...queue.Message) error {
	s.sent = ms
	return errors.New("away")
}

func (s *scripted) Admit(context.Context, social.Family) error { return queue.ErrOverloaded }

func (s *scripted) Subscribe(context.Context, queue.Name, int) (queue.Subscription, error) {
	return waiting{}, nil
}

type waiting struct{ queue.Subscription }

func (waiting) Next(context.Context) (queue.Delivery, error) {
	return queue.Delivery{}, queue.ErrClosed
}

func (waiting) AckThrough(context.Context, queue.Delivery) error { return nil }

// play makes each call once: first outside any trace, then in one.
func play(t *testing.T, d *queue.Traced, ctx context.Context) {
	t.Helper()
	if err := d.Publish(ctx, queue.Message{Family: social.FamilyTweets}); err != nil {
		t.Error(err)
	}
	if err := d.Relay(ctx, queue.Message{Family: social.FamilyFeed}); err == nil {
		t.Error("relay did not fail")
	}
	if err := d.Admit(ctx, social.FamilyTweets); !errors.Is(err, queue.ErrOverloaded) {
		t.Error(err)
	}
	sub, err := d.Subscribe(ctx, queue.Name{Family: social.FamilyTweets}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sub.Next(ctx); !errors.Is(err, queue.ErrClosed) {
		t.Error(err)
	}
	if err := sub.AckThrough(ctx, queue.Delivery{}); err != nil {
		t.Error(err)
	}
}

func TestTracedMeasures(t *testing.T) {
	spans, reader := tracetest.NewSpanRecorder(), sdkmetric.NewManualReader()
	tp := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	d := queue.NewTraced(&scripted{}, tp, sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)))
	play(t, d, t.Context())
	ctx, root := tp.Tracer("test").Start(t.Context(), "test")
	play(t, d, ctx)
	root.End()

	got := map[bool][]string{} // by whether they belong to the test's trace
	for _, span := range spans.Ended() {
		name := span.Name()
		if span.Status().Code == codes.Error {
			name += " failed"
		}
		ours := span.SpanContext().TraceID() == root.SpanContext().TraceID()
		got[ours] = append(got[ours], name)
	}
	want := map[bool][]string{
		false: {"queue.Publish"},
		true:  {"queue.Publish", "queue.Relay failed", "queue.Admit", "queue.Subscribe", "queue.AckThrough", "test"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("spans (-want +got):\n%s", diff)
	}

	var rm metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &rm); err != nil {
		t.Fatal(err)
	}
	calls := map[string]uint64{}
	for _, point := range rm.ScopeMetrics[0].Metrics[0].Data.(metricdata.Histogram[float64]).DataPoints {
		method, _ := point.Attributes.Value("method")
		outcome, _ := point.Attributes.Value("outcome")
		calls[method.AsString()+" "+outcome.AsString()] += point.Count
	}
	if diff := cmp.Diff(map[string]uint64{
		"Publish ok": 2, "Relay error": 2, "Admit expected": 2, "Subscribe ok": 2, "Next expected": 2, "AckThrough ok": 2,
	}, calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// The worker that extracts the headers goes on with the trace of the publisher,
// also where nothing is measured; the publisher's own maps are left alone.
func TestTracedMessagesCarryTheTrace(t *testing.T) {
	tp := sdktrace.NewTracerProvider()
	ctx, root := tp.Tracer("test").Start(t.Context(), "test")
	defer root.End()
	for name, d := range map[string]func(queue.Queue) *queue.Traced{
		"measured":     func(q queue.Queue) *queue.Traced { return queue.NewTraced(q, tp, nil) },
		"not measured": func(q queue.Queue) *queue.Traced { return queue.NewTraced(q, nil, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			next := &scripted{}
			headers := map[string]string{"other": "1"}
			if err := d(next).Publish(ctx, queue.Message{}, queue.Message{Headers: headers}); err != nil {
				t.Fatal(err)
			}
			for _, m := range next.sent {
				at := propagation.TraceContext{}.Extract(t.Context(), propagation.MapCarrier(m.Headers))
				if got := trace.SpanContextFromContext(at).TraceID(); got != root.SpanContext().TraceID() {
					t.Errorf("trace %s, want %s", got, root.SpanContext().TraceID())
				}
			}
			if len(headers) != 1 || next.sent[1].Headers["other"] != "1" {
				t.Errorf("the caller's headers became %v, the message's %v", headers, next.sent[1].Headers)
			}
			if err := d(next).Publish(t.Context(), queue.Message{}); err != nil {
				t.Fatal(err)
			}
			if name == "not measured" && next.sent[0].Headers != nil {
				t.Errorf("without a trace the headers are %v", next.sent[0].Headers)
			}
		})
	}
}
