package pause_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/starlinghq/starling/internal/pause"
)

func TestBackoffGrowsToItsCapAndStartsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := pause.Backoff{First: 20 * time.Millisecond, Most: 2 * time.Second}
		round := func() {
			for try, most := 0, b.First; try < 20; try, most = try+1, min(2*most, b.Most) {
				began := time.Now()
				if !b.Sleep(t.Context()) {
					t.Fatal("gave up")
				}
				if took := time.Since(began); took < most/2 || took > most {
					t.Errorf("wait %d took %v, want %v to %v", try, took, most/2, most)
				}
			}
		}
		round()
		b.Reset()
		round()
	})
}

func TestWaitsEndWithTheirContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		b := pause.Backoff{First: time.Hour, Most: time.Hour}
		if pause.For(ctx, time.Hour) || b.Sleep(ctx) || time.Since(began) != time.Second {
			t.Errorf("waited %v", time.Since(began))
		}
		if !pause.For(t.Context(), time.Second) {
			t.Error("a wait to its end is not told as one")
		}
	})
}
