package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	"github.com/starlinghq/starling/internal/telemetry"
	"github.com/starlinghq/starling/internal/telemetry/telemetrytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T, cfg telemetry.Config) *telemetry.Telemetry {
	t.Helper()
	tel, err := telemetry.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := tel.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	})
	return tel
}

// One request, a message and its worker, in two processes, read as one story.
func TestATraceReadsAsOneStory(t *testing.T) {
	receiver := telemetrytest.NewReceiver(t)
	api := start(t, telemetry.Config{Service: "api", Endpoint: receiver.URL})
	worker := start(t, telemetry.Config{Service: "worker", Endpoint: receiver.URL + "/"})

	ctx, request := api.Tracer("test").Start(t.Context(), "request", trace.WithSpanKind(trace.SpanKindServer))
	id := request.SpanContext().TraceID().String()
	publish := api.Seam("queue").Method("Publish")
	inner, call := publish.Start(ctx)
	headers := telemetry.Inject(inner)
	call.End(inner, nil)
	request.End()

	apply := worker.Seam("store").Method("Apply")
	inner, call = apply.Start(telemetry.Extract(t.Context(), headers))
	call.End(inner, errors.New("away"))
	for _, tel := range []*telemetry.Telemetry{api, worker} {
		if err := tel.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}

	if got, want := receiver.Story(id), "request\n  queue.Publish\n    store.Apply\n"; got != want {
		t.Errorf("story:\n%swant:\n%s", got, want)
	}
	spans := receiver.Spans()
	if len(spans) != 3 {
		t.Fatalf("%d spans, want 3", len(spans))
	}
	last := spans[2]
	if !last.Failed || last.Service != "worker" || spans[0].Kind != "server" || last.End.Before(last.Start) {
		t.Errorf("spans: %+v", spans)
	}
	if diff := cmp.Diff(map[string]string{"seam": "store", "method": "Apply"}, last.Attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestWithoutAnEndpointThereAreIdsAndNoSpans(t *testing.T) {
	tel := start(t, telemetry.Config{})
	ctx, span := tel.Tracer("test").Start(t.Context(), "request")
	if !span.SpanContext().TraceID().IsValid() || span.IsRecording() {
		t.Errorf("trace %s, recording %t", span.SpanContext().TraceID(), span.IsRecording())
	}
	headers := telemetry.Inject(ctx)
	if !strings.Contains(headers["traceparent"], span.SpanContext().TraceID().String()) {
		t.Errorf("headers %v", headers)
	}
}

func TestACollectorThatIsAway(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	var log bytes.Buffer
	tel := start(t, telemetry.Config{Endpoint: gone.URL, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	for range 3 {
		_, span := tel.Tracer("test").Start(t.Context(), "request")
		span.End()
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		_ = tel.Flush(ctx) // what it answers is for the SDK to say; the spans are gone
		cancel()
	}
	if n := strings.Count(log.String(), "cannot send traces"); n != 1 {
		t.Errorf("logged %d times, want once:\n%s", n, log.String())
	}
}

func TestMetrics(t *testing.T) {
	tel, other := start(t, telemetry.Config{Version: "v1"}), start(t, telemetry.Config{})
	counter, err := tel.Meter("test").Int64Counter("starling.tweets.posted", metric.WithDescription("Tweets."))
	if err != nil {
		t.Fatal(err)
	}
	counter.Add(t.Context(), 3)
	ctx, call := tel.Seam("store").Method("Get").Start(t.Context())
	call.End(ctx, nil)

	page := scrape(t, tel)
	for _, want := range []string{
		"starling_tweets_posted_total 3",
		`starling_call_duration_seconds_count{method="Get",outcome="ok",seam="store"} 1`,
		"starling_invariants_broken_total 0",
		`service_name="starling",service_version="v1"`,
		"go_goroutines ",
		"process_resident_memory_bytes ",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
	if page := scrape(t, other); strings.Contains(page, "tweets_posted") || !strings.Contains(page, "go_goroutines") {
		t.Error("the metrics of one process are on the page of another")
	}
	if t.Failed() {
		for line := range strings.Lines(page) {
			if !strings.HasPrefix(line, "go_") && !strings.HasPrefix(line, "#") {
				t.Log(line)
			}
		}
	}
}

func scrape(t *testing.T, tel *telemetry.Telemetry) string {
	t.Helper()
	w := httptest.NewRecorder()
	tel.MetricsHandler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	body, err := io.ReadAll(w.Result().Body)
	if err != nil || w.Code != http.StatusOK {
		t.Fatalf("/metrics: %d, %v", w.Code, err)
	}
	return string(body)
}

func TestNilDoesNothing(t *testing.T) {
	var tel *telemetry.Telemetry
	_, span := tel.Tracer("test").Start(t.Context(), "request")
	span.End()
	ctx, call := tel.Seam("store").Method("Get").Start(t.Context())
	call.End(ctx, nil)
	if _, err := tel.Meter("test").Int64Counter("x"); err != nil {
		t.Error(err)
	}
	if err := errors.Join(tel.Flush(ctx), tel.Shutdown(ctx)); err != nil {
		t.Error(err)
	}
	w := httptest.NewRecorder()
	tel.MetricsHandler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusNotFound {
		t.Errorf("/metrics: %d", w.Code)
	}
}

func TestPropagation(t *testing.T) {
	if h := telemetry.Inject(t.Context()); h != nil {
		t.Errorf("no trace, but headers %v", h)
	}
	for _, broken := range []map[string]string{nil, {}, {"traceparent": "00-zz"}, {"traceparent": "00-00000000000000000000000000000000-0000000000000000-01"}} {
		ctx := telemetry.Extract(t.Context(), broken)
		if trace.SpanContextFromContext(ctx).IsValid() {
			t.Errorf("%v is taken for a trace", broken)
		}
	}
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	ctx := telemetry.Extract(t.Context(), map[string]string{"traceparent": parent, "other": "x"})
	headers := map[string]string{"other": "y"}
	telemetry.InjectInto(ctx, headers)
	if diff := cmp.Diff(map[string]string{"traceparent": parent, "other": "y"}, headers); diff != "" {
		t.Errorf("there and back (-want +got):\n%s", diff)
	}
}

func TestFromEnv(t *testing.T) {
	for name, c := range map[string]struct {
		env  map[string]string
		cfg  telemetry.Config
		want telemetry.Config
	}{
		"nothing":     {nil, telemetry.Config{}, telemetry.Config{}},
		"configured":  {nil, telemetry.Config{Endpoint: "http://a"}, telemetry.Config{Endpoint: "http://a"}},
		"endpoint":    {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://b"}, telemetry.Config{}, telemetry.Config{Export: true}},
		"traces only": {map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://b"}, telemetry.Config{}, telemetry.Config{Export: true}},
		"exporter":    {map[string]string{"OTEL_TRACES_EXPORTER": "otlp"}, telemetry.Config{}, telemetry.Config{Export: true}},
		"off":         {map[string]string{"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://b"}, telemetry.Config{Endpoint: "http://a"}, telemetry.Config{}},
		"none":        {map[string]string{"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://b"}, telemetry.Config{}, telemetry.Config{}},
	} {
		got := telemetry.FromEnv(c.cfg, func(key string) string { return c.env[key] })
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestTheStandardVariablesAreEnough(t *testing.T) {
	receiver := telemetrytest.NewReceiver(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.URL)
	t.Setenv("OTEL_SERVICE_NAME", "renamed")
	tel := start(t, telemetry.Config{Service: "api", Export: true})
	_, span := tel.Tracer("test").Start(t.Context(), "request")
	span.End()
	if err := tel.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if spans := receiver.Spans(); len(spans) != 1 || spans[0].Service != "renamed" {
		t.Errorf("spans: %+v", spans)
	}
}

func TestLogsNameTheirTrace(t *testing.T) {
	tel := start(t, telemetry.Config{})
	ctx, span := tel.Tracer("test").Start(t.Context(), "request")
	ids := map[string]any{"trace_id": span.SpanContext().TraceID().String(), "span_id": span.SpanContext().SpanID().String()}
	with := func(m map[string]any) map[string]any {
		for k, v := range ids {
			m[k] = v
		}
		return m
	}
	var out bytes.Buffer
	log := slog.New(telemetry.NewLogHandler(slog.NewJSONHandler(&out, &slog.HandlerOptions{
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey) {
				return slog.Attr{}
			}
			return a
		},
	})))
	type m = map[string]any
	for name, c := range map[string]struct {
		log  func()
		want m
	}{
		"no trace": {func() { log.Info("x", "a", "b") }, m{"a": "b"}},
		"plain":    {func() { log.InfoContext(ctx, "x", "a", "b") }, with(m{"a": "b"})},
		"attrs":    {func() { log.With("c", "d").InfoContext(ctx, "x", "a", "b") }, with(m{"a": "b", "c": "d"})},
		"group":    {func() { log.WithGroup("g").InfoContext(ctx, "x", "a", "b") }, with(m{"g": m{"a": "b"}})},
		"both": {
			func() {
				log.With("c", "d").WithGroup("g").With("e", "f").WithGroup("h").InfoContext(ctx, "x", "a", "b")
			},
			with(m{"c": "d", "g": m{"e": "f", "h": m{"a": "b"}}}),
		},
		"group, no trace": {func() { log.WithGroup("g").With("e", "f").Info("x") }, m{"g": m{"e": "f"}}},
		"no group":        {func() { log.WithGroup("").InfoContext(ctx, "x", "a", "b") }, with(m{"a": "b"})},
	} {
		out.Reset()
		c.log()
		var got m
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Errorf("%s: %v in %s", name, err, out.String())
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if log := slog.New(telemetry.NewLogHandler(slog.NewTextHandler(&out, nil))); log.Enabled(ctx, slog.LevelDebug) {
		t.Error("debug is enabled though the handler below says no")
	}
}
