package queuetest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/starlinghq/starling/internal/queue"
)

func awayCases() []Case {
	return []Case{
		{Name: "CutEndsItsSubscriptions", Needs: "Away", run: cutEnds},
		{Name: "ConfirmedSurvivesCuts", Needs: "Away", run: confirmedSurvivesCuts},
		{Name: "RelayWaitsForTheBroker", Needs: "Away", run: relayWaits},
		{Name: "AwayRefusesAtOnce", Needs: "Away", run: awayRefuses},
	}
}

// cutEnds has a slow owner acknowledge, after the connection was lost and made
// again, what it was handed before. A client that reconnects behind its user's
// back counts deliveries anew: the same number means another message then,
// which is gone though nobody has handled it.
func cutEnds(e *env) {
	ms := e.messages(free, e.key(0, 0), 4)
	e.publish(ms...)
	sub := e.subscribe(free, 0, plenty)
	ds := e.expect(sub, ms...)
	e.ack(sub, ds[1])
	e.pass(e.quiet())
	e.h.Away(true)
	e.h.Away(false)
	late := e.message(free, e.key(0, 0))
	e.publishAtLast(late)
	for _, ok := e.poll(sub); ok; _, ok = e.poll(sub) { // a dead one ends at once
	}
	if err := sub.AckThrough(e.Context(), ds[2]); !errors.Is(err, queue.ErrClosed) {
		e.Errorf("ack over a lost connection: %v, want ErrClosed", err)
	}
	ctx, cancel := context.WithTimeout(e.Context(), e.quiet())
	defer cancel()
	if _, err := sub.Next(ctx); !errors.Is(err, queue.ErrClosed) {
		e.Errorf("next over a lost connection: %v, want ErrClosed", err)
	}
	e.expect(e.reopen(sub, free, 0), ms[2], ms[3], late)
}

// publishAtLast publishes as soon as the broker is there again. What a dying
// connection took along is published again, and may arrive twice.
func (e *env) publishAtLast(ms ...queue.Message) {
	e.Helper()
	for end := time.Now().Add(patience); ; e.pass(silence / 10) {
		ctx, cancel := e.ctx()
		err := e.q.Publish(ctx, ms...)
		cancel()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			e.Fatalf("publish after the broker came back: %v", err)
		}
	}
}

// confirmedSurvivesCuts cuts the connection under many publishers: what was
// confirmed arrives, what was refused does not, and each key keeps its order.
func confirmedSurvivesCuts(e *env) {
	const writers, cuts = 8, 3
	ctx, stop := context.WithCancel(e.Context())
	defer stop()
	must, mustNot := make([][]queue.Message, writers), make([][]queue.Message, writers)
	plans := make([][]queue.Message, writers)
	for i := range plans {
		plans[i] = e.messages(free, e.key(0, i), 2000)
	}
	var wg sync.WaitGroup
	for i, ms := range plans {
		wg.Go(func() {
			for _, m := range ms {
				err := e.q.Publish(ctx, m)
				switch {
				case ctx.Err() != nil:
					return
				case err == nil:
					must[i] = append(must[i], m)
				case !queue.MaybePublished(err):
					mustNot[i] = append(mustNot[i], m)
				}
			}
		})
	}
	for range cuts {
		e.pass(silence / 2)
		e.h.Away(true)
		e.h.Away(false)
		e.eventually("admitted again", func() bool { return e.q.Admit(e.Context(), free) == nil })
	}
	e.pass(silence / 2)
	stop()
	wg.Wait()
	last := e.message(free, e.key(0, 0))
	e.publishAtLast(last)
	e.checkArrivals(plans, must, mustNot, last)
}

func (e *env) checkArrivals(plans, must, mustNot [][]queue.Message, last queue.Message) {
	e.Helper()
	seen := map[string]int{}
	order := map[string]int{}
	for _, ms := range plans {
		for i, m := range ms {
			order[m.ID] = i
		}
	}
	at := map[string]int{} // the last of each key, by its id's place
	sub := e.subscribe(free, 0, plenty)
	for d := e.next(sub); d.ID != last.ID; d = e.next(sub) {
		seen[d.ID]++
		if key := d.Key.String(); order[d.ID] < at[key] {
			e.Fatalf("key %s: %s arrived behind number %d", key, d.ID, at[key])
		} else {
			at[key] = order[d.ID]
		}
		e.ack(sub, d)
	}
	confirmed := 0
	for i := range plans {
		confirmed += len(must[i])
		for _, m := range must[i] {
			if seen[m.ID] != 1 {
				e.Errorf("%s was confirmed and arrived %d times", m.ID, seen[m.ID])
			}
		}
		for _, m := range mustNot[i] {
			if seen[m.ID] != 0 {
				e.Errorf("%s was refused and arrived", m.ID)
			}
		}
	}
	if confirmed == 0 {
		e.Errorf("nothing was confirmed between the cuts")
	}
}

// relayWaits relays while the broker is away: an owner who waits is served
// when it comes back.
func relayWaits(e *env) {
	ms := e.messages(free, e.key(0, 0), 5)
	e.h.Away(true)
	done := make(chan error, 1)
	ctx, cancel := context.WithCancel(e.Context())
	defer cancel()
	go func() { done <- e.q.Relay(ctx, ms...) }()
	e.pass(e.quiet())
	select {
	case err := <-done:
		e.Errorf("relay ended with %v while the broker was away", err)
		done <- err
	default:
	}
	e.h.Away(false)
	stop := time.AfterFunc(patience, cancel) // its time begins when the broker is back
	defer stop.Stop()
	if err := <-done; err != nil {
		e.Fatalf("relay: %v", err)
	}
	e.expect(e.subscribe(free, 0, plenty), ms...)
}

// awayRefuses wants a quick and sure answer from a broker that is not there.
func awayRefuses(e *env) {
	e.h.Away(true)
	m := e.message(free, e.key(0, 0))
	e.eventually("the cut is noticed", func() bool { return e.q.Admit(e.Context(), free) != nil })
	e.overloaded("admit while the broker is away", e.q.Admit(e.Context(), free))
	begin := time.Now()
	e.overloaded("publish while the broker is away", e.q.Publish(e.Context(), m))
	if waited := time.Since(begin); waited > 2*time.Second {
		e.Errorf("refused after %v", waited)
	}
	e.h.Away(false)
	late := e.message(free, e.key(0, 0))
	e.publishAtLast(late)
	sub := e.subscribe(free, 0, plenty)
	e.expect(sub, late)
	e.nothing(sub)
}
