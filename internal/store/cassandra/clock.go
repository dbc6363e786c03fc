package storecassandra

import (
	"context"
	"fmt"
	"time"
)

// Clock returns the time of the node that answers, to the millisecond. It is
// what a starting process compares its own clock with.
func (s *Store) Clock(ctx context.Context) (time.Time, error) {
	var at time.Time
	if _, err := s.one(ctx, "SELECT toTimestamp(now()) FROM system.local", nil, &at); err != nil {
		return time.Time{}, fmt.Errorf("store: read the clock: %w", err)
	}
	return at, nil
}
