package storecassandra

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// lockSeconds is how long a migration keeps others out, should it die. A step
// takes about a second on one node, twenty on three.
const lockSeconds = 300

// migrator is one run of Migrate.
type migrator struct {
	config  Config
	session *gocql.Session
	holder  int64
}

// Migrate makes the keyspaces and tables of this release, or adds what an older
// schema lacks. It may be repeated; of several at once one works and the others
// wait for it, until ctx ends. A schema for another number of shards is refused.
func Migrate(ctx context.Context, c Config) error {
	s, err := prepare(c)
	if err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	defer func() { _ = s.close() }()
	m := &migrator{config: s.config, session: s.use(), holder: rand.Int64()}
	if err := m.run(ctx); err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	return nil
}

func (m *migrator) run(ctx context.Context) error {
	if have, err := m.version(ctx); err == nil && have.version >= len(steps) {
		return have.check(m.config.Shards) // nothing to do, and nobody to keep out
	}
	for _, k := range keyspaces {
		if err := m.exec(ctx, createKeyspace(m.config, k)); err != nil {
			return fmt.Errorf("make keyspace %s: %w", k, err)
		}
	}
	for _, cql := range first {
		if err := m.exec(ctx, cql); err != nil {
			return fmt.Errorf("make the schema's own tables: %w", err)
		}
	}
	if err := m.lock(ctx); err != nil {
		return err
	}
	err := m.steps(ctx)
	if unlockErr := m.unlock(context.WithoutCancel(ctx)); err == nil {
		err = unlockErr
	}
	return err
}

// steps does what the schema lacks, each step before its version says so.
func (m *migrator) steps(ctx context.Context) error {
	have, err := m.version(ctx)
	if err != nil {
		return err
	}
	if have.shards > 0 && have.shards != m.config.Shards {
		return have.check(m.config.Shards)
	}
	for v := have.version; v < len(steps); v++ {
		for _, cql := range steps[v] {
			if err := m.exec(ctx, cql); err != nil {
				return fmt.Errorf("step %d: %w", v+1, err)
			}
		}
		err := m.exec(ctx, "INSERT INTO $registry.schema_version (id, version, shards) VALUES (0, ?, ?)", v+1, m.config.Shards)
		if err != nil {
			return fmt.Errorf("step %d is done, and its number not written: %w", v+1, err)
		}
	}
	return nil
}

// exec does one statement that may be repeated, and waits until all nodes agree
// on the schema.
func (m *migrator) exec(ctx context.Context, cql string, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	q := m.session.Query(expand(m.config.Keyspace, cql), args...).Idempotent(true)
	if err := q.ExecContext(ctx); err != nil {
		return failed(err, true)
	}
	return m.session.AwaitSchemaAgreement(ctx)
}

// lock waits until no other migration is at work.
func (m *migrator) lock(ctx context.Context) error {
	cql := expand(m.config.Keyspace, fmt.Sprintf("INSERT INTO $registry.schema_lock (id, holder) VALUES (0, ?) IF NOT EXISTS USING TTL %d", lockSeconds))
	for {
		row := map[string]any{}
		applied, err := m.session.Query(cql, m.holder).MapScanCASContext(ctx, row)
		if err == nil && (applied || row["holder"] == m.holder) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for another migration to end: %w", context.Cause(ctx))
		case <-time.After(250 * time.Millisecond):
		}
	}
}

func (m *migrator) unlock(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, m.config.Deadline)
	defer cancel()
	cql := expand(m.config.Keyspace, "DELETE FROM $registry.schema_lock WHERE id = 0 IF holder = ?")
	if _, err := m.session.Query(cql, m.holder).MapScanCASContext(ctx, map[string]any{}); err != nil {
		return fmt.Errorf("done, but others wait %d s: %w", lockSeconds, err)
	}
	return nil
}

// schema is what the tables were made for.
type schema struct{ version, shards int }

// check compares what is there with what this process needs.
func (have schema) check(shards int) error {
	switch {
	case have.shards > 0 && have.shards != shards:
		return fmt.Errorf("the tables are for %d shards, not %d: set the number of shards to %d", have.shards, shards, have.shards)
	case have.version < len(steps):
		return fmt.Errorf("the tables have version %d, this release needs %d: run starling migrate", have.version, len(steps))
	}
	return nil
}

// version reads what is there; version 0 is nothing.
func (m *migrator) version(ctx context.Context) (have schema, err error) {
	ctx, cancel := context.WithTimeout(ctx, m.config.Deadline)
	defer cancel()
	return readSchema(ctx, m.session, m.config.Keyspace)
}

// schemaCQL reads the schema's row.
const schemaCQL = "SELECT version, shards FROM $registry.schema_version WHERE id = 0"

func readSchema(ctx context.Context, g *gocql.Session, prefix string) (have schema, err error) {
	err = g.Query(expand(prefix, schemaCQL)).Idempotent(true).ScanContext(ctx, &have.version, &have.shards)
	switch {
	case err == nil:
		return have, nil
	case errors.Is(err, gocql.ErrNotFound), noSchema(err):
		return schema{}, nil
	}
	return schema{}, fmt.Errorf("read the schema's version: %w", failed(err, false))
}
