package pebbledb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// Config says where the database is and how much it may use.
type Config struct {
	Dir          string // made if missing, its parents too
	Logger       *slog.Logger
	CacheBytes   int64  // block cache; 0 means 16 MiB
	MinFree      uint64 // bytes of free disk below which Room says no; 0 means 256 MiB
	BallastBytes int64  // size of the ballast file; 0 means 64 MiB, below 0 none

	// For tests. The file system of the machine is used where FS is nil, and
	// FreeSpace asks it for the bytes left to this user.
	FS        vfs.FS
	FreeSpace func(dir string) (uint64, error)
}

// Default sizes.
const (
	DefaultCacheBytes   = 16 << 20
	DefaultMinFree      = 256 << 20
	DefaultBallastBytes = 64 << 20
)

func (c Config) withDefaults() Config {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.CacheBytes == 0 {
		c.CacheBytes = DefaultCacheBytes
	}
	if c.MinFree == 0 {
		c.MinFree = DefaultMinFree
	}
	if c.BallastBytes == 0 {
		c.BallastBytes = DefaultBallastBytes
	}
	if c.FS == nil {
		c.FS = vfs.Default
	}
	if c.FreeSpace == nil {
		fsys := c.FS
		c.FreeSpace = func(dir string) (uint64, error) {
			usage, err := fsys.GetDiskUsage(dir)
			return usage.AvailBytes, err
		}
	}
	return c
}

// DB is the open database. Its methods may be called concurrently.
type DB struct {
	cfg    Config
	log    *slog.Logger
	fs     vfs.FS // as configured, without the full-disk watch
	lock   *pebble.Lock
	pebble *pebble.DB
	syncer *syncer

	room     *room
	ballast  atomic.Bool  // the ballast file is in place
	troubles atomic.Int64 // background writes that failed in a row

	closing  chan struct{} // closed when Close begins
	closeOne sync.Once
	closeErr error // set by closeOne

	endOne sync.Once
	endErr error         // ErrClosed or the failure; set by endOne before done is closed
	done   chan struct{} // closed when the DB takes no more calls
}

// Open opens or creates the database in cfg.Dir and replays its log. The error
// wraps [ErrLocked], [ErrNewer] or [ErrForeign] where one of these is the
// reason. ctx bounds nothing but is passed to the log.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	cfg = cfg.withDefaults()
	db := &DB{
		cfg: cfg, log: cfg.Logger, fs: cfg.FS, room: newRoom(),
		closing: make(chan struct{}), done: make(chan struct{}),
	}
	if err := db.fs.MkdirAll(cfg.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("pebbledb: make folder %s: %w", cfg.Dir, err)
	}
	lock, err := pebble.LockDirectory(cfg.Dir, db.fs)
	if err != nil {
		return nil, lockError(cfg.Dir, err)
	}
	db.lock = lock
	if err := db.open(ctx); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return db, nil
}

// open does what needs the lock.
func (db *DB) open(ctx context.Context) error {
	dir := db.cfg.Dir
	if err := checkFormat(db.fs, dir); err != nil {
		return err
	}
	if err := db.openBallast(); err != nil {
		return fmt.Errorf("pebbledb: old ballast file: %w", err)
	}
	db.Look(ctx)
	opts := tune(vfs.OnDiskFull(db.fs, db.diskFull), db.cfg.CacheBytes)
	opts.Lock = db.lock
	opts.Logger = pebbleLog{log: db.log, fail: db.fail}
	opts.EventListener = &pebble.EventListener{
		BackgroundError: db.backgroundError,
		FlushEnd:        func(i pebble.FlushInfo) { db.backgroundDone(i.Err) },
		CompactionEnd:   func(i pebble.CompactionInfo) { db.backgroundDone(i.Err) },
	}
	p, err := pebble.Open(dir, opts)
	if err != nil {
		if strings.Contains(err.Error(), "unknown format major version") {
			return fmt.Errorf("%w: %s; use a newer starling", ErrNewer, dir)
		}
		return fmt.Errorf("pebbledb: open %s: %w", dir, err)
	}
	db.pebble = p
	db.syncer = startSyncer(db.flushLog)
	return nil
}

func lockError(dir string, err error) error {
	// Within one process the lock is refused by a table of names, not by the
	// system, and has no error value.
	if errors.Is(err, syscall.EAGAIN) || strings.Contains(err.Error(), "held by current process") {
		return fmt.Errorf("%w: %s is open in another process; stop it or use another folder", ErrLocked, dir)
	}
	return fmt.Errorf("pebbledb: lock %s: %w", dir, err)
}

