package app

import (
	"context"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/store"
	"github.com/starlinghq/starling/workers"
)

var _ workers.Register = register{}

// register is where workers take their shards and ask whether the engines that
// handlers use are there: as long as one is away, messages wait in place and in
// order, and are not laid on the ladder.
type register struct {
	store.Epochs
	store interface{ Ping(context.Context) error }
	cache cache.Pending
}

func (e *engines) register() register {
	return register{Epochs: e.store, store: e.store, cache: e.cache}
}

// Ping asks each engine for the least it can answer.
func (r register) Ping(ctx context.Context) error {
	if err := r.store.Ping(ctx); err != nil {
		return err
	}
	_, err := r.cache.Overlay(ctx, 0) // of nobody
	return err
}
