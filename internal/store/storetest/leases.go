package storetest

import (
	"errors"
	"sync"
	"time"

	"github.com/starlinghq/starling/internal/snowflake"
)

func leaseChecks() []check {
	return []check{
		{"leases/two holders never share a millisecond", leasesDisjoint},
		{"leases/two at once get two numbers", leaseRace},
		{"leases/a reservation never moves back", leaseExtend},
		{"leases/are lost to the next holder", leaseLost},
	}
}

func now() snowflake.Millis { return snowflake.MillisOf(time.Now()) }

// leaseBook knows who may mint what.
type leaseBook struct {
	e    *env
	last map[int]snowflake.Lease // the last holder of each number
}

func newLeaseBook(e *env) *leaseBook { return &leaseBook{e: e, last: map[int]snowflake.Lease{}} }

// take takes a number at a moment for d and checks it against the holders
// before.
func (b *leaseBook) take(at snowflake.Millis, d time.Duration) snowflake.Lease {
	b.e.Helper()
	until := at + snowflake.Millis(d.Milliseconds())
	l, err := b.e.Take(b.e.ctx, at, until)
	b.e.must(err)
	b.add(l, at, until)
	return l
}

func (b *leaseBook) add(l snowflake.Lease, at, until snowflake.Millis) {
	b.e.Helper()
	if l.Node < 0 || l.Node >= snowflake.Nodes {
		b.e.Fatalf("took node number %d", l.Node)
	}
	if l.Until < until {
		b.e.Errorf("number %d is reserved to %d, asked for %d", l.Node, l.Until, until)
	}
	if was, ok := b.last[l.Node]; ok {
		if from := max(l.From, at); l.From == 0 && was.Until >= at || from <= was.Until {
			b.e.Errorf("number %d was reserved to %d, and the next holder begins at %d", l.Node, was.Until, from)
		}
		if was.Token == l.Token {
			b.e.Errorf("two holders of number %d have token %d", l.Node, l.Token)
		}
	}
	b.last[l.Node] = l
}

func leasesDisjoint(e *env) {
	b := newLeaseBook(e)
	at := now()
	for i := range 40 {
		l := b.take(at, 20*time.Millisecond)
		if i%3 == 0 {
			longer, err := e.Extend(e.ctx, l, l.Until+30)
			e.must(err)
			b.last[l.Node] = longer
		}
		at += 7
	}
}

func leaseRace(e *env) {
	const many = 8
	var (
		g  sync.WaitGroup
		mu sync.Mutex
		b  = newLeaseBook(e)
		at = now()
	)
	for range many {
		g.Go(func() {
			l, err := e.Take(e.ctx, at, at+1000)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				e.Errorf("take: %v", err)
				return
			}
			b.add(l, at, at+1000)
		})
	}
	g.Wait()
}

func leaseExtend(e *env) {
	at := now()
	l := newLeaseBook(e).take(at, time.Second)
	for _, until := range []snowflake.Millis{l.Until + 500, l.Until + 500, l.Until + 100, at} {
		got, err := e.Extend(e.ctx, l, until)
		e.must(err)
		l.Until = max(l.Until, until)
		e.equal("reservation", got.Until, l.Until)
		e.equal("number", got.Node, l.Node)
		e.equal("token", got.Token, l.Token)
	}
}

// leaseLost takes numbers that pass at once until one comes for the second
// time; its first holder has lost it then.
func leaseLost(e *env) {
	held := map[int]snowflake.Lease{}
	at := now()
	for range snowflake.Nodes + 1 {
		l, err := e.Take(e.ctx, at, at)
		e.must(err)
		if was, ok := held[l.Node]; ok {
			if _, err := e.Extend(e.ctx, was, at+1000); !errors.Is(err, snowflake.ErrLeaseLost) {
				e.Errorf("extended a lost lease: %v, want ErrLeaseLost", err)
			}
			_, err := e.Extend(e.ctx, l, at+1000)
			e.must(err)
			return
		}
		held[l.Node] = l
		at++
	}
	e.Error("took more numbers than there are, and none came twice")
}

func leasesSurvive(e *env) {
	e.need(Crash, e.h.crash != nil)
	b := newLeaseBook(e)
	at := now()
	was := b.take(at, time.Second)
	e.crashed()
	next := b.take(at, time.Second)
	if next.Node == was.Node && next.Token == was.Token {
		e.Errorf("a lease from before the crash was handed out again: %+v", next)
	}
}
