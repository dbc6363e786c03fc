package snowflake_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/snowflake/snowflaketest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t testing.TB, cfg snowflake.Config) *snowflake.Generator {
	t.Helper()
	g := snowflake.New(cfg)
	if err := g.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	return g
}

func mint(t testing.TB, g *snowflake.Generator, parents ...snowflake.ID) snowflake.ID {
	t.Helper()
	id, err := g.Mint(t.Context(), parents...)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// bubble runs a test in a time of its own, in which ids can be made.
func bubble(t *testing.T, f func(*testing.T)) {
	synctest.Test(t, func(t *testing.T) {
		snowflaketest.SkipToEpoch()
		f(t)
	})
}

// pass lets the time of the bubble pass.
func pass(d time.Duration) { <-time.After(d) }

func TestMintIsPastItsParents(t *testing.T) {
	bubble(t, func(t *testing.T) {
		table := &snowflaketest.Leases{}
		slow := open(t, snowflake.Config{Leases: table, Offset: -900 * time.Millisecond})
		fast := open(t, snowflake.Config{Leases: table, Offset: 900 * time.Millisecond})
		last := mint(t, fast)
		for i := range 20 {
			gen := []*snowflake.Generator{slow, fast}[i%2]
			id := mint(t, gen, 0, last-1<<22, last)
			if id.Millis() < last.Millis()+1 {
				t.Fatalf("id %d of %s does not follow its parent %d of %s", id, id.Time(), last, last.Time())
			}
			last = id
		}
	})
}

func TestClockIsBounded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		table := &snowflaketest.Leases{}
		g := open(t, snowflake.Config{Leases: table})
		before := table.Until(0)
		ahead := func(d time.Duration) snowflake.ID { return snowflake.FirstAt(time.Now().Add(d)) }
		for _, parent := range []snowflake.ID{1<<63 - 1, ahead(time.Hour), ahead(2001 * time.Millisecond), ahead(2000 * time.Millisecond)} {
			if id, err := g.Mint(t.Context(), parent); !errors.Is(err, snowflake.ErrClockAhead) || id != 0 {
				t.Errorf("parent of %s: %d, %v; want ErrClockAhead", parent.Time(), id, err)
			}
		}
		if id := mint(t, g); !id.Time().Equal(time.Now().Truncate(time.Millisecond)) {
			t.Errorf("refused parents moved the clock to %s", id.Time())
		}
		if after := table.Until(0); after != before {
			t.Errorf("refused parents moved the reservation by %d ms", after-before)
		}
		if got := g.Stats().ClockAhead; got != 4 {
			t.Errorf("counted %d parents that were too far ahead, want 4", got)
		}
		parent := ahead(1999 * time.Millisecond)
		if id := mint(t, g, parent); id.Millis() != parent.Millis()+1 {
			t.Errorf("parent within bounds: %s, want a millisecond past %s", id.Time(), parent.Time())
		}
		if id := mint(t, g); id.Millis() != parent.Millis()+1 {
			t.Errorf("without a parent the clock moved on to %s", id.Time())
		}
		pass(3 * time.Second)
		if id := mint(t, g); !id.Time().Equal(time.Now().Truncate(time.Millisecond)) {
			t.Errorf("the wall clock does not lead again: %s", id.Time())
		}
	})
}

func TestBurstWaitsForTheWallClock(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := open(t, snowflake.Config{Leases: &snowflaketest.Leases{}})
		start := time.Now()
		seen := map[snowflake.ID]bool{}
		for range 3*snowflake.PerMilli + 1 {
			id := mint(t, g)
			if seen[id] || id.Seq() >= snowflake.PerMilli || id.Time().After(time.Now()) {
				t.Fatalf("id %d at %s (seq %d), seen %t", id, id.Time(), id.Seq(), seen[id])
			}
			seen[id] = true
		}
		if took := time.Since(start); took < 3*time.Millisecond || took > 5*time.Millisecond {
			t.Errorf("%d ids took %s", len(seen), took)
		}
	})
}

