package queuetest

import (
	"time"

	"github.com/starlinghq/starling/internal/queue"
)

func ladderCases() []Case {
	return []Case{
		{Name: "LadderRestsAndReturns", run: ladderReturns},
		{Name: "LadderLetsOthersPass", run: ladderPasses},
		{Name: "LadderUnacked", run: ladderUnacked},
		{Name: "LadderSurvivesRestart", Needs: "Restart", run: ladderRestart},
		{Name: "LadderSurvivesCrash", Needs: "Crash", run: ladderCrash},
		{Name: "AttemptsAreKept", run: attemptsKept},
	}
}

func (e *env) retry(d queue.Delivery, r queue.Rung, attempts int) {
	e.Helper()
	ctx, cancel := e.ctx()
	defer cancel()
	if err := e.q.Retry(ctx, d, r, attempts); err != nil {
		e.Fatalf("retry %s: %v", d.ID, err)
	}
}

// recovered checks a delivery that comes from the ladder or from parking.
func (e *env) recovered(d queue.Delivery, want queue.Message, attempts int) {
	e.Helper()
	e.same(d.Message, want)
	if !d.Recovered || d.Attempts != attempts {
		e.Errorf("%s came back with recovered %t and %d attempts, want true and %d", d.ID, d.Recovered, d.Attempts, attempts)
	}
}

func ladderReturns(e *env) {
	sub := e.subscribe(free, 0, plenty)
	m := e.message(free, e.key(0, 0))
	m.Headers = map[string]string{"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
	e.publish(m)
	d := e.expect(sub, m)[0]
	for i, rung := range []queue.Rung{queue.Rung1s, queue.Rung10s, queue.Rung60s, queue.Rung1s} {
		begin := time.Now()
		e.retry(d, rung, i+1)
		e.ack(sub, d)
		e.nothing(sub)
		e.pass(max(0, e.delay(rung)-patience/2)) // the rest is waited for
		d = e.next(sub)
		if rested := time.Since(begin); rested < e.delay(rung) || rested > e.delay(rung)+patience/4 {
			e.Errorf("rung %d: rested %v, not %v", rung, rested, e.delay(rung))
		}
		e.recovered(d, m, i+1)
	}
	e.ack(sub, d)
	e.nothing(sub)
}

func ladderPasses(e *env) {
	ms := e.messages(free, e.key(0, 0), 5)
	e.publish(ms...)
	sub := e.subscribe(free, 0, plenty)
	ds := e.expect(sub, ms[:3]...)
	e.retry(ds[1], queue.Rung1s, 1)
	e.ack(sub, ds[2])
	rest := e.expect(sub, ms[3:]...)
	d := e.next(sub)
	e.recovered(d, ms[1], 1)
	e.ack(sub, rest[1])
	e.ack(sub, d)
	e.nothing(e.reopen(sub, free, 0))
}

// A crash between Retry and the acknowledgement doubles the message; it never
// loses it.
func ladderUnacked(e *env) {
	m := e.message(free, e.key(0, 0))
	e.publish(m)
	sub := e.subscribe(free, 0, plenty)
	e.retry(e.expect(sub, m)[0], queue.Rung1s, 1)
	sub = e.reopen(sub, free, 0)
	d := e.expect(sub, m)[0]
	e.ack(sub, d)
	e.recovered(e.next(sub), m, 1)
}

// longest is how long a message may take down from the ladder over a crash: a
// broker that moves it by itself may have lost the confirmation of the move and
// repeats it only then (RabbitMQ: after three minutes), behind what rested longer.
const longest = 4 * time.Minute

func ladderRestart(e *env) { ladderOver(e, e.h.Restart) }

func ladderCrash(e *env) { ladderOver(e, e.h.Crash) }

func ladderOver(e *env, again func(T) queue.Queue) {
	ms := e.messages(free, e.key(0, 0), 3)
	e.publish(ms...)
	sub := e.subscribe(free, 0, plenty)
	ds := e.expect(sub, ms...)
	begin := time.Now()
	e.retry(ds[0], queue.Rung10s, 2)
	e.retry(ds[2], queue.Rung1s, 4)
	e.ack(sub, ds[2])
	e.publish(e.message(limited, e.key(0, 0))) // whatever it was behind is safe when this is
	e.q = again(e.T)
	e.eventually("2 rest", func() bool { return e.resting() == 2 })
	sub = e.subscribe(free, 0, plenty)
	back := map[string]queue.Delivery{}
	for range 2 {
		d := e.nextWithin(sub, longest)
		e.ack(sub, d)
		back[d.ID] = d
	}
	e.recovered(back[ms[2].ID], ms[2], 4)
	e.recovered(back[ms[0].ID], ms[0], 2)
	if rested := time.Since(begin); rested < e.delay(queue.Rung10s) {
		e.Errorf("rested %v, not %v: the delay began anew or was forgotten", rested, e.delay(queue.Rung10s))
	}
}

// What was counted stays with its message, over deliveries that nobody
// acknowledged, and being delivered again counts for nothing.
func attemptsKept(e *env) {
	ms := e.messages(free, e.key(0, 0), 3)
	e.publish(ms...)
	sub := e.subscribe(free, 0, plenty)
	ds := e.expect(sub, ms...)
	e.retry(ds[1], queue.Rung1s, 3)
	e.ack(sub, ds[2])
	e.recovered(e.next(sub), ms[1], 3)
	again := e.message(free, e.key(0, 0))
	e.publish(again)
	for range 2 {
		sub = e.reopen(sub, free, 0)
		e.recovered(e.next(sub), ms[1], 3)
		if d := e.expect(sub, again)[0]; d.Attempts != 0 || d.Recovered {
			e.Errorf("%s never failed, but arrived with %d attempts, recovered %t", d.ID, d.Attempts, d.Recovered)
		}
	}
}
