package fetch

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// metrics are rate, errors and duration of calls by subgraph.
type metrics struct {
	duration metric.Float64Histogram
}

func newMetrics(m metric.Meter) (*metrics, error) {
	if m == nil {
		return nil, nil
	}
	h, err := m.Float64Histogram("starling.router.fetch.duration", metric.WithUnit("s"), metric.WithDescription("Duration of calls to subgraphs."))
	if err != nil {
		return nil, fmt.Errorf("fetch: metrics: %w", err)
	}
	return &metrics{duration: h}, nil
}

// record takes a call of a subgraph.
func (m *metrics) record(ctx context.Context, s *subgraph, d time.Duration, err error) {
	if m == nil {
		return
	}
	labels := s.answered
	if err != nil {
		labels = s.failed
	}
	m.duration.Record(ctx, d.Seconds(), labels...)
}

// series are the labels of calls of a subgraph, made once for all its calls.
func series(subgraph string, failed bool) []metric.RecordOption {
	return []metric.RecordOption{metric.WithAttributeSet(attribute.NewSet(attribute.String("subgraph", subgraph), attribute.Bool("error", failed)))}
}
