package storepebble

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/starlinghq/starling/internal/pebbledb"
	"github.com/starlinghq/starling/internal/store"
)

// format is the version of keys and rows. Data of a newer one is refused.
const format = 1

// OpenOptions say what the data is opened for.
type OpenOptions struct {
	// Shards is N of the sharding function, at least 1. It is kept with the
	// data, and another one is refused: a key would change its owner.
	Shards int
	// Now is the wall clock by which idempotency keys end; nil is time.Now.
	Now func() time.Time
	// Logger hears of sweeps; nil is silence.
	Logger *slog.Logger
}

// Store is the embedded adapter of the store seam. It is safe for concurrent
// use. The database belongs to the caller, who closes it after the last call.
type Store struct {
	db     *pebbledb.DB
	log    *slog.Logger
	now    func() time.Time
	locks  locks
	epochs register
	leases leases
}

var _ store.Store = (*Store)(nil)

// Open checks what db holds for the store, and marks a new one. A database
// written by a newer release or for another number of shards is refused.
func Open(ctx context.Context, db *pebbledb.DB, o OpenOptions) (*Store, error) {
	if o.Shards < 1 {
		return nil, fmt.Errorf("store: open: %d shards, at least 1 is needed", o.Shards)
	}
	s := &Store{
		db:     db,
		log:    o.Logger,
		now:    o.Now,
		epochs: register{guards: map[store.Shard]*guard{}},
		leases: leases{held: map[int]bool{}},
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := s.alive(ctx); err != nil {
		return nil, fmt.Errorf("store: open: %w", err)
	}
	if err := s.checkSchema(schema{Format: format, Shards: o.Shards}); err != nil {
		return nil, fmt.Errorf("store: open: %w", err)
	}
	return s, nil
}

// checkSchema compares want with what the data was written under.
func (s *Store) checkSchema(want schema) error {
	have, found, err := read(s, schemaKey(s.key()), decodeSchema)
	switch {
	case err != nil:
		return fmt.Errorf("read schema: %w", err)
	case !found:
		b := s.newBatch()
		defer b.Close()
		b.set(schemaKey(s.key()), encodeSchema(nil, want))
		return s.commit(b)
	case have.Format > want.Format:
		return fmt.Errorf("the data has format %d, this release knows %d: use a newer release", have.Format, want.Format)
	case have.Shards != want.Shards:
		return fmt.Errorf("the data is in %d shards, not %d: set the number of shards to %d", have.Shards, want.Shards, have.Shards)
	}
	return nil
}

// Ping implements [store.Store]. No room on the disk counts as away, so that
// owners pause instead of failing.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.alive(ctx); err != nil {
		return fmt.Errorf("store: ping: %w", err)
	}
	if err := s.roomy(); err != nil {
		return fmt.Errorf("store: ping: %w", err)
	}
	return nil
}

// key returns an empty key of the store's space, with room for any table's.
func (s *Store) key() []byte {
	return append(make([]byte, 0, keyRoom), pebbledb.SpaceStore)
}

// keyRoom holds every key but those of long idempotency keys.
const keyRoom = 48

// read returns the row under key, decoded. What dec returns must not share
// memory with the row.
func read[T any](s *Store, key []byte, dec func([]byte) (T, error)) (v T, found bool, err error) {
	row, closer, err := s.db.Pebble().Get(key)
	switch {
	case errors.Is(err, pebble.ErrNotFound):
		return v, false, nil
	case err != nil:
		return v, false, translate(err)
	}
	defer closer.Close()
	v, err = dec(row)
	return v, err == nil, err
}

// batch is a Pebble batch whose setters cannot fail: a batch of the store is
// far below the 4 GiB at which they do.
type batch struct{ *pebble.Batch }

func (s *Store) newBatch() batch { return batch{s.db.Pebble().NewBatch()} }

func (b batch) set(key, row []byte) { _ = b.Set(key, row, nil) }
func (b batch) delete(key []byte)   { _ = b.Delete(key, nil) }

// commit makes a batch visible. It is in the log before everything that is
// committed later, and survives a crash if any of that does.
func (s *Store) commit(b batch) error {
	if b.Empty() {
		return nil
	}
	if err := s.db.CommitNoSync(b.Batch); err != nil {
		return translateCommit(err)
	}
	return nil
}

// write applies one write of an owner: fn compares and fills the batch while
// nobody else writes the partition of (t, id), and the owner keeps its shard
// until the batch is visible.
func (s *Store) write(ctx context.Context, f store.Fence, t table, id int64, fn func(batch) error) error {
	if err := s.writable(ctx); err != nil {
		return err
	}
	leave, err := s.enter(f)
	if err != nil {
		return err
	}
	defer leave()
	mu := s.locks.of(t, id)
	mu.Lock()
	defer mu.Unlock()
	b := s.newBatch()
	defer b.Close()
	if err := fn(b); err != nil {
		return err
	}
	return s.commit(b)
}
