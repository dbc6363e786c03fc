package queuetest

import (
	"context"
	"flag"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/starlinghq/starling/internal/queue"
)

// Fault is a way to break an adapter that keeps its promises, and the cases
// that must notice.
type Fault struct {
	Name     string
	CaughtBy []string
	wrap     func(queue.Queue) queue.Queue
}

// Faults returns every fault that the suite is known to catch.
func Faults() []Fault {
	return []Fault{
		// What was confirmed.
		{"ConfirmsBeforeItIsSafe", []string{"ConfirmedSurvivesCrash", "UnackedSurvivesCrash"}, publishes(confirmEarly)},
		{"LosesEverySeventh", []string{"OrderOfConfirms", "OrderPerKeyUnderConcurrency", "RandomHistory"}, publishes(loseSome())},
		{"DropsHeaders", []string{"DeliversWhatWasPublished", "LadderRestsAndReturns"}, publishes(dropHeaders)},
		{"DeafToThePublishersContext", []string{"PublishHonoursItsContext"}, publishes(deafPublish)},

		// Order and who is active.
		{"SwapsNeighbours", []string{"OneCallKeepsItsOrder", "OrderOfConfirms", "AckIsAPrefix", "RandomHistory"}, subscribes(swapping)},
		{"FeedsEverySubscriber", []string{"OneActiveConsumer"}, everybodyActive},
		{"RedeliversLast", []string{"UnackedComesAgainFirst", "RandomHistory"}, redeliversLast},
		{"NoPrefetchBound", []string{"PrefetchIsABound", "OneActiveConsumer", "RandomHistory"}, noBound},
		{"CancelledWaitTakesAMessageAlong", []string{"NextHonoursItsContext"}, subscribes(swallowing)},
		{"PollsForMessages", []string{"NextWakes"}, subscribes(polling)},
		{"CloseDoesNotEnd", []string{"ClosedSubscriptionIsDead", "TakeOver"}, subscribes(endless)},

		// Acknowledgement.
		{"AcksNothing", []string{"AckIsAPrefix", "PrefetchIsABound", "AckedNeverComesAgain"}, subscribes(acksNothing)},
		{"AcksAllThatWasHandedOut", []string{"AckIsAPrefix", "UnackedComesAgainFirst", "AckedNeverComesAgain", "RandomHistory"}, subscribes(acksAll)},
		{"AcksByPositionAcrossSubscriptions", []string{"AckOfADeadSubscription"}, acksAcross},
		{"SaysThatADeadAckWorked", []string{"AckOfADeadSubscription"}, subscribes(acksDead)},
		{"RefusesToAckTwice", []string{"AckAgain"}, subscribes(acksOnce)},
		{"RelaysAfterTheAck", []string{"RelayIsDelivered", "RelayAndAckAreOne"}, relaysLate},

		// Ladder.
		{"RetryLoses", []string{"LadderRestsAndReturns", "LadderLetsOthersPass", "LadderSurvivesRestart"}, retries(retryLoses)},
		{"RetryAtOnce", []string{"LadderRestsAndReturns"}, retries(retryAtOnce)},
		{"RetryInMemory", []string{"LadderSurvivesRestart", "LadderSurvivesCrash", "RandomHistory"}, retries(retryInMemory)},
		{"RetryForgetsAttempts", []string{"LadderRestsAndReturns", "AttemptsAreKept"}, retries(retryForgets)},
		{"RetryOnTheWrongRung", []string{"LadderRestsAndReturns"}, retries(retryWrongRung)},
		{"DoesNotMarkRecovered", []string{"LadderRestsAndReturns", "ReplayBringsBack"}, subscribes(unmarked)},

		// Parking.
		{"ParkLoses", []string{"ParkedIsListed", "ReplayBringsBack"}, parks(parkLoses)},
		{"ParkForgetsWhy", []string{"ParkedIsListed"}, parks(parkForgets)},
		{"ListsFromTheStart", []string{"ParkedListPages"}, listsFromStart},
		{"ReplayLoses", []string{"ReplayBringsBack", "ParkedSurvivesRestart"}, replayLoses},
		{"ReplayLeavesACopy", []string{"ReplayBringsBack", "RandomHistory"}, replayCopies},
		{"DropDoesNothing", []string{"DropForgets", "ParkedSurvivesRestart"}, dropNothing},
		{"NobodyIsNeverMissing", []string{"ReplayBringsBack", "DropForgets"}, neverMissing},

		{"ParksInMemory", []string{"ParkedSurvivesRestart", "ParkingSurvivesCrash", "RandomHistory"}, parksInMemory},

		// Limits.
		{"TakesWhatNobodyReads", []string{"UnknownFamilyIsRefused"}, publishes(takeAny)},
		{"NeverRefuses", []string{"FullQueueRefuses", "FullQueueUnderConcurrency", "FullDiskRefusesAndPauses"}, publishes(neverRefuse)},
		{"RefusesWhatItTook", []string{"FullQueueRefuses"}, publishes(refuseTaken)},
		{"AlwaysAdmits", []string{"FullQueueRefuses", "FullDiskRefusesAndPauses"}, alwaysAdmits},
		{"RefusesRelays", []string{"FullQueueRefuses", "FullDiskRefusesAndPauses"}, refusesRelays},
		{"TellsNoDepth", []string{"DepthIsTold"}, noDepth},
	}
}

