package pebbledb

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t testing.TB, cfg Config) *DB {
	t.Helper()
	db, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// inMemory is a small database whose file system can lose what is not synced.
func inMemory(fs vfs.FS) Config { return Config{Dir: "data", FS: fs, BallastBytes: -1} }

func put(t testing.TB, db *DB, key string) {
	t.Helper()
	b := db.Pebble().NewBatch()
	defer func() { _ = b.Close() }()
	if err := b.Set([]byte(key), nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := db.CommitNoSync(b); err != nil {
		t.Fatal(err)
	}
}

func keys(t testing.TB, db *DB) []string {
	t.Helper()
	iter, err := db.Pebble().NewIter(nil)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for iter.First(); iter.Valid(); iter.Next() {
		all = append(all, string(iter.Key()))
	}
	if err := iter.Close(); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestReopenFindsEverything(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	db := open(t, Config{Dir: dir})
	put(t, db, "x")
	if err := errors.Join(db.Close(), db.Close()); err != nil {
		t.Fatal(err)
	}
	if got := keys(t, open(t, Config{Dir: dir})); len(got) != 1 || got[0] != "x" {
		t.Fatalf("got %q", got)
	}
}

func TestOneProcessAFolder(t *testing.T) {
	for name, cfg := range map[string]Config{
		"disk":   {Dir: t.TempDir()},
		"memory": inMemory(vfs.NewMem()),
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t, cfg)
			_, err := Open(t.Context(), cfg)
			if !errors.Is(err, ErrLocked) {
				t.Fatalf("got %v, want ErrLocked", err)
			}
			if msg := err.Error(); !strings.Contains(msg, cfg.Dir) || strings.Contains(msg, "\n") {
				t.Errorf("the message %q must be one line and name the folder", msg)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			open(t, cfg)
		})
	}
}

// lockHolder is the folder that a copy of this test, run as another process,
// keeps open until its standard input ends.
const lockHolder = "PEBBLEDB_TEST_HOLD"

func TestAnotherProcess(t *testing.T) {
	if dir := os.Getenv(lockHolder); dir != "" {
		open(t, Config{Dir: dir})
		if _, err := os.Stdout.WriteString("open\n"); err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, os.Stdin)
		return
	}
	dir := t.TempDir()
	other := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAnotherProcess$")
	other.Env = append(os.Environ(), lockHolder+"="+dir)
	in, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "open\n" {
		t.Fatalf("the other process said %q, %v", line, err)
	}
	if _, err := Open(t.Context(), Config{Dir: dir}); !errors.Is(err, ErrLocked) {
		t.Errorf("while another process has it open: %v, want ErrLocked", err)
	}
	if err := errors.Join(in.Close(), other.Wait()); err != nil {
		t.Error(err)
	}
	open(t, Config{Dir: dir})
}

func TestForeignAndNewerData(t *testing.T) {
	const newer = formatPrefix + "2\n"
	for name, tc := range map[string]struct {
		prepare func(t *testing.T, dir string)
		want    error
	}{
		"newer format": {func(t *testing.T, dir string) { write(t, dir, formatFile, newer) }, ErrNewer},
		"no format":    {func(t *testing.T, dir string) { write(t, dir, formatFile, "hello") }, ErrForeign},
		"zero format":  {func(t *testing.T, dir string) { write(t, dir, formatFile, formatPrefix+"0") }, ErrForeign},
		"huge file":    {func(t *testing.T, dir string) { write(t, dir, formatFile, strings.Repeat("1", 1<<16)) }, ErrForeign},
		"other database": {func(t *testing.T, dir string) {
			p, err := pebble.Open(dir, &pebble.Options{Logger: quiet{}})
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
		}, ErrForeign},
		"newer pebble": {func(t *testing.T, dir string) {
			if err := open(t, Config{Dir: dir}).Close(); err != nil {
				t.Fatal(err)
			}
			marks, err := filepath.Glob(filepath.Join(dir, "marker.format-version.*"))
			if err != nil || len(marks) != 1 {
				t.Fatalf("found %v, %v", marks, err)
			}
			if err := os.Rename(marks[0], filepath.Join(dir, "marker.format-version.000099.999")); err != nil {
				t.Fatal(err)
			}
		}, ErrNewer},
		"other files": {func(t *testing.T, dir string) { write(t, dir, "readme.txt", "hello") }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			tc.prepare(t, dir)
			db, err := Open(t.Context(), Config{Dir: dir})
			if !errors.Is(err, tc.want) {
				t.Fatalf("got %v, want %v", err, tc.want)
			}
			if err == nil {
				_ = db.Close()
			} else if !strings.Contains(err.Error(), dir) {
				t.Errorf("the message %q must name the folder", err)
			}
		})
	}
}

