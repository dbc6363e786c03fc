package storetest

import (
	"sync"
	"testing"

	"github.com/starlinghq/starling/internal/store"
)

// crashChecks are the promises that only a crash can show.
func crashChecks() []check {
	return []check{
		{"claims/settled claims survive a crash", claimsSurvive},
		{"epochs/survive a crash", epochsSurvive},
		{"leases/survive a crash", leasesSurvive},
		{"rows/survive a crash", rowsSurvive},
	}
}

// RunOneCrash runs the promises that only a crash can show, all at once and
// with one crash for all of them: for adapters whose crash takes long, and whose
// other promises [Run] looks at without.
func RunOneCrash(t *testing.T, open func(testing.TB) store.Store, crash func(testing.TB, store.Store) store.Store) {
	all := crashChecks()
	m := &meeting{coming: len(all), crash: crash, over: make(chan struct{})}
	h := newHarness(open, nil)
	var g sync.WaitGroup
	defer g.Wait()
	for _, c := range all {
		g.Go(func() {
			t.Run(c.name, func(t *testing.T) {
				came := false
				h := *h
				h.crash = func(t testing.TB, s store.Store) store.Store {
					came = true
					return m.come(t, s)
				}
				defer func() {
					if !came {
						m.miss(t)
					}
				}()
				c.run(newEnv(t, &h))
			})
		})
	}
}

// meeting is where checks wait for each other to crash their store together.
type meeting struct {
	crash func(testing.TB, store.Store) store.Store
	over  chan struct{} // closed after the crash

	mu     sync.Mutex
	coming int         // guarded by mu; who did not come yet and still may
	here   int         // guarded by mu
	store  store.Store // guarded by mu until over; afterwards the successor, nil if the crash failed
}

// come waits for the others, crashes with them, and returns what is there then.
func (m *meeting) come(t testing.TB, s store.Store) store.Store {
	m.mu.Lock()
	m.coming, m.here, m.store = m.coming-1, m.here+1, s
	m.mu.Unlock()
	m.whenAll(t)
	<-m.over
	if m.store == nil {
		t.Fatal("the store did not come back")
	}
	return m.store
}

// miss says that a check has ended before it came.
func (m *meeting) miss(t testing.TB) {
	m.mu.Lock()
	m.coming--
	m.mu.Unlock()
	m.whenAll(t)
}

// whenAll crashes the store once nobody is missing.
func (m *meeting) whenAll(t testing.TB) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.coming > 0 || m.here == 0 {
		return
	}
	s := m.store
	m.store, m.here = nil, 0
	defer close(m.over) // also where the crash ends the test
	m.store = m.crash(t, s)
}
