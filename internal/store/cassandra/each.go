package storecassandra

import (
	"context"
	"sync"
	"sync/atomic"
)

// side is how many requests of one call are under way at once.
const side = 32

// each calls do for 0 to n-1, some side by side, and returns the first error,
// after which no other is begun.
func each(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	if err := gone(ctx); err != nil {
		return err
	}
	if n == 1 {
		return do(ctx, 0)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		g     sync.WaitGroup
		next  atomic.Int64
		once  sync.Once
		first error
	)
	for range min(n, side) {
		g.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				if err := do(ctx, i); err != nil {
					once.Do(func() { first = err })
					cancel(err)
				}
			}
		})
	}
	g.Wait()
	if first == nil {
		return gone(ctx) // the caller left between two requests
	}
	return first
}
