package storetest

import (
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/store"
)

// TestModel: both ways of fencing pass the suite.
func TestModel(t *testing.T) {
	for name, strict := range map[string]bool{"refuses superseded owners": true, "fences counts only": false} {
		t.Run(name, func(t *testing.T) {
			Run(t, func(testing.TB) store.Store {
				m := newModel()
				m.strict = strict
				return m
			}, modelHooks()...)
		})
	}
}

func modelHooks() []Option {
	return []Option{
		WithCrash(func(_ testing.TB, s store.Store) store.Store { return crashed(s.(*model)) }),
		WithClock(func(_ testing.TB, s store.Store, d time.Duration) {
			m := s.(*model)
			m.mu.Lock()
			defer m.mu.Unlock()
			m.clock = m.clock.Add(d)
		}),
		WithPeer(func(_ testing.TB, s store.Store) store.Store { return s }),
	}
}

// TestOneCrash: the promises that need a crash share one.
func TestOneCrash(t *testing.T) {
	m, crashes := newModel(), 0
	RunOneCrash(t, func(testing.TB) store.Store { return m }, func(_ testing.TB, s store.Store) store.Store {
		crashes++
		return crashed(s.(*model))
	})
	if crashes != 1 {
		t.Errorf("%d crashes", crashes)
	}
}
