package workers

import (
	"context"

	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// Work is one event to apply.
type Work struct {
	Event social.Event
	// Fence proves ownership of the event's shard to the store. It is zero for
	// families without owners.
	Fence store.Fence
	// Recovered says that the event comes from the ladder or from parking, out
	// of its order: whatever it finds, its partition is counted anew.
	Recovered bool
}

// Handler applies the events of one family.
type Handler interface {
	// Apply applies one event and returns the events that follow from it, which
	// are published before the message is acknowledged. It is called again for
	// the same event after any failure or crash. Errors that wrap
	// store.ErrUnavailable, cache.ErrUnavailable or store.ErrStale are about the
	// engines; any other error counts as an attempt of the message.
	Apply(ctx context.Context, w Work) ([]social.Event, error)
}
