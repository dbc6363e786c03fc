package flight

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestShared: equal work is done once, whoever of those that wait for it
// leaves; with the last one it ends.
func TestShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g Group[*int]
		gate, ended := make(chan struct{}), make(chan struct{})
		started := 0
		want := new(int)
		work := func(ctx context.Context) (*int, error) {
			started++
			select {
			case <-gate:
				return want, nil
			case <-ctx.Done():
				close(ended)
				return nil, ctx.Err()
			}
		}
		first, leave := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := g.Do(first, "k", work); !errors.Is(err, context.Canceled) {
				t.Errorf("who left got %v", err)
			}
		})
		synctest.Wait()
		for range 3 {
			wg.Go(func() {
				if got, err := g.Do(t.Context(), "k", work); got != want || err != nil {
					t.Errorf("who stayed got %v, %v", got, err)
				}
			})
		}
		synctest.Wait()
		leave()
		synctest.Wait()
		close(gate)
		wg.Wait()
		if started != 1 {
			t.Errorf("it was done %d times", started)
		}
		gate = make(chan struct{})
		alone, leave := context.WithCancel(t.Context())
		wg.Go(func() { _, _ = g.Do(alone, "k", work) })
		synctest.Wait()
		leave()
		<-ended
		wg.Wait()
		g.Wait()
		if len(g.byKey) != 0 {
			t.Errorf("%d are left", len(g.byKey))
		}
	})
}

// TestNewAfterTheLastLeft: who comes when nobody waits any more does not get
// the end of what was given up.
func TestNewAfterTheLastLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g Group[string]
		gate := make(chan struct{})
		slow := func(context.Context) (string, error) {
			<-gate // it does not listen to its context
			return "old", nil
		}
		ctx, leave := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = g.Do(ctx, "k", slow) })
		synctest.Wait()
		leave()
		synctest.Wait()
		got, err := g.Do(t.Context(), "k", func(context.Context) (string, error) { return "new", nil })
		if got != "new" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
		close(gate)
		wg.Wait()
		g.Wait()
		if len(g.byKey) != 0 {
			t.Errorf("%d are left", len(g.byKey))
		}
	})
}

// TestPanic: it costs those who wait for that work, and nobody else.
func TestPanic(t *testing.T) {
	var g Group[int]
	if _, err := g.Do(t.Context(), "k", func(context.Context) (int, error) { panic("no such type") }); err == nil || !strings.Contains(err.Error(), "no such type") {
		t.Errorf("error %v", err)
	}
	if got, err := g.Do(t.Context(), "k", func(context.Context) (int, error) { return 1, nil }); got != 1 || err != nil {
		t.Errorf("then %d, %v", got, err)
	}
	g.Wait()
}
