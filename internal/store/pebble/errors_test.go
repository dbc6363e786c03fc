package storepebble

import (
	"errors"
	"fmt"
	"testing"

	"github.com/starlinghq/starling/internal/pebbledb"
	"github.com/starlinghq/starling/internal/store"
)

// TestTranslateCommit: a commit that failed under way may be in the log; one
// that was refused is not.
func TestTranslateCommit(t *testing.T) {
	unsure := map[error]bool{
		pebbledb.ErrFailed:                               true,
		errors.New("anything unknown"):                   true,
		pebbledb.ErrClosed:                               false,
		fmt.Errorf("%w: 3 MiB free", pebbledb.ErrNoRoom): false,
	}
	for cause, want := range unsure {
		err := fmt.Errorf("store: write: %w", translateCommit(cause))
		if !errors.Is(err, store.ErrUnavailable) || !errors.Is(err, cause) || store.MaybeApplied(err) != want {
			t.Errorf("%v: maybe applied %v, want %v", err, store.MaybeApplied(err), want)
		}
	}
	if err := translate(nil); err != nil {
		t.Errorf("nothing became %v", err)
	}
}
