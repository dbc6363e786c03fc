package storecassandra

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// pageRows is how many rows one request brings.
const pageRows = 1000

// bound gives a call its deadline. A call of a caller who has gone begins
// nothing.
func (s *Store) bound(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if err := gone(ctx); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.Deadline)
	return ctx, cancel, nil
}

// Pauses between the tries of one call.
const (
	firstPause = 20 * time.Millisecond
	lastPause  = 300 * time.Millisecond
	tries      = 6 // of a call, some 600 ms of pauses together
)

// pause waits before the next try, and tells whether there is one.
func pause(ctx context.Context, try int) bool {
	if try+1 >= tries {
		return false
	}
	d := min(firstPause<<try, lastPause)
	timer := time.NewTimer(d/2 + rand.N(d))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// repeat does something idempotent until it succeeds, fails for good, or there
// is no time left. Writes says that it changes something.
func (s *Store) repeat(ctx context.Context, writes bool, do func(context.Context, *gocql.Session) error) error {
	ctx, cancel, err := s.bound(ctx)
	if err != nil {
		return err
	}
	defer cancel()
	unsure := false
	for try := 0; ; try++ {
		err := do(ctx, s.sessions.use())
		s.sessions.note(err)
		if err == nil {
			return nil
		}
		o := judge(err)
		unsure = unsure || writes && o.sent
		if !o.temporary || !pause(ctx, try) {
			return failed(err, unsure)
		}
	}
}

// one reads one row into dest, and tells whether there is one.
func (s *Store) one(ctx context.Context, cql string, args []any, dest ...any) (found bool, err error) {
	err = s.repeat(ctx, false, func(ctx context.Context, g *gocql.Session) error {
		err := s.query(g, cql, args).Idempotent(true).ScanContext(ctx, dest...)
		found = err == nil
		if errors.Is(err, gocql.ErrNotFound) {
			return nil
		}
		return err
	})
	return found && err == nil, err
}

// all reads rows. It calls begin before every try, and row with each row's
// values in dest. (The driver's Scanner mistakes the columns behind a tuple.)
func (s *Store) all(ctx context.Context, cql string, args []any, begin, row func(), dest ...any) error {
	return s.repeat(ctx, false, func(ctx context.Context, g *gocql.Session) error {
		begin()
		rows := s.query(g, cql, args).Idempotent(true).IterContext(ctx)
		for rows.Scan(dest...) {
			row()
		}
		return rows.Close()
	})
}

// statement is one write with what it binds, its timestamp among it.
type statement struct {
	cql  string
	args []any
}

// write does one idempotent statement, or several of one partition, which are
// then seen together or not at all.
func (s *Store) write(ctx context.Context, writes ...statement) error {
	return s.repeat(ctx, true, func(ctx context.Context, g *gocql.Session) error {
		if len(writes) == 1 {
			return s.query(g, writes[0].cql, writes[0].args).Idempotent(true).ExecContext(ctx)
		}
		b := g.Batch(gocql.UnloggedBatch)
		for _, w := range writes {
			b.Entries = append(b.Entries, gocql.BatchEntry{Stmt: w.cql, Args: w.args, Idempotent: true})
		}
		return b.ExecContext(ctx)
	})
}

// query binds a statement. Where the clock is the test's, the node is told the
// time by which keys end.
func (s *Store) query(g *gocql.Session, cql string, args []any) *gocql.Query {
	q := g.Query(cql, args...)
	if s.config.Now != nil {
		q = q.WithNowInSeconds(int(s.config.Now().Unix()))
	}
	return q
}

// decide runs cas, a conditional statement, until its verdict is known. Such a
// statement must not be sent again blindly. But where its answer got lost, look,
// a SERIAL read, tells whether the verdict is known; and where it finds that
// nothing was decided, asking again is right.
func (s *Store) decide(ctx context.Context, cas func(context.Context, *gocql.Session) error, look func(context.Context, *gocql.Session) (known bool, err error)) error {
	ctx, cancel, err := s.bound(ctx)
	if err != nil {
		return err
	}
	defer cancel()
	unsure := false
	for try := 0; ; try++ {
		err := cas(ctx, s.sessions.use())
		s.sessions.note(err)
		if err == nil {
			return nil
		}
		o := judge(err)
		// Also an Unavailable counts as sent: it may come from a later round of
		// the agreement.
		unsure = unsure || o.temporary && !o.hostless
		if unsure && o.temporary {
			if known, err := look(ctx, s.sessions.use()); err == nil && known {
				return nil
			}
		}
		if !o.temporary || !pause(ctx, try) {
			return failed(err, unsure)
		}
	}
}

// apply runs a conditional statement once. Where it was not applied, row holds
// what stands in its way.
func (s *Store) apply(ctx context.Context, g *gocql.Session, cql string, args []any) (applied bool, row map[string]any, err error) {
	row = map[string]any{}
	applied, err = s.query(g, cql, args).Idempotent(false).MapScanCASContext(ctx, row)
	return applied, row, err
}

// serial reads one row as of the last lightweight transaction.
func (s *Store) serial(ctx context.Context, g *gocql.Session, cql string, args []any, dest ...any) (found bool, err error) {
	err = s.query(g, cql, args).Idempotent(true).Consistency(gocql.Serial).ScanContext(ctx, dest...)
	if errors.Is(err, gocql.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// oneSerial is one, as of the last lightweight transaction.
func (s *Store) oneSerial(ctx context.Context, cql string, args []any, dest ...any) (found bool, err error) {
	err = s.repeat(ctx, false, func(ctx context.Context, g *gocql.Session) error {
		var err error
		found, err = s.serial(ctx, g, cql, args, dest...)
		return err
	})
	return found && err == nil, err
}
