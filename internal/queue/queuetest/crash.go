package queuetest

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/starlinghq/starling/internal/queue"
)

func crashCases() []Case {
	return []Case{
		{Name: "ConfirmedSurvivesCrash", Needs: "Crash", run: confirmedSurvives},
		{Name: "ConfirmedSurvivesRestart", Needs: "Restart", run: confirmedRestart},
		{Name: "UnackedSurvivesCrash", Needs: "Crash", run: unackedSurvives},
		{Name: "RelayAndAckAreOne", Needs: "Crash", run: relayAndAck},
	}
}

func confirmedSurvives(e *env) {
	for range 5 {
		m := e.message(free, e.key(0, 0))
		e.publish(m)
		e.q = e.h.Crash(e.T)
		sub := e.subscribe(free, 0, plenty)
		e.ack(sub, e.expectLast(sub, m))
	}
}

// expectLast takes deliveries until m comes, which must be the last one: what
// is before it was acknowledged shortly before a crash.
func (e *env) expectLast(sub queue.Subscription, m queue.Message) queue.Delivery {
	e.Helper()
	for {
		if d := e.next(sub); d.ID == m.ID {
			e.same(d.Message, m)
			e.nothing(sub)
			return d
		}
	}
}

func confirmedRestart(e *env) {
	ms := e.messages(free, e.key(0, 0), 5)
	e.publish(ms...)
	e.q = e.h.Restart(e.T)
	e.expect(e.subscribe(free, 0, plenty), ms...)
}

// unackedSurvives crashes under many publishers at once: every confirmed
// message is there, each once, those of one key in order.
func unackedSurvives(e *env) {
	const writers = 8
	ctx, stop := context.WithCancel(e.Context())
	defer stop()
	confirmed := make([][]queue.Message, writers)
	plans := make([][]queue.Message, writers)
	for i := range plans {
		plans[i] = e.messages(free, e.key(0, i), 200)
	}
	var wg sync.WaitGroup
	q := e.q
	for i, ms := range plans {
		wg.Go(func() {
			for _, m := range ms {
				if q.Publish(ctx, m) != nil {
					return
				}
				confirmed[i] = append(confirmed[i], m)
			}
		})
	}
	e.pass(time.Millisecond)
	stop()
	wg.Wait()
	e.q = e.h.Crash(e.T)
	sub := e.subscribe(free, 0, plenty*writers)
	last := e.message(free, e.key(0, 0))
	e.publish(last)
	seen := map[string]int{}
	place := make([]int, writers) // how much of each plan has arrived
	for d := e.next(sub); d.ID != last.ID; d = e.next(sub) {
		seen[d.ID]++
		i := slices.IndexFunc(plans, func(ms []queue.Message) bool { return ms[0].Key == d.Key })
		if want := plans[i][place[i]].ID; d.ID != want {
			e.Fatalf("key %d: %s arrived, %s is the next", d.Key, d.ID, want)
		}
		place[i]++
	}
	for _, ms := range confirmed {
		for _, m := range ms {
			if seen[m.ID] != 1 {
				e.Errorf("%s was confirmed before the crash and arrived %d times", m.ID, seen[m.ID])
			}
		}
	}
}

// relayAndAck runs an owner that relays one message for each it is handed and
// then acknowledges, and crashes it at many places. What was acknowledged must
// have been relayed, and what was not must come again.
func relayAndAck(e *env) {
	ms := e.messages(limited, e.key(0, 0), 4)
	e.publish(ms...)
	for round := 0; e.settled(ms) < len(ms); round++ {
		if round > 3*len(ms) {
			e.Fatalf("no progress over %d crashes", round)
		}
		sub := e.subscribe(limited, 0, plenty)
		for range 1 + round%2 {
			d, ok := e.poll(sub)
			if !ok {
				break
			}
			follow := e.message(free, e.key(1, 0))
			follow.ID = d.ID
			e.relay(follow)
			e.ack(sub, d)
			if round%3 == 0 { // sometimes the crash takes nothing
				e.publish(e.message(free, e.key(0, 0)))
			}
		}
		e.q = e.h.Crash(e.T)
	}
}

// settled counts the messages that no longer come and checks that each was
// relayed.
func (e *env) settled(ms []queue.Message) int {
	e.Helper()
	target := e.subscribe(free, 1, plenty)
	defer e.close(target)
	derived := map[string]bool{}
	for d, ok := e.poll(target); ok; d, ok = e.poll(target) {
		derived[d.ID] = true
	}
	sub := e.subscribe(limited, 0, plenty)
	defer e.close(sub)
	left := len(ms)
	if d, ok := e.poll(sub); ok {
		left = slices.IndexFunc(ms, func(m queue.Message) bool { return m.ID == d.ID })
	}
	for _, m := range ms[:left] {
		if !derived[m.ID] {
			e.Fatalf("%s is acknowledged, but what was relayed before is lost", m.ID)
		}
	}
	return left
}

// poll returns a delivery if there is one.
func (e *env) poll(sub queue.Subscription) (queue.Delivery, bool) {
	ctx, cancel := context.WithTimeout(e.Context(), e.quiet())
	defer cancel()
	d, err := sub.Next(ctx)
	return d, err == nil
}
