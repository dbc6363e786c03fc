package pebbledb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

const (
	watchEvery   = time.Second
	retryEvery   = 100 * time.Millisecond
	flushDelay   = 10 * time.Second
	ballastFile  = "ballast"
	ballastChunk = 1 << 20
	// wedge is the free space below which a write that found the disk full is
	// not worth repeating.
	wedge = 8 << 20
)

// room knows whether the disk has space. Its answer is kept, so that asking is
// free; [DB.Run] and failing writes refresh it.
type room struct {
	mu    sync.Mutex
	err   error         // nil while there is room; guarded by mu
	clear chan struct{} // closed while there is room; replaced when it ends; guarded by mu
}

func newRoom() *room {
	r := &room{clear: make(chan struct{})}
	close(r.clear)
	return r
}

// set records the state and tells whether it changed.
func (r *room) set(err error) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.err
	r.err = err
	switch {
	case was == nil && err != nil:
		r.clear = make(chan struct{})
	case was != nil && err == nil:
		close(r.clear)
	default:
		return false
	}
	return true
}

func (r *room) get() (<-chan struct{}, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.clear, r.err
}

// Room returns nil while writes should go on, else an error that wraps
// [ErrNoRoom], [ErrFailed] or [ErrClosed]. It costs a few nanoseconds and is to
// be asked before work is taken on; what is under way may be finished.
func (db *DB) Room() error {
	if err := db.over(); err != nil {
		return err
	}
	_, err := db.room.get()
	return err
}

// RoomAgain returns a channel that is closed when there is room. It never is
// when the database ends without; see [DB.Done].
func (db *DB) RoomAgain() <-chan struct{} {
	clear, _ := db.room.get()
	return clear
}

// WaitRoom blocks while Room returns ErrNoRoom. It returns nil when there is
// room, else why there never will be.
func (db *DB) WaitRoom(ctx context.Context) error {
	for {
		if err := db.over(); err != nil {
			return err
		}
		clear, err := db.room.get()
		if err == nil {
			return nil
		}
		select {
		case <-clear:
		case <-db.done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Look asks the disk now, as Run does every second, for [DB.Room] to answer. A
// disk that cannot be asked is taken to have room: refusing every write would
// be worse.
func (db *DB) Look(ctx context.Context) {
	free, err := db.cfg.FreeSpace(db.cfg.Dir)
	if err != nil {
		if !errors.Is(err, vfs.ErrUnsupported) {
			db.log.LogAttrs(ctx, slog.LevelWarn, "free space cannot be read", slog.String("error", err.Error()))
		}
		db.room.set(nil)
		return
	}
	var state error
	if free < db.cfg.MinFree {
		state = fmt.Errorf("%w: %d MiB free where %d are needed", ErrNoRoom, free>>20, db.cfg.MinFree>>20)
	}
	if !db.room.set(state) {
		return
	}
	if state != nil {
		db.log.LogAttrs(ctx, slog.LevelError, "disk nearly full, writes are refused", slog.Uint64("free_bytes", free))
	} else {
		db.log.LogAttrs(ctx, slog.LevelInfo, "disk has room again", slog.Uint64("free_bytes", free))
	}
}

// Run watches the free space and keeps the ballast until ctx ends, which is no
// error, or until the database fails ([ErrFailed]).
func (db *DB) Run(ctx context.Context) error {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	db.Look(ctx)
	for {
		select {
		case <-tick.C: // the ballast not at once: a start has better use for the disk
			db.Look(ctx)
			if db.Room() == nil {
				db.layBallast(ctx)
			}
		case <-db.done:
			if err := db.over(); !errors.Is(err, ErrClosed) {
				return err
			}
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}

// layBallast writes the ballast file where it is missing and there is room
// for it and as much again.
func (db *DB) layBallast(ctx context.Context) {
	if db.cfg.BallastBytes <= 0 || db.ballast.Load() {
		return
	}
	free, err := db.cfg.FreeSpace(db.cfg.Dir)
	if err != nil || free < db.cfg.MinFree+2*uint64(db.cfg.BallastBytes) {
		return
	}
	if err := writeBallast(ctx, db.fs, db.ballastName(), db.cfg.BallastBytes); err != nil {
		db.log.LogAttrs(ctx, slog.LevelWarn, "ballast file cannot be written", slog.String("error", err.Error()))
		return
	}
	db.ballast.Store(true)
}

// writeBallast fills a file with bytes that no file system can leave out. It
// syncs piece by piece: the log's fsync may have to wait for one.
func writeBallast(ctx context.Context, fsys vfs.FS, name string, size int64) error {
	f, err := fsys.Create(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	chunk := make([]byte, ballastChunk)
	for i := range chunk {
		chunk[i] = byte(i) | 1
	}
	for left := size; left > 0 && err == nil; left -= int64(len(chunk)) {
		if err = ctx.Err(); err == nil {
			_, err = f.Write(chunk[:min(left, int64(len(chunk)))])
		}
		if err == nil {
			err = f.Sync()
		}
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, fsys.Remove(name))
	}
	return nil
}

// diskFull is called by the file system when a write found no space, before
// the write is repeated once. All other writes wait meanwhile. First the
// ballast goes; after that the only sane thing is to wait for somebody to make
// room, because a log that returned an error once is lost. New work is
// refused from here on, and those who wait for a sync can leave.
func (db *DB) diskFull() {
	if db.room.set(fmt.Errorf("%w: a write found no space", ErrNoRoom)) {
		db.log.Error("disk full, writes are refused")
	}
	if db.ballast.Swap(false) {
		if err := db.fs.Remove(db.ballastName()); err == nil {
			return
		}
	}
	for {
		// Waiting also where there seems to be space (a quota, a reserve) keeps
		// Pebble, which tries again at once, from spinning.
		select {
		case <-time.After(retryEvery):
		case <-db.closing:
			return
		}
		free, err := db.cfg.FreeSpace(db.cfg.Dir)
		if err != nil || free >= wedge {
			return
		}
	}
}

// openBallast takes over the ballast of an earlier run if it is whole.
func (db *DB) openBallast() error {
	info, err := db.fs.Stat(db.ballastName())
	if err != nil {
		return nil // Run writes it
	}
	if info.Size() == db.cfg.BallastBytes {
		db.ballast.Store(true)
		return nil
	}
	return db.fs.Remove(db.ballastName())
}

func (db *DB) ballastName() string { return db.fs.PathJoin(db.cfg.Dir, ballastFile) }
