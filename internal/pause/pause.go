package pause

import (
	"context"
	"math/rand/v2"
	"time"
)

// For waits for d; false when ctx ends first.
func For(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// Backoff is an endless, capped, jittered wait between tries. It belongs to one
// goroutine.
type Backoff struct {
	First, Most time.Duration // the first wait and the longest, before they are varied

	tries int
}

const mostDoublings = 10 // so that no wait overflows

// Sleep waits, longer at each call; false when ctx ends first.
func (b *Backoff) Sleep(ctx context.Context) bool {
	d := min(b.Most, b.First<<min(b.tries, mostDoublings))
	b.tries++
	return For(ctx, d/2+rand.N(d/2+1))
}

// Reset says that things went well: the next wait is a first one.
func (b *Backoff) Reset() { b.tries = 0 }
