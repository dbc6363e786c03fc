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

func (m *metrics) record(ctx context.Context, subgraph string, d time.Duration, err error) {
	if m == nil {
		return
	}
	m.duration.Record(ctx, d.Seconds(), metric.WithAttributes(attribute.String("subgraph", subgraph), attribute.Bool("error", err != nil)))
}
