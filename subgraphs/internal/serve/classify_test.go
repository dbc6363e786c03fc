package serve

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/subgraphs/internal/commit"
)

// TestSureRefusalIsNoTimeout: what was surely not accepted is OVERLOADED also
// where a deadline is the reason; only what may be accepted is TIMEOUT.
func TestSureRefusalIsNoTimeout(t *testing.T) {
	waited := fmt.Errorf("%w: %w", queue.ErrOverloaded, context.DeadlineExceeded)
	for _, c := range []struct {
		err  error
		want Code
	}{
		{fmt.Errorf("%w: %w", commit.ErrOverloaded, waited), Overloaded},
		{fmt.Errorf("%w: %w", commit.ErrUnsure, context.DeadlineExceeded), Timeout},
		{fmt.Errorf("%w: %w", commit.ErrUnsure, errors.New("lost")), Timeout},
		{fmt.Errorf("read: %w", context.DeadlineExceeded), Timeout},
	} {
		if got := classify(c.err); got == nil || got.Code != c.want {
			t.Errorf("%v: %v, want %s", c.err, got, c.want)
		}
	}
}
