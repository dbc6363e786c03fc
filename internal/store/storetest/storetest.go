package storetest

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// Capability is something that a test needs beyond the seam.
type Capability string

// The capabilities, each with the option that gives it.
const (
	Crash Capability = "crash" // WithCrash
	Clock Capability = "clock" // WithClock
	Peer  Capability = "peer"  // WithPeer
)

// Option tells the suite more about an adapter.
type Option func(*harness)

// WithCrash lets the suite crash what holds the store, after a Settle, and go
// on with the store that f returns.
func WithCrash(f func(testing.TB, store.Store) store.Store) Option {
	return func(h *harness) { h.crash = f }
}

// WithClock lets the suite move the clock by which idempotency keys end.
func WithClock(f func(testing.TB, store.Store, time.Duration)) Option {
	return func(h *harness) { h.advance = f }
}

// WithPeer lets the suite look at the same data from another process, or from
// what stands for one.
func WithPeer(f func(testing.TB, store.Store) store.Store) Option {
	return func(h *harness) { h.peer = f }
}

// Without says why an adapter has no hook for a capability.
func Without(c Capability, reason string) Option {
	return func(h *harness) { h.without[c] = reason }
}

type harness struct {
	open    func(testing.TB) store.Store
	crash   func(testing.TB, store.Store) store.Store
	advance func(testing.TB, store.Store, time.Duration)
	peer    func(testing.TB, store.Store) store.Store
	without map[Capability]string
	mint    *mint
}

func newHarness(open func(testing.TB) store.Store, opts []Option) *harness {
	h := &harness{open: open, without: map[Capability]string{}, mint: newMint()}
	for _, o := range opts {
		o(h)
	}
	return h
}

// Run holds the adapter that open returns to every promise of the seam. Open
// cleans up by t.Cleanup and may return a store that is in use.
func Run(t *testing.T, open func(testing.TB) store.Store, opts ...Option) {
	h := newHarness(open, opts)
	for _, c := range checks() {
		t.Run(c.name, func(t *testing.T) { c.run(newEnv(t, h)) })
	}
}

// check is one promise.
type check struct {
	name string
	run  func(*env)
}

// checks is the whole suite.
func checks() []check {
	return slices.Concat(tweetChecks(), userChecks(), relationChecks(), likeChecks(),
		commentChecks(), claimChecks(), epochChecks(), leaseChecks(), errorChecks(), historyChecks(), crashChecks())
}

// env is what a check works with.
type env struct {
	testing.TB
	store.Store
	ctx context.Context
	h   *harness
}

func newEnv(t testing.TB, h *harness) *env {
	return &env{TB: t, Store: h.open(t), ctx: t.Context(), h: h}
}

// need skips the test where the hook of c is left out for a reason, and fails
// it where nobody said anything.
func (e *env) need(c Capability, given bool) {
	e.Helper()
	switch reason, left := e.h.without[c]; {
	case given:
	case left:
		e.Skipf("not run, the adapter has no %s: %s", c, reason)
	default:
		e.Fatalf("no hook for %s and no reason why: give storetest.With%s or storetest.Without", c, c)
	}
}

// crashed crashes the store after a Settle and goes on with its successor.
func (e *env) crashed() {
	e.Helper()
	e.must(e.Settle(e.ctx))
	e.Store = e.h.crash(e.TB, e.Store)
}

func (e *env) must(err error) {
	e.Helper()
	if err != nil {
		e.Fatal(err)
	}
}

// equal reports what differs. Empty and missing lists are the same.
func (e *env) equal(what string, got, want any) {
	e.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		e.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// mint makes the ids of a run: one a millisecond from the present one on, with a
// node and a sequence drawn for the run, so that runs over one store do not meet.
type mint struct {
	from      snowflake.Millis
	ticks     atomic.Int64
	node, seq int
}

func newMint() *mint {
	return &mint{
		from: snowflake.MillisOf(time.Now()),
		node: rand.IntN(snowflake.Nodes - 2),      // twins have the next two
		seq:  1 + rand.IntN(snowflake.PerMilli-1), // a later node may be earlier in its millisecond
	}
}

func (m *mint) at(ms snowflake.Millis) snowflake.ID { return snowflake.Make(ms, m.node, m.seq) }

// id returns an id that nobody has.
func (e *env) id() snowflake.ID {
	m := e.h.mint
	return m.at(m.from + snowflake.Millis(m.ticks.Add(1)))
}

func (e *env) user() social.UserID   { return social.UserID(e.id()) }
func (e *env) tweet() social.TweetID { return social.TweetID(e.id()) }

// twin returns an id of the same millisecond and sequence, made by a later node,
// and so larger.
func twin(id snowflake.ID) snowflake.ID {
	return snowflake.Make(snowflake.Millis(id.Millis()), id.Node()+1, id.Seq())
}

// early returns an id of the same millisecond that a later node made as its
// first: larger, though its sequence is smaller.
func early(id snowflake.ID) snowflake.ID {
	return snowflake.Make(snowflake.Millis(id.Millis()), id.Node()+1, 0)
}

// shard returns a shard that never had an owner.
func (e *env) shard(f social.Family) store.Shard {
	return store.Shard{Family: f, Number: 1000 + rand.IntN(1<<30)}
}

// own returns the fence of a new owner of s.
func (e *env) own(s store.Shard) store.Fence {
	e.Helper()
	read, err := e.Epoch(e.ctx, s)
	e.must(err)
	taken, err := e.TakeEpoch(e.ctx, s, read)
	e.must(err)
	return store.NewFence(s, taken)
}

// fence returns the fence of the owner of a new shard.
func (e *env) fence(f social.Family) store.Fence {
	e.Helper()
	return e.own(e.shard(f))
}

func on(event snowflake.ID) social.Last  { return social.Last{Event: event, State: social.On} }
func off(event snowflake.ID) social.Last { return social.Last{Event: event, State: social.Off} }

// nexts are the ways in which an event can be the larger one of two: later, or
// in the same millisecond on a later node, with any sequence.
func nexts(e *env) map[string]func(snowflake.ID) snowflake.ID {
	return map[string]func(snowflake.ID) snowflake.ID{
		"later event":      func(snowflake.ID) snowflake.ID { return e.id() },
		"same sequence":    twin,
		"smaller sequence": early,
	}
}
