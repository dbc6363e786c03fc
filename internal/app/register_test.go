package app

import (
	"context"
	"errors"
	"testing"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// scripted is an engine that answers as it is told.
type scripted struct {
	cache.Pending
	store.Epochs
	err error
}

func (s scripted) Ping(context.Context) error { return s.err }

func (s scripted) Overlay(context.Context, social.UserID) (cache.Overlay, error) {
	return cache.Overlay{}, s.err
}

// TestRegisterAsksEveryEngine: workers take the engines for present only where
// store and cache both answer.
func TestRegisterAsksEveryEngine(t *testing.T) {
	for _, c := range []struct{ store, cache error }{
		{nil, nil},
		{store.ErrUnavailable, nil},
		{nil, cache.ErrUnavailable},
	} {
		r := register{store: scripted{err: c.store}, cache: scripted{err: c.cache}}
		want := errors.Join(c.store, c.cache) != nil
		if err := r.Ping(t.Context()); (err != nil) != want {
			t.Errorf("store %v, cache %v: %v", c.store, c.cache, err)
		}
	}
}
