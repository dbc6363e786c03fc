package pebbledb

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
)

// disk is a file system in memory with a size that a test sets.
type disk struct {
	mem   *vfs.MemFS
	other atomic.Int64 // bytes somebody else uses
	size  int64
	hit   atomic.Int64           // writes refused
	sick  atomic.Pointer[string] // writes to files with this ending fail
}

func newDisk(size int64) *disk { return &disk{mem: vfs.NewCrashableMem(), size: size} }

func (d *disk) free() int64 { return d.size - d.other.Load() - d.used() }

func (d *disk) used() int64 {
	names, err := d.mem.List("data")
	if err != nil {
		return 0
	}
	var sum int64
	for _, name := range names {
		if info, err := d.mem.Stat(d.mem.PathJoin("data", name)); err == nil {
			sum += info.Size()
		}
	}
	return sum
}

// String implements errorfs.Injector.
func (d *disk) String() string { return "disk" }

// MaybeError implements errorfs.Injector.
func (d *disk) MaybeError(op errorfs.Op) error {
	if op.Kind.ReadOrWrite() != errorfs.OpIsWrite {
		return nil
	}
	if ending := d.sick.Load(); ending != nil && strings.HasSuffix(op.Path, *ending) {
		return syscall.EIO
	}
	if op.Kind == errorfs.OpFileWrite && d.free() < 4<<10 {
		d.hit.Add(1)
		return syscall.ENOSPC
	}
	return nil
}

func (d *disk) config(minFree uint64, ballast int64) Config {
	return Config{
		Dir: "data", FS: errorfs.Wrap(d.mem, d), MinFree: minFree, BallastBytes: ballast,
		FreeSpace: func(string) (uint64, error) { return uint64(max(0, d.free())), nil },
	}
}

func run(t *testing.T, db *DB) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := db.Run(ctx); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(func() { cancel(); wg.Wait() })
}

func TestRoomFollowsTheDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk(1 << 30)
		db := open(t, d.config(256<<20, -1))
		run(t, db)
		if err := db.Room(); err != nil {
			t.Fatalf("with 1 GiB free: %v", err)
		}
		d.other.Store(800 << 20)
		time.Sleep(2 * watchEvery)
		err := db.Room()
		if !errors.Is(err, ErrNoRoom) || !strings.Contains(err.Error(), "256") {
			t.Fatalf("with 224 MiB free: %v", err)
		}
		waited := make(chan error, 1)
		go func() { waited <- db.WaitRoom(t.Context()) }()
		synctest.Wait()
		select {
		case err := <-waited:
			t.Fatalf("WaitRoom returned %v without room", err)
		default:
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := db.WaitRoom(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the deadline", err)
		}
		d.other.Store(0)
		if err := <-waited; err != nil || db.Room() != nil {
			t.Fatalf("with room again: %v, %v", err, db.Room())
		}
	})
}

func TestRoomIsKnownAtOpen(t *testing.T) {
	d := newDisk(100 << 20)
	if err := open(t, d.config(256<<20, -1)).Room(); !errors.Is(err, ErrNoRoom) {
		t.Fatalf("got %v, want ErrNoRoom", err)
	}
}

// fill commits without sync until the disk has refused a write.
func fill(t *testing.T, db *DB, d *disk) (written int) {
	t.Helper()
	value := make([]byte, 16<<10)
	for i := range value {
		value[i] = byte(i * i >> 3)
	}
	for d.hit.Load() == 0 {
		b := db.Pebble().NewBatch()
		if err := b.Set(fmt.Appendf(nil, "%08d", written), value, nil); err != nil {
			t.Fatal(err)
		}
		if err := db.CommitNoSync(b); err != nil {
			t.Fatal(err)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		written++
		synctest.Wait() // the log writer has caught up
	}
	return written
}

// A full disk costs the ballast; what was under way gets through, new work is
// refused, and when there is room again everything goes on.
func TestFullDiskWithBallast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk(80 << 20)
		cfg := d.config(1<<20, 24<<20)
		db := open(t, cfg)
		run(t, db)
		time.Sleep(2 * watchEvery)
		if _, err := d.mem.Stat(db.ballastName()); err != nil || !db.ballast.Load() {
			t.Fatalf("no ballast: %v", err)
		}
		n := fill(t, db, d)
		if err := db.Room(); !errors.Is(err, ErrNoRoom) {
			t.Errorf("after a write found no space: %v", err)
		}
		if _, err := d.mem.Stat(db.ballastName()); err == nil {
			t.Error("the ballast is still there")
		}
		if err := db.Sync(t.Context()); err != nil {
			t.Errorf("sync on the ballast: %v", err)
		}
		d.other.Store(-1 << 30)
		time.Sleep(2 * watchEvery)
		if err := db.Room(); err != nil {
			t.Errorf("with room again: %v", err)
		}
		if !db.ballast.Load() {
			t.Error("the ballast was not laid again")
		}
		if got := len(keys(t, db)); got != n {
			t.Errorf("%d keys of %d", got, n)
		}
	})
}