func TestManyGoroutines(t *testing.T) {
	table := &snowflaketest.Leases{}
	g := open(t, snowflake.Config{Leases: table})
	var mu sync.Mutex
	seen := map[snowflake.ID]bool{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			var last snowflake.ID
			for range 500 {
				id, err := g.Mint(context.Background())
				if err != nil || id <= last {
					t.Errorf("after %d: %d, %v", last, id, err)
					return
				}
				last = id
				mu.Lock()
				if seen[id] {
					t.Errorf("%d twice", id)
				}
				seen[id] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

func TestRunKeepsTheLeaseAhead(t *testing.T) {
	bubble(t, func(t *testing.T) {
		table := &snowflaketest.Leases{}
		g := open(t, snowflake.Config{Leases: table})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- g.Run(ctx) }()
		mint(t, g)
		for range 100 {
			pass(100 * time.Millisecond)
			now := snowflake.MillisOf(time.Now())
			if left := table.Until(0) - now; left <= 0 || left > 1000 {
				t.Fatalf("%d ms are reserved", left)
			}
		}
		if n := g.Stats().Extended; n > 25 {
			t.Errorf("10 s took %d calls to the table", n)
		}
		pass(time.Minute)
		idle := g.Stats().Extended
		pass(time.Minute)
		if n := g.Stats().Extended - idle; n > 0 {
			t.Errorf("%d reservations were moved while nothing was minted", n)
		}
		mint(t, g)
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

func TestAnotherTakesANumberAndItsHolderTakesAnother(t *testing.T) {
	bubble(t, func(t *testing.T) {
		table := &snowflaketest.Leases{}
		slow := open(t, snowflake.Config{Leases: table})
		old := mint(t, slow)
		pass(2 * time.Second)
		next := open(t, snowflake.Config{Leases: table})
		if id := mint(t, next); id.Node() != old.Node() || id <= old {
			t.Errorf("the successor made %d (node %d) after %d", id, id.Node(), old)
		}
		id := mint(t, slow)
		if id.Node() == old.Node() || id <= old {
			t.Errorf("the former holder made %d (node %d) after %d (node %d)", id, id.Node(), old, old.Node())
		}
		if s := slow.Stats(); s.Lost != 1 {
			t.Errorf("lost leases: %d, want 1", s.Lost)
		}
	})
}

// A holder loses its number to a process with a fast clock, and may get a smaller one in the same millisecond.
func TestIdsRiseOverAChangeOfNumber(t *testing.T) {
	bubble(t, func(t *testing.T) {
		table := &snowflaketest.Leases{Nodes: 3}
		now := snowflake.MillisOf(time.Now())
		if l, err := table.Take(t.Context(), now, now+600); err != nil || l.Node != 0 {
			t.Fatalf("take: %+v, %v", l, err)
		}
		g := open(t, snowflake.Config{Leases: table})
		pass(700 * time.Millisecond)
		before := mint(t, g)
		table.Steal(before.Node())
		if err := g.Keep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if id := mint(t, g); id.Node() != 0 || id <= before {
			t.Errorf("%d (node %d) after %d (node %d)", id, id.Node(), before, before.Node())
		}
	})
}

func TestEmbeddedGoesOnAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		table := &snowflaketest.Leases{Nodes: 1, Embedded: true}
		var last snowflake.ID
		for range 20 { // a crash loop
			start := time.Now()
			g := open(t, snowflake.Config{Leases: table})
			for range 3 {
				id := mint(t, g)
				if id <= last {
					t.Fatalf("%d after %d", id, last)
				}
				if ahead := time.Until(id.Time()); ahead > time.Second+10*time.Millisecond {
					t.Fatalf("id is %s ahead", ahead)
				}
				last = id
			}
			if waited := time.Since(start); waited > 60*time.Millisecond {
				t.Fatalf("the start waited for %s", waited)
			}
		}
	})
}

func TestEmbeddedWaitsWhileTheReservationIsFarAhead(t *testing.T) {
	bubble(t, func(t *testing.T) {
		table := &snowflaketest.Leases{Nodes: 1, Embedded: true}
		g := open(t, snowflake.Config{Leases: table})
		mint(t, g, snowflake.FirstAt(time.Now().Add(1900*time.Millisecond)))
		until := table.Until(0)
		start := time.Now()
		g = open(t, snowflake.Config{Leases: table})
		if waited := time.Since(start); waited < 900*time.Millisecond || waited > time.Second {
			t.Errorf("waited %s", waited)
		}
		if id := mint(t, g); snowflake.Millis(id.Millis()) != until+1 {
			t.Errorf("goes on at %d, want %d", id.Millis(), until+1)
		}
	})
}

func TestOpenWaitsForAFreeNumber(t *testing.T) {
	bubble(t, func(t *testing.T) {
		table := &snowflaketest.Leases{Nodes: 1}
		open(t, snowflake.Config{Leases: table})
		start := time.Now()
		open(t, snowflake.Config{Leases: table})
		if waited := time.Since(start); waited < time.Second || waited > 1200*time.Millisecond {
			t.Errorf("waited %s for a reservation of 1 s", waited)
		}
		if _, err := table.Extend(t.Context(), snowflake.Lease{Token: 2}, snowflake.MillisOf(time.Now().Add(time.Hour))); err != nil {
			t.Fatal(err)
		}
		err := snowflake.New(snowflake.Config{Leases: table}).Open(t.Context())
		if !errors.Is(err, snowflake.ErrNoNode) || !errors.Is(err, snowflake.ErrUnavailable) {
			t.Errorf("all numbers reserved: %v", err)
		}
	})
}

func TestOpenRefusesAWrongClock(t *testing.T) {
	away := errors.New("away")
	for name, c := range map[string]struct {
		store time.Duration
		err   error
		want  error
	}{
		"equal":  {0, nil, nil},
		"near":   {900 * time.Millisecond, nil, nil},
		"behind": {1100 * time.Millisecond, nil, snowflake.ErrClockSkew},
		"ahead":  {-1100 * time.Millisecond, nil, snowflake.ErrClockSkew},
		"away":   {0, away, away},
	} {
		bubble(t, func(t *testing.T) {
			err := snowflake.New(snowflake.Config{
				Leases:     &snowflaketest.Leases{},
				StoreClock: func(context.Context) (time.Time, error) { return time.Now().Add(c.store), c.err },
			}).Open(t.Context())
			if !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		})
	}
}

func TestAClockThatIsNotSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // in the year 2000
		g := open(t, snowflake.Config{Leases: &snowflaketest.Leases{}})
		if id, err := g.Mint(t.Context()); !errors.Is(err, snowflake.ErrClockBehind) || id != 0 {
			t.Errorf("%d, %v; want ErrClockBehind", id, err)
		}
	})
}