type quiet struct{}

func (quiet) Infof(string, ...any)      {}
func (quiet) Errorf(string, ...any)     {}
func (quiet) Fatalf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A crash at any moment leaves a prefix of the commits, and all that was synced.
func TestCrashLosesASuffixOnly(t *testing.T) {
	fs := vfs.NewCrashableMem()
	db := open(t, inMemory(fs))
	rng := rand.New(rand.NewPCG(1, 2))
	synced := 0
	for i := range 300 {
		put(t, db, fmt.Sprintf("%06d", i))
		if i%37 == 36 {
			if err := db.Sync(t.Context()); err != nil {
				t.Fatal(err)
			}
			synced = i + 1
		}
		if i%10 != 9 {
			continue
		}
		crashed := fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 50, RNG: rng})
		after := open(t, inMemory(crashed))
		got := keys(t, after)
		for j, key := range got {
			if want := fmt.Sprintf("%06d", j); key != want {
				t.Fatalf("crash after %d commits: commit %d is missing though a later one is there", i+1, j)
			}
		}
		if len(got) < synced || len(got) > i+1 {
			t.Fatalf("crash after %d commits, %d synced: %d are left", i+1, synced, len(got))
		}
		if err := after.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSyncIsShared(t *testing.T) {
	db := open(t, inMemory(vfs.NewMem()))
	before := db.Pebble().Metrics().WAL.BytesIn
	hold := make(chan struct{})
	entered := make(chan struct{})
	db.syncer.join([]func(){func() { close(entered); <-hold }}) // the first round stays open
	<-entered
	var wg sync.WaitGroup
	const callers = 500
	joined := make(chan struct{}, callers)
	for range callers {
		wg.Go(func() {
			r := db.syncer.join(nil)
			joined <- struct{}{}
			<-r.done
			if r.err != nil {
				t.Error(r.err)
			}
		})
	}
	for range callers {
		<-joined
	}
	close(hold)
	wg.Wait()
	perRecord := uint64(13) // header of a batch and an empty record
	if got := (db.Pebble().Metrics().WAL.BytesIn - before) / perRecord; got > 4 {
		t.Fatalf("%d callers at once made %d fsyncs", callers, got)
	}
}

func TestSyncGivesUpWithItsContext(t *testing.T) {
	db := open(t, inMemory(vfs.NewMem()))
	hold := make(chan struct{})
	db.syncer.join([]func(){func() { <-hold }})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	then := make(chan struct{})
	if err := db.Sync(ctx, func() { close(then) }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	close(hold)
	<-then // although the caller has left
	if err := db.Sync(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAfterClose(t *testing.T) {
	db := open(t, inMemory(vfs.NewMem()))
	b := db.Pebble().NewBatch()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"CommitNoSync": db.CommitNoSync(b),
		"Sync":         db.Sync(t.Context()),
		"Room":         db.Room(),
		"WaitRoom":     db.WaitRoom(t.Context()),
		"Checkpoint":   db.Checkpoint(t.Context(), "copy"),
	} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s: got %v, want ErrClosed", name, err)
		}
	}
}

func TestCheckpointIsADataFolder(t *testing.T) {
	fs := vfs.NewMem()
	db := open(t, inMemory(fs))
	put(t, db, "before")
	if err := db.Checkpoint(t.Context(), "copy"); err != nil {
		t.Fatal(err)
	}
	put(t, db, "after")
	cfg := inMemory(fs)
	cfg.Dir = "copy"
	if got := keys(t, open(t, cfg)); len(got) != 1 || got[0] != "before" {
		t.Fatalf("got %q", got)
	}
	if err := db.Checkpoint(t.Context(), "copy"); err == nil {
		t.Error("a second checkpoint went over the first")
	}
}
