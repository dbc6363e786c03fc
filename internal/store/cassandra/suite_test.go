package storecassandra

import (
	"context"
	"os"
	"reflect"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
	"github.com/starlinghq/starling/internal/store/storetest"
	"github.com/starlinghq/starling/internal/testenv"
)

func TestMain(m *testing.M) {
	common.run(m)
}

// testConfig is for keyspaces of this package's tests. They stay: making them
// takes longer than most tests, and every test keeps to keys of its own.
func testConfig(t testing.TB) Config {
	t.Helper()
	c := Default()
	c.Hosts = []string{testenv.Cassandra(t)}
	c.Keyspace = "starling_storetest"
	c.Timeout, c.Deadline = 5*time.Second, 15*time.Second // for machines with other things to do
	return c
}

// shared is the store of all tests that need nothing special.
type shared struct {
	once  sync.Once
	store *Store
	err   error
}

var common shared

// run runs the tests and closes what they shared.
func (s *shared) run(m *testing.M) {
	code := m.Run()
	if s.store != nil {
		_ = s.store.Close()
	}
	os.Exit(code)
}

// open returns the shared store, over tables that were migrated by this run.
func open(t testing.TB) *Store {
	t.Helper()
	c := testConfig(t)
	common.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		if common.err = Migrate(ctx, c); common.err == nil {
			common.store, common.err = Open(ctx, c)
		}
	})
	if common.err != nil {
		t.Fatal(common.err)
	}
	return common.store
}

// peer opens a session of its own, as another process would.
func peer(t testing.TB) *Store {
	t.Helper()
	s, err := Open(t.Context(), testConfig(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// clock is the wall clock of one store of the suite.
type clock struct {
	mu  sync.Mutex
	off time.Duration // guarded by mu
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.off)
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.off += d
}

// clocks finds the clock of a store that the suite holds.
type clocks struct {
	mu sync.Mutex
	of map[store.Store]*clock // guarded by mu
}

// add gives a copy of s a clock of its own, as wrap shows it.
func (cs *clocks) add(s *Store, wrap func(store.Store) store.Store) store.Store {
	c, own := &clock{}, *s
	own.config.Now = c.now
	wrapped := wrap(&own)
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.of[wrapped] = c
	return wrapped
}

func (cs *clocks) move(s store.Store, d time.Duration) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.of[s].move(d)
}

// conform runs the suite on the adapter as wrap shows it.
func conform(t *testing.T, wrap func(store.Store) store.Store) {
	open(t) // or skip all of it
	cs := &clocks{of: map[store.Store]*clock{}}
	storetest.Run(t,
		func(t testing.TB) store.Store { return cs.add(open(t), wrap) },
		storetest.WithClock(func(_ testing.TB, s store.Store, d time.Duration) { cs.move(s, d) }),
		storetest.WithPeer(func(t testing.TB, _ store.Store) store.Store { return wrap(peer(t)) }),
		storetest.Without(storetest.Crash, "others use this node; TestKilledNode kills one of its own"),
	)
}

func TestConformance(t *testing.T) {
	conform(t, func(s store.Store) store.Store { return s })
}

// TestConformanceTraced runs the suite on the decorated adapter, and sees that
// it called every method there is but Settle, which needs a crash.
func TestConformanceTraced(t *testing.T) {
	called := map[string]bool{"Settle": true}
	var traced []*store.Traced
	conform(t, func(s store.Store) store.Store {
		d := store.NewTraced(s, nil, nil)
		traced = append(traced, d)
		return d
	})
	for _, d := range traced {
		for method := range d.Calls() {
			called[method] = true
		}
	}
	for m := range reflect.TypeFor[store.Store]().Methods() {
		if !called[m.Name] {
			t.Errorf("the suite never calls %s", m.Name)
		}
	}
}

// TestCloseLeavesNothing: a store that was used and closed leaves no goroutine.
func TestCloseLeavesNothing(t *testing.T) {
	open(t)
	before := goleak.IgnoreCurrent()
	s, err := Open(t.Context(), testConfig(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Tweets(t.Context(), make([]social.TweetID, 2*side)); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err == nil {
		t.Error("closed twice")
	}
	if err := goleak.Find(before); err != nil {
		t.Error(err)
	}
}
