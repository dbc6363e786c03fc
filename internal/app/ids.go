package app

import (
	"context"
	"fmt"
	"log/slog"

	"go.opentelemetry.io/otel/metric"

	"github.com/starlinghq/starling/internal/snowflake"
)

// openIDs takes a node number and has it kept.
func (e *engines) openIDs(ctx context.Context, cfg Config, log *slog.Logger, m metric.Meter) error {
	e.ids = snowflake.New(snowflake.Config{Leases: e.store, Offset: cfg.Clock.Offset, StoreClock: e.clock, Logger: log})
	if err := countIDs(e.ids, m); err != nil {
		return fmt.Errorf("counting ids: %w", err)
	}
	if err := e.ids.Open(ctx); err != nil {
		return fmt.Errorf("taking a node number: %w", err)
	}
	e.run = append(e.run, service{name: "ids", run: e.ids.Run})
	return nil
}

// countIDs shows what a generator counts as metrics.
func countIDs(g *snowflake.Generator, m metric.Meter) error {
	for name, c := range map[string]struct {
		doc  string
		read func(snowflake.Stats) int64
	}{
		"starling.ids.minted":          {"Ids made.", func(s snowflake.Stats) int64 { return s.Minted }},
		"starling.ids.clock_ahead":     {"Ids refused because a parent is too far ahead of the clock.", func(s snowflake.Stats) int64 { return s.ClockAhead }},
		"starling.ids.leases_extended": {"Reservations of the node number moved forward.", func(s snowflake.Stats) int64 { return s.Extended }},
		"starling.ids.leases_lost":     {"Node numbers that another process took.", func(s snowflake.Stats) int64 { return s.Lost }},
		"starling.ids.leases_failed":   {"Calls to the table of node numbers that failed.", func(s snowflake.Stats) int64 { return s.Failed }},
	} {
		_, err := m.Int64ObservableCounter(name, metric.WithDescription(c.doc),
			metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
				o.Observe(c.read(g.Stats()))
				return nil
			}))
		if err != nil {
			return err
		}
	}
	return nil
}
