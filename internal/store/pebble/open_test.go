package storepebble_test

import (
	"context"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/starlinghq/starling/internal/pebbledb"
	storepebble "github.com/starlinghq/starling/internal/store/pebble"
)

// tester is what the helpers need of a test; a property has it too.
type tester interface {
	Helper()
	Context() context.Context
	Cleanup(func())
	Errorf(format string, args ...any)
	Fatal(args ...any)
}

// openDB opens a database in memory that outlives its closing in fs.
func openDB(t tester, fs vfs.FS) *pebbledb.DB {
	t.Helper()
	db, err := pebbledb.Open(t.Context(), pebbledb.Config{Dir: "data", FS: fs, BallastBytes: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

// TestShardsAreKept: another number of shards would give keys to other owners.
func TestShardsAreKept(t *testing.T) {
	db := openDB(t, vfs.NewMem())
	for _, shards := range []int{4, 4} {
		if _, err := storepebble.Open(t.Context(), db, storepebble.OpenOptions{Shards: shards}); err != nil {
			t.Fatalf("open with %d shards: %v", shards, err)
		}
	}
	_, err := storepebble.Open(t.Context(), db, storepebble.OpenOptions{Shards: 16})
	if err == nil || !strings.Contains(err.Error(), "set the number of shards to 4") {
		t.Errorf("opened 4 shards as 16: %v", err)
	}
	if _, err := storepebble.Open(t.Context(), db, storepebble.OpenOptions{}); err == nil {
		t.Error("opened with no shards")
	}
}
