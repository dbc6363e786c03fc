package storecassandra

import (
	"log/slog"
	"slices"
	"strings"
	"testing"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// TestSpans: every request of a call is a span under the call's, and requests
// outside a trace are none.
func TestSpans(t *testing.T) {
	open(t) // the tables
	recorder := tracetest.NewSpanRecorder()
	traces := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	c := testConfig(t)
	c.Traces = traces
	s, err := Open(t.Context(), c)
	must(t, err)
	defer func() { must(t, s.Close()) }()
	_, err = s.Tweets(t.Context(), []social.TweetID{1})
	must(t, err)

	ctx, parent := traces.Tracer("test").Start(t.Context(), "call")
	_, err = s.Tweets(ctx, []social.TweetID{1, 2})
	must(t, err)
	owner := testID()
	m := store.Member{User: 5, Last: social.Last{Event: owner, State: social.On}}
	must(t, s.PutMember(ctx, store.Fence{}, store.Likers, owner, m, store.Count{N: 1, Stamp: store.Stamp{Epoch: 1, Seq: 1}}))
	parent.End()

	var got []string
	for _, span := range recorder.Ended() {
		if span.Parent().SpanID() == parent.SpanContext().SpanID() {
			got = append(got, span.Name())
		} else if span.Name() != "call" {
			t.Errorf("span %s outside the call", span.Name())
		}
	}
	slices.Sort(got)
	if want := []string{"BATCH", "SELECT", "SELECT"}; !slices.Equal(got, want) {
		t.Errorf("spans %v, want %v", got, want)
	}
}

func TestDriverLog(t *testing.T) {
	var text strings.Builder
	l := driverLog{slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	l.Error("cannot connect\n", gocql.NewLogFieldString("host", "db1"))
	l.Info("connected")
	l.Debug("chatter")
	for _, want := range []string{`level=WARN msg="cassandra driver" message="cannot connect" host=db1`, "level=DEBUG", "message=connected"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("log %q lacks %q", text.String(), want)
		}
	}
	if strings.Contains(text.String(), "chatter") {
		t.Errorf("log %q has the driver's chatter", text.String())
	}
}