// RunBroken shows that the suite notices each fault, put around a working
// adapter: every case that is named for it must fail.
func RunBroken(t *testing.T, open func(t testing.TB) Harness) {
	runBroken(t, open, func(t *testing.T, f func(t *testing.T)) { f(t) })
}

// RunBrokenInBubble is RunBroken with each case in a bubble.
func RunBrokenInBubble(t *testing.T, open func(t testing.TB) Harness) {
	runBroken(t, open, synctest.Test)
}

func runBroken(t *testing.T, open func(t testing.TB) Harness, in func(*testing.T, func(*testing.T))) {
	// A history that fails here has done its duty and is not to be kept; and
	// whether a fault is noticed must not depend on luck.
	setFlag(t, "rapid.nofailfile", "true")
	setFlag(t, "rapid.seed", "1")
	cases := map[string]Case{}
	for _, c := range Cases() {
		cases[c.Name] = c
	}
	for _, fault := range Faults() {
		for _, name := range fault.CaughtBy {
			c, ok := cases[name]
			if !ok {
				t.Errorf("%s: there is no case %s", fault.Name, name)
				continue
			}
			t.Run(fault.Name+"/"+name, func(t *testing.T) {
				in(t, func(t *testing.T) { mustFail(t, c, func() Harness { return Wrap(open(t), fault.wrap) }) })
			})
		}
	}
}

func setFlag(t *testing.T, name, value string) {
	t.Helper()
	was := flag.Lookup(name).Value.String()
	if err := flag.Set(name, value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := flag.Set(name, was); err != nil {
			t.Error(err)
		}
	})
}

func mustFail(t *testing.T, c Case, open func() Harness) {
	t.Helper()
	failed, skipped, said := attempt(t, func(r T) { c.check(r, open) })
	switch {
	case skipped:
		t.Skip(said)
	case !failed:
		t.Errorf("%s does not notice", c.Name)
	default:
		t.Logf("noticed: %s", strings.Join(said, "; "))
	}
}

// The decorators from which the faults are made: each replaces one method.

type publishFunc func(ctx context.Context, q queue.Queue, ms []queue.Message) error

type publisher struct {
	queue.Queue
	publish publishFunc
}

func publishes(f publishFunc) func(queue.Queue) queue.Queue {
	return func(q queue.Queue) queue.Queue { return publisher{q, f} }
}

func (q publisher) Publish(ctx context.Context, ms ...queue.Message) error {
	return q.publish(ctx, q.Queue, ms)
}

type subscriber struct {
	queue.Queue
	wrap func(queue.Subscription) queue.Subscription
}

func subscribes(wrap func(queue.Subscription) queue.Subscription) func(queue.Queue) queue.Queue {
	return func(q queue.Queue) queue.Queue { return subscriber{q, wrap} }
}

func (q subscriber) Subscribe(ctx context.Context, n queue.Name, prefetch int) (queue.Subscription, error) {
	sub, err := q.Queue.Subscribe(ctx, n, prefetch)
	if err != nil {
		return nil, err
	}
	return q.wrap(sub), nil
}

type retryFunc func(ctx context.Context, q queue.Queue, d queue.Delivery, r queue.Rung, attempts int) error

type retrier struct {
	queue.Queue
	retry retryFunc
}

func retries(f retryFunc) func(queue.Queue) queue.Queue {
	return func(q queue.Queue) queue.Queue { return retrier{q, f} }
}

func (q retrier) Retry(ctx context.Context, d queue.Delivery, r queue.Rung, attempts int) error {
	return q.retry(ctx, q.Queue, d, r, attempts)
}

type parkFunc func(ctx context.Context, q queue.Queue, d queue.Delivery, reason string) error

type parker struct {
	queue.Queue
	park parkFunc
}

func parks(f parkFunc) func(queue.Queue) queue.Queue {
	return func(q queue.Queue) queue.Queue { return parker{q, f} }
}

func (q parker) Park(ctx context.Context, d queue.Delivery, reason string) error {
	return q.park(ctx, q.Queue, d, reason)
}