// Without ballast the write itself waits; whoever waits for a sync can leave.
func TestFullDiskWithoutBallast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk(8 << 20)
		db := open(t, d.config(1<<20, -1))
		n := fill(t, db, d)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := db.Sync(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("sync on a full disk: %v", err)
		}
		if err := db.Room(); !errors.Is(err, ErrNoRoom) {
			t.Errorf("on a full disk: %v", err)
		}
		d.other.Store(-1 << 30)
		if err := db.Sync(t.Context()); err != nil {
			t.Fatalf("sync with room again: %v", err)
		}
		crashed := d.mem.CrashClone(vfs.CrashCloneCfg{})
		if got := len(keys(t, open(t, inMemory(crashed)))); got != n {
			t.Errorf("%d keys of %d survive", got, n)
		}
	})
}

func TestCloseOnAFullDiskReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk(8 << 20)
		db := open(t, d.config(1<<20, -1))
		fill(t, db, d)
		if err := db.Close(); !errors.Is(err, ErrFailed) {
			t.Errorf("Close: %v, want ErrFailed: not everything is durable", err)
		}
		_ = db.pebble.Close() // for its goroutines, which Close has left to the end of the process
	})
}

// An error that no room mends ends the database, not the process.
func TestBrokenLog(t *testing.T) {
	d := newDisk(1 << 30)
	db := open(t, d.config(0, -1))
	put(t, db, "x")
	ending := ".log"
	d.sick.Store(&ending)
	if err := db.Sync(t.Context()); !errors.Is(err, ErrFailed) {
		t.Fatalf("Sync: %v, want ErrFailed", err)
	}
	b := db.Pebble().NewBatch()
	for name, err := range map[string]error{
		"CommitNoSync": db.CommitNoSync(b),
		"Sync":         db.Sync(t.Context()),
		"Room":         db.Room(),
		"WaitRoom":     db.WaitRoom(t.Context()),
		"Run":          db.Run(t.Context()),
		"Close":        db.Close(),
	} {
		if !errors.Is(err, ErrFailed) {
			t.Errorf("%s: got %v, want ErrFailed", name, err)
		}
	}
	// Close leaves Pebble's goroutines to the end of the process; here they can
	// still be ended, because this failure held no lock.
	if err := errors.Join(b.Close(), db.pebble.Close()); err == nil {
		t.Error("Pebble closed a broken log without an error")
	}
}

// Tables that cannot be written would let commits hang in the end; before that
// the database fails.
func TestBrokenTables(t *testing.T) {
	d := newDisk(1 << 30)
	db := open(t, d.config(0, -1))
	put(t, db, "x")
	ending := ".sst"
	d.sick.Store(&ending)
	if _, err := db.pebble.AsyncFlush(); err != nil {
		t.Fatal(err)
	}
	<-db.Done()
	if err := db.Run(t.Context()); !errors.Is(err, ErrFailed) || !errors.Is(err, syscall.EIO) {
		t.Errorf("Run: %v, want ErrFailed for the error of the disk", err)
	}
	if err := db.Close(); !errors.Is(err, ErrFailed) {
		t.Errorf("Close: %v, want ErrFailed", err)
	}
	d.sick.Store(nil) // lets Pebble's goroutines end
	if err := db.pebble.Close(); err != nil {
		t.Error(err)
	}
}

func TestBallastOfAnEarlierRun(t *testing.T) {
	d := newDisk(1 << 30)
	cfg := d.config(0, 2<<20)
	if err := d.mem.MkdirAll("data", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, size := range []int64{2 << 20, 1 << 20} {
		if err := writeBallast(t.Context(), d.mem, "data/ballast", size); err != nil {
			t.Fatal(err)
		}
		db := open(t, cfg)
		if got, want := db.ballast.Load(), size == cfg.BallastBytes; got != want {
			t.Errorf("a ballast of %d bytes: taken over %t, want %t", size, got, want)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

var _ pebble.Logger = pebbleLog{}