// Pebble gives the adapters the database to read from. Writes go through
// [DB.CommitNoSync], or a failing log would take the process with it.
func (db *DB) Pebble() *pebble.DB { return db.pebble }

// Checkpoint writes a copy of the database as it is now into dir, which must
// not exist. It is complete when nil is returned, and can be opened like any
// data folder.
func (db *DB) Checkpoint(ctx context.Context, dir string) error {
	if err := db.Sync(ctx); err != nil {
		return fmt.Errorf("pebbledb: checkpoint: %w", err)
	}
	if err := db.pebble.Checkpoint(dir, pebble.WithFlushedWAL()); err != nil {
		return fmt.Errorf("pebbledb: checkpoint to %s: %w", dir, err)
	}
	return writeFormat(db.fs, dir)
}

// Close makes everything durable and gives the folder free. Nothing else may be
// under way. A failed database is abandoned as it is: its locks may be held for
// ever. Close may be called twice.
func (db *DB) Close() error {
	db.closeOne.Do(func() { db.closeErr = db.close() })
	return db.closeErr
}

func (db *DB) close() error {
	close(db.closing)
	if err := db.over(); err != nil {
		close(db.syncer.stop) // no wait: it may hang in a lock of Pebble's
		return errors.Join(err, db.lock.Close())
	}
	db.syncer.close()
	if !db.end(ErrClosed) { // the last sync failed
		return errors.Join(db.over(), db.lock.Close())
	}
	err := db.pebble.Close()
	if err != nil {
		err = fmt.Errorf("pebbledb: close %s: %w", db.cfg.Dir, err)
	}
	return errors.Join(err, db.lock.Close())
}

// Done is closed when the database takes no more calls: it was closed, or it
// has failed. [DB.Room] then tells which.
func (db *DB) Done() <-chan struct{} { return db.done }

// over returns why the database takes no more calls, nil while it does.
func (db *DB) over() error {
	select {
	case <-db.done:
		return db.endErr
	default:
		return nil
	}
}

// end closes the database to callers and tells whether this call did it.
func (db *DB) end(reason error) (first bool) {
	db.endOne.Do(func() {
		first = true
		db.endErr = reason
		close(db.done)
	})
	return first
}

// guard runs a write. Pebble ends in a panic when its log or manifest fails, with
// locks held; that is the end of this DB but need not be that of the caller.
func (db *DB) guard(write func() error) (err error) {
	if err := db.over(); err != nil {
		return err
	}
	defer func() {
		switch r := recover(); r := r.(type) {
		case nil:
		case error:
			if errors.Is(r, pebble.ErrClosed) {
				err = ErrClosed
				return
			}
			err = db.fail(r)
		default:
			err = db.fail(fmt.Errorf("panic: %v", r))
		}
	}()
	if err := write(); err != nil {
		return db.fail(err)
	}
	return nil
}

// fail records that the log is lost and returns why the database has ended.
func (db *DB) fail(reason error) error {
	if !errors.Is(reason, ErrFailed) {
		reason = fmt.Errorf("%w: %w", ErrFailed, reason)
	}
	if db.end(reason) {
		db.log.Error("database failed, start the process anew",
			slog.String("error", reason.Error()), slog.String("stack", string(debug.Stack())))
	}
	return db.over()
}

// patience is how many background writes may fail one after another.
const patience = 100

// backgroundError hears of flushes and compactions that failed. Pebble repeats
// them at once and for ever, and when its memtables are full commits hang
// behind them. A full disk has its own care (diskFull); any other error that
// does not go away is the end. Pebble's mutex is held here.
func (db *DB) backgroundError(err error) {
	n := db.troubles.Add(1)
	if n&(n-1) == 0 { // the 1st, 2nd, 4th ... of a row: enough to see, not a flood
		db.log.Error("background write failed", slog.String("error", err.Error()), slog.Int64("times", n))
	}
	switch {
	case vfs.IsNoSpaceError(err):
		db.room.set(fmt.Errorf("%w: %w", ErrNoRoom, err))
	case n >= patience:
		_ = db.fail(fmt.Errorf("a background write failed %d times: %w", n, err))
	}
}

// backgroundDone hears of flushes and compactions that ended.
func (db *DB) backgroundDone(err error) {
	if err == nil {
		db.troubles.Store(0)
	}
}

var _ io.Closer = (*DB)(nil)
