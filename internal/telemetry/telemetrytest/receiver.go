// Package telemetrytest receives traces in the process, as a collector would, for tests that read a request as one story.
package telemetrytest

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Span is one span as it arrived.
type Span struct {
	Trace, ID, Parent string // hex; Parent is empty for a root
	Name, Service     string
	Kind              string // server, client, producer, consumer or internal
	Start, End        time.Time
	Failed            bool
	Attributes        map[string]string
	Links             []string // ids of spans
}

// Receiver is an OTLP/HTTP collector.
type Receiver struct {
	URL string // for telemetry.Config.Endpoint and OTEL_EXPORTER_OTLP_ENDPOINT

	mu    sync.Mutex
	spans []Span // guarded by mu
	next  string // guarded by mu; URL of another receiver, or empty
}

// NewReceiver starts a receiver that ends with the test.
func NewReceiver(t testing.TB) *Receiver {
	t.Helper()
	r := &Receiver{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if err := r.receive(req); err != nil {
			t.Errorf("telemetrytest: %v", err)
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/x-protobuf") // an empty body is an empty answer
	}))
	t.Cleanup(server.Close)
	r.URL = server.URL
	return r
}

// PassOn sends what arrives from now on to another OTLP/HTTP receiver as well.
func (r *Receiver) PassOn(url string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next = url
}

// Spans is what arrived, by start. Flush the sender first.
func (r *Receiver) Spans() []Span {
	r.mu.Lock()
	defer r.mu.Unlock()
	spans := slices.Clone(r.spans)
	slices.SortStableFunc(spans, func(a, b Span) int { return a.Start.Compare(b.Start) })
	return spans
}

// Story is the spans of one trace as an indented tree of names, children by start; spans whose parent did not arrive are
// roots.
func (r *Receiver) Story(trace string) string {
	children, here := map[string][]Span{}, map[string]bool{}
	for _, s := range r.Spans() {
		if s.Trace == trace {
			here[s.ID] = true
		}
	}
	for _, s := range r.Spans() {
		if s.Trace != trace {
			continue
		}
		if !here[s.Parent] {
			s.Parent = ""
		}
		children[s.Parent] = append(children[s.Parent], s)
	}
	var b strings.Builder
	var tell func(parent string, depth int)
	tell = func(parent string, depth int) {
		for _, s := range children[parent] {
			fmt.Fprintf(&b, "%s%s\n", strings.Repeat("  ", depth), s.Name)
			tell(s.ID, depth+1)
		}
	}
	tell("", 0)
	return b.String()
}

func (r *Receiver) receive(req *http.Request) error {
	if req.URL.Path != "/v1/traces" {
		return fmt.Errorf("traces were sent to %s", req.URL.Path)
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return fmt.Errorf("read traces: %w", err)
	}
	var batch collector.ExportTraceServiceRequest
	if err := proto.Unmarshal(body, &batch); err != nil {
		return fmt.Errorf("decode traces: %w", err)
	}
	if err := r.passOn(req.Context(), body); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, from := range batch.GetResourceSpans() {
		service := attributes(from.GetResource().GetAttributes())["service.name"]
		for _, scope := range from.GetScopeSpans() {
			for _, s := range scope.GetSpans() {
				r.spans = append(r.spans, read(s, service))
			}
		}
	}
	return nil
}

func (r *Receiver) passOn(ctx context.Context, body []byte) error {
	r.mu.Lock()
	next := r.next
	r.mu.Unlock()
	if next == "" {
		return nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, next+"/v1/traces", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("pass traces on: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("pass traces on: %s", resp.Status)
	}
	return nil
}

func read(s *tracepb.Span, service string) Span {
	span := Span{
		Trace: hex.EncodeToString(s.GetTraceId()), ID: hex.EncodeToString(s.GetSpanId()), Parent: hex.EncodeToString(s.GetParentSpanId()),
		Name: s.GetName(), Service: service,
		Kind:       strings.ToLower(strings.TrimPrefix(s.GetKind().String(), "SPAN_KIND_")),
		Start:      time.Unix(0, int64(s.GetStartTimeUnixNano())),
		End:        time.Unix(0, int64(s.GetEndTimeUnixNano())),
		Failed:     s.GetStatus().GetCode() == tracepb.Status_STATUS_CODE_ERROR,
		Attributes: attributes(s.GetAttributes()),
	}
	for _, l := range s.GetLinks() {
		span.Links = append(span.Links, hex.EncodeToString(l.GetSpanId()))
	}
	return span
}

// attributes is a list of attributes with each value as text.
func attributes(list []*common.KeyValue) map[string]string {
	m := map[string]string{}
	for _, kv := range list {
		switch v := kv.GetValue().GetValue().(type) {
		case *common.AnyValue_StringValue:
			m[kv.GetKey()] = v.StringValue
		case *common.AnyValue_IntValue:
			m[kv.GetKey()] = fmt.Sprint(v.IntValue)
		case *common.AnyValue_BoolValue:
			m[kv.GetKey()] = fmt.Sprint(v.BoolValue)
		case *common.AnyValue_DoubleValue:
			m[kv.GetKey()] = fmt.Sprint(v.DoubleValue)
		default:
			m[kv.GetKey()] = kv.GetValue().String()
		}
	}
	return m
}