// away is a table that can be cut off.
type away struct {
	snowflake.Leases
	cut bool
}

var errCut = errors.New("connection refused")

func (a *away) Extend(ctx context.Context, l snowflake.Lease, until snowflake.Millis) (snowflake.Lease, error) {
	if a.cut {
		return snowflake.Lease{}, errCut
	}
	return a.Leases.Extend(ctx, l, until)
}

func TestWithoutATableItGoesOnUntilTheLeaseEnds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		table := &away{Leases: &snowflaketest.Leases{}, cut: true}
		g := open(t, snowflake.Config{Leases: table})
		pass(time.Second)
		last := mint(t, g)
		pass(time.Millisecond)
		if id, err := g.Mint(t.Context()); !errors.Is(err, snowflake.ErrUnavailable) || !errors.Is(err, errCut) || id != 0 {
			t.Fatalf("past the lease: %d, %v", id, err)
		}
		table.cut = false
		if id := mint(t, g, last); id <= last {
			t.Fatalf("%d after %d", id, last)
		}
	})
}

func TestMintEndsWithItsContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		blocked := &blocking{Leases: &snowflaketest.Leases{}}
		g := open(t, snowflake.Config{Leases: blocked})
		pass(2 * time.Second)
		errs := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := g.Mint(ctx)
				errs <- err
			}()
		}
		synctest.Wait()
		cancel()
		for range 2 {
			if err := <-errs; !errors.Is(err, context.Canceled) {
				t.Errorf("mint: %v", err)
			}
		}
	})
}

// blocking is a table whose Extend hangs until its caller has gone.
type blocking struct{ snowflake.Leases }

func (b *blocking) Extend(ctx context.Context, _ snowflake.Lease, _ snowflake.Millis) (snowflake.Lease, error) {
	<-ctx.Done()
	return snowflake.Lease{}, ctx.Err()
}

func BenchmarkMint(b *testing.B) {
	now := time.Now()
	g := open(b, snowflake.Config{Leases: &snowflaketest.Leases{}, Now: func() time.Time {
		now = now.Add(time.Microsecond)
		return now
	}})
	for b.Loop() {
		if _, err := g.Mint(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
