package storepebble

import (
	"context"
	"fmt"
	"sync"

	"github.com/starlinghq/starling/internal/store"
)

// guard is the ownership of one shard. Writers hold mu for reading while they
// compare their fence and commit, a take-over for writing: so no write under an
// old fence ends after the take-over did.
type guard struct {
	mu    sync.RWMutex
	epoch store.Epoch // guarded by mu
}

// register holds the guards of all shards that were ever asked for.
type register struct {
	mu     sync.Mutex
	guards map[store.Shard]*guard // guarded by mu
}

// guard returns the guard of a shard, read from the database the first time.
func (s *Store) guard(shard store.Shard) (*guard, error) {
	s.epochs.mu.Lock()
	defer s.epochs.mu.Unlock()
	if g, ok := s.epochs.guards[shard]; ok {
		return g, nil
	}
	e, _, err := read(s, epochKey(s.key(), shard), decodeEpoch)
	if err != nil {
		return nil, fmt.Errorf("read epoch: %w", err)
	}
	g := &guard{epoch: e}
	s.epochs.guards[shard] = g
	return g, nil
}

// Epoch implements [store.Epochs].
func (s *Store) Epoch(ctx context.Context, shard store.Shard) (store.Epoch, error) {
	if err := s.alive(ctx); err != nil {
		return 0, fmt.Errorf("store: read epoch of %s: %w", shard, err)
	}
	g, err := s.guard(shard)
	if err != nil {
		return 0, fmt.Errorf("store: epoch of %s: %w", shard, err)
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.epoch, nil
}

// TakeEpoch implements [store.Epochs].
func (s *Store) TakeEpoch(ctx context.Context, shard store.Shard, from store.Epoch) (store.Epoch, error) {
	if err := s.alive(ctx); err != nil {
		return 0, fmt.Errorf("store: take epoch %d of %s: %w", from+1, shard, err)
	}
	g, err := s.guard(shard)
	if err != nil {
		return 0, fmt.Errorf("store: take epoch of %s: %w", shard, err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.epoch != from {
		return 0, fmt.Errorf("store: take epoch %d of %s, it is at %d: %w", from+1, shard, g.epoch, store.ErrStale)
	}
	b := s.newBatch()
	defer b.Close()
	b.set(epochKey(s.key(), shard), encodeEpoch(nil, from+1))
	if err := s.commit(b); err != nil {
		return 0, fmt.Errorf("store: take epoch %d of %s: %w", from+1, shard, err)
	}
	g.epoch = from + 1
	return g.epoch, nil
}

// enter admits the writer of a fence, who calls leave when its write is done.
func (s *Store) enter(f store.Fence) (leave func(), err error) {
	g, err := s.guard(f.Shard)
	if err != nil {
		return nil, err
	}
	g.mu.RLock()
	if f.Epoch != g.epoch || f.Epoch == 0 {
		g.mu.RUnlock()
		return nil, fmt.Errorf("epoch %d of %s: %w", f.Epoch, f.Shard, store.ErrStale)
	}
	return g.mu.RUnlock, nil
}
