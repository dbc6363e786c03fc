package storepebble

import (
	"context"
	"errors"
	"fmt"

	"github.com/starlinghq/starling/internal/pebbledb"
	"github.com/starlinghq/starling/internal/store"
)

// alive returns why a call cannot be served at all: the caller has gone, or the
// database has.
func (s *Store) alive(ctx context.Context) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", store.ErrUnavailable, context.Cause(ctx))
	}
	if err := s.db.Room(); err != nil && !errors.Is(err, pebbledb.ErrNoRoom) {
		return translate(err)
	}
	return nil
}

// roomy refuses what would make a nearly full disk fuller.
func (s *Store) roomy() error {
	if err := s.db.Room(); err != nil {
		return translate(err)
	}
	return nil
}

// writable is alive for a call that adds rows.
func (s *Store) writable(ctx context.Context) error {
	if err := s.alive(ctx); err != nil {
		return err
	}
	return s.roomy()
}

// translate says in the seam's words what the database says. Whatever it
// refuses, trying later is all that a caller can do; a row that cannot be
// decoded is no answer of the database and passes as it is.
func translate(err error) error {
	if err == nil || errors.Is(err, store.ErrUnavailable) {
		return err
	}
	return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
}

// translateCommit is translate for a commit: one that failed under way may be
// in the log all the same.
func translateCommit(err error) error {
	if errors.Is(err, pebbledb.ErrClosed) || errors.Is(err, pebbledb.ErrNoRoom) {
		return translate(err)
	}
	return store.Unsure(translate(err))
}
