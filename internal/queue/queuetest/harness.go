package queuetest

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/starlinghq/starling/internal/queue"
)

// T is what a case needs of a test. *testing.T has it; so has the recorder
// under which broken adapters run.
type T interface {
	rapid.TB
	Context() context.Context
	Cleanup(f func())
}

// Harness is one adapter, opened anew for one case, with empty queues.
//
// FamilyTweets must refuse above Limit messages, every other family of package
// social be without a limit. Optional hooks that an adapter cannot offer are
// nil, with the reason in Lacks under the name of the field; their cases are
// then skipped with it.
type Harness struct {
	Queue  queue.Queue
	Peer   queue.Queue // the same queues from another process; nil: Queue itself
	Shards int
	Limit  int64 // optional, 4 to 100

	// Delay is how long a rung rests here; nil means Rung.Delay. Adapters that
	// need real time configure shorter rungs.
	Delay func(queue.Rung) time.Duration
	// Quiet is how long silence must last to mean that nothing comes; 0 means
	// 100 ms, which is long for what lives in this process.
	Quiet time.Duration
	// Restart ends the process in good order and starts it again. Optional.
	Restart func(t T) queue.Queue
	// Crash ends it as a power cut would, and starts it again. Optional.
	Crash func(t T) queue.Queue
	// Full takes the room from the disk, or gives it back. Optional.
	Full func(full bool)
	// Away cuts the process off from its broker, or lets it come back. Optional.
	Away func(away bool)
	// Close frees what the harness holds, before the test ends. Optional.
	Close func()

	Lacks map[string]string
}

// Open makes the harness of one case. It registers its own cleanup with t.
type Open func(t testing.TB) Harness

// Wrap puts a decorator around every queue of a harness.
func Wrap(h Harness, decorate func(queue.Queue) queue.Queue) Harness {
	h.Queue = decorate(h.Queue)
	if h.Peer != nil {
		h.Peer = decorate(h.Peer)
	}
	if restart := h.Restart; restart != nil {
		h.Restart = func(t T) queue.Queue { return decorate(restart(t)) }
	}
	if crash := h.Crash; crash != nil {
		h.Crash = func(t T) queue.Queue { return decorate(crash(t)) }
	}
	return h
}

// Case is one promise.
type Case struct {
	Name  string
	Needs string // the optional hook that it cannot do without
	run   func(e *env)
}

// Cases returns the whole suite.
func Cases() []Case {
	var all []Case
	for _, group := range [][]Case{deliveryCases(), ackCases(), ladderCases(), parkingCases(), limitCases(), awayCases(), crashCases(), modelCases()} {
		all = append(all, group...)
	}
	return all
}

// Run runs the suite in real time. Its cases wait most of it, so they run beside
// each other: open gives each queues of its own.
func Run(t *testing.T, open func(t testing.TB) Harness) {
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			c.check(t, func() Harness { return open(t) })
		})
	}
}

// RunCases runs those cases that pick chooses, for harnesses whose faults are
// too slow for all of them.
func RunCases(t *testing.T, open func(t testing.TB) Harness, pick func(Case) bool) {
	for _, c := range Cases() {
		if pick(c) {
			t.Run(c.Name, func(t *testing.T) { c.check(t, func() Harness { return open(t) }) })
		}
	}
}

// MustFail runs one case with an adapter that is known to break its promise,
// and fails if the case does not notice.
func MustFail(t *testing.T, name string, open func(t testing.TB) Harness) {
	t.Helper()
	for _, c := range Cases() {
		if c.Name == name {
			mustFail(t, c, func() Harness { return open(t) })
			return
		}
	}
	t.Fatalf("there is no case %s", name)
}

// RunInBubble runs the suite with each case in a bubble of testing/synctest,
// for adapters that live in one process: the ladder's minutes cost nothing.
func RunInBubble(t *testing.T, open func(t testing.TB) Harness) {
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { c.check(t, func() Harness { return open(t) }) })
		})
	}
}

// check runs the case on a new harness; open gives it more if it needs them.
func (c Case) check(t T, open func() Harness) {
	t.Helper()
	h := open()
	if c.Needs != "" && !h.has(c.Needs) {
		reason := h.Lacks[c.Needs]
		if reason == "" {
			t.Fatalf("the harness has no %s and gives no reason", c.Needs)
		}
		t.Skipf("no %s: %s", c.Needs, reason)
	}
	c.run(&env{T: t, open: open, h: h, q: h.Queue})
}

func (h Harness) has(hook string) bool {
	switch hook {
	case "Limit":
		return h.Limit > 0
	case "Restart":
		return h.Restart != nil
	case "Crash":
		return h.Crash != nil
	case "Away":
		return h.Away != nil
	case "Full":
		return h.Full != nil
	}
	panic(fmt.Sprintf("queuetest: no hook is called %s", hook))
}
