package storecassandra

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/starlinghq/starling/internal/store"
)

// Store is the Cassandra adapter of the store seam. It is safe for concurrent
// use. Close it after the last call.
type Store struct {
	config   Config
	cql      statements
	sessions *sessions
	known    *buckets
}

var _ store.Store = (*Store)(nil)

// prepare checks a configuration and connects.
func prepare(c Config) (*sessions, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	s := &sessions{config: c}
	return s, s.open()
}

// Open connects, and checks what the tables were made for. Tables of an older
// release, or none, are refused: [Migrate] makes them. Tables for another number
// of shards are refused too.
func Open(ctx context.Context, c Config) (*Store, error) {
	sessions, err := prepare(c)
	if err != nil {
		return nil, fmt.Errorf("store: open: %w", err)
	}
	s := &Store{config: sessions.config, cql: newStatements(c.Keyspace), sessions: sessions, known: new(buckets)}
	if err := s.checkSchema(ctx); err != nil {
		_ = sessions.close()
		return nil, fmt.Errorf("store: open: %w", err)
	}
	return s, nil
}

func (s *Store) checkSchema(ctx context.Context) error {
	ctx, cancel, err := s.bound(ctx)
	if err != nil {
		return err
	}
	defer cancel()
	have, err := readSchema(ctx, s.sessions.use(), s.config.Keyspace)
	if err != nil {
		return err
	}
	return have.check(s.config.Shards)
}

// Close ends the session. Calls under way fail.
func (s *Store) Close() error { return s.sessions.close() }

// Ping implements [store.Store]: the schema's row at quorum. It tries once.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel, err := s.bound(ctx)
	if err != nil {
		return fmt.Errorf("store: ping: %w", err)
	}
	defer cancel()
	_, err = readSchema(ctx, s.sessions.use(), s.config.Keyspace)
	s.sessions.note(err)
	if err != nil {
		return fmt.Errorf("store: ping: %w", err)
	}
	return nil
}
