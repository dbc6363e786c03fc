package storecassandra

import (
	"context"
	"fmt"
	"math/rand/v2"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/starlinghq/starling/internal/store"
)

// Epoch implements [store.Epochs].
func (s *Store) Epoch(ctx context.Context, shard store.Shard) (store.Epoch, error) {
	var epoch, holder int64
	_, err := s.oneSerial(ctx, s.cql.epoch, []any{string(shard.Family), shard.Number}, &epoch, &holder)
	if err != nil {
		return 0, fmt.Errorf("store: read epoch of %s: %w", shard, err)
	}
	return store.Epoch(epoch), nil
}

// TakeEpoch implements [store.Epochs]. Each call marks its epoch as its own, to
// tell after a lost answer who has it.
func (s *Store) TakeEpoch(ctx context.Context, shard store.Shard, read store.Epoch) (store.Epoch, error) {
	if read < 0 {
		return 0, fmt.Errorf("store: take epoch %d of %s: %w", read+1, shard, store.ErrStale)
	}
	next, mine := int64(read)+1, rand.Int64()
	cql, args := s.cql.nextEpoch, []any{next, mine, string(shard.Family), shard.Number, int64(read)}
	if read == 0 {
		cql, args = s.cql.firstEpoch, args[:4]
	}
	won := false
	err := s.decide(ctx, func(ctx context.Context, g *gocql.Session) error {
		applied, row, err := s.apply(ctx, g, cql, args)
		won = applied || column[int64](row, "holder") == mine
		return err
	}, func(ctx context.Context, g *gocql.Session) (known bool, err error) {
		var epoch, holder int64
		_, err = s.serial(ctx, g, s.cql.epoch, []any{string(shard.Family), shard.Number}, &epoch, &holder)
		won = epoch == next && holder == mine
		return err == nil && epoch != int64(read), err
	})
	if err == nil && !won {
		err = store.ErrStale
	}
	if err != nil {
		return 0, fmt.Errorf("store: take epoch %d of %s: %w", next, shard, err)
	}
	return store.Epoch(next), nil
}
