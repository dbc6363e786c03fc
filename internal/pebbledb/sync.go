package pebbledb

import (
	"context"
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// syncer shares fsyncs: all who ask while one is under way get the next one.
//
// Pebble groups fsyncs too (ApplyNoSyncWait and SyncWait), but ties a waiter to
// his batch: he cannot leave when his context ends, nobody else can be told,
// and at most 4,095 may wait. Rounds cost one more hop between goroutines: 5 %
// of the rate with 256 callers, while few callers share better
// (BenchmarkPublish of queue/pebble).
type syncer struct {
	flush func() error  // makes everything committed so far durable
	wake  chan struct{} // capacity 1: somebody waits
	stop  chan struct{} // closed by close
	done  chan struct{} // closed when the loop has ended

	mu   sync.Mutex
	next *round // collects those who come now; guarded by mu
}

// round is one fsync and those who wait for it.
type round struct {
	hooks []func()
	err   error         // set before done is closed
	done  chan struct{} // closed when the fsync is over
}

func newRound() *round { return &round{done: make(chan struct{})} }

// startSyncer starts the loop; close waits for it.
func startSyncer(flush func() error) *syncer {
	s := &syncer{
		flush: flush,
		wake:  make(chan struct{}, 1),
		stop:  make(chan struct{}),
		done:  make(chan struct{}),
		next:  newRound(),
	}
	go s.loop()
	return s
}

func (s *syncer) loop() {
	defer close(s.done)
	for {
		select {
		case <-s.wake:
			s.turn()
		case <-s.stop:
			s.turn() // those who came before the stop
			return
		}
	}
}

// turn closes the present round to newcomers, syncs, and lets its waiters go.
// Hooks run before the waiters: what they make visible is there when the
// publisher goes on.
func (s *syncer) turn() {
	s.mu.Lock()
	r := s.next
	s.next = newRound()
	s.mu.Unlock()
	if r.err = s.flush(); r.err == nil {
		for _, hook := range r.hooks {
			hook()
		}
	}
	close(r.done)
}

// join enters the round that will begin next.
func (s *syncer) join(hooks []func()) *round {
	s.mu.Lock()
	r := s.next
	r.hooks = append(r.hooks, hooks...)
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default: // a wake-up is on its way and will find this round
	}
	return r
}

// close ends the loop after a last round.
func (s *syncer) close() {
	close(s.stop)
	<-s.done
}

// CommitNoSync applies a batch and returns when it is visible; the log may
// still be in memory. Every batch committed later is behind it in the log. The
// batch remains the caller's to close. ErrNoRoom is for the caller to ask for
// ([DB.Room]) before it begins; here only [ErrFailed] and [ErrClosed] occur.
func (db *DB) CommitNoSync(b *pebble.Batch) error {
	return db.guard(func() error { return b.Commit(pebble.NoSync) })
}

// Sync waits until everything committed before the call survives a crash. When
// ctx ends first the fsync goes on: what was committed may be durable or not.
//
// Each of then is called once when the fsync has succeeded, also if the caller
// has left by then, and before Sync returns; never when it fails. They run
// between fsyncs and must be quick: no I/O, no waiting.
func (db *DB) Sync(ctx context.Context, then ...func()) error {
	r := db.syncer.join(then)
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-db.done:
	}
	// The last round before the end may still have served this caller.
	select {
	case <-r.done:
		return r.err
	default:
		return db.over()
	}
}

// flushLog makes the log durable up to now: a record of no content is put
// behind everything committed and synced. It is skipped over when read back.
func (db *DB) flushLog() error {
	return db.guard(func() error { return db.pebble.LogData(nil, pebble.Sync) })
}
