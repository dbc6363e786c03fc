package queuetest

import (
	"errors"

	"github.com/starlinghq/starling/internal/queue"
)

func ackCases() []Case {
	return []Case{
		{Name: "AckIsAPrefix", run: ackPrefix},
		{Name: "AckAgain", run: ackAgain},
		{Name: "UnackedComesAgainFirst", run: unackedFirst},
		{Name: "AckOfADeadSubscription", run: ackDead},
		{Name: "AckOfAnotherSubscription", run: ackForeign},
		{Name: "AckedNeverComesAgain", Needs: "Restart", run: ackedIsGone},
	}
}

func ackPrefix(e *env) {
	ms := e.messages(free, e.key(0, 0), 6)
	e.publish(ms...)
	sub := e.subscribe(free, 0, plenty)
	ds := e.expect(sub, ms...)
	e.ack(sub, ds[3])
	sub = e.reopen(sub, free, 0)
	ds = e.expect(sub, ms[4:]...)
	e.ack(sub, ds[0])
	sub = e.reopen(sub, free, 0)
	ds = e.expect(sub, ms[5])
	e.ack(sub, ds[0])
	e.nothing(e.reopen(sub, free, 0))
}

func ackAgain(e *env) {
	ms := e.messages(free, e.key(0, 0), 4)
	e.publish(ms...)
	sub := e.subscribe(free, 0, plenty)
	ds := e.expect(sub, ms[:3]...)
	e.ack(sub, ds[2])
	e.ack(sub, ds[2])
	e.ack(sub, ds[0]) // covered by what went before
	e.expect(e.reopen(sub, free, 0), ms[3])
}

func unackedFirst(e *env) {
	ms := e.messages(free, e.key(0, 0), 9)
	e.publish(ms[:5]...)
	sub := e.subscribe(free, 0, plenty)
	e.ack(sub, e.expect(sub, ms[:4]...)[0])
	e.publish(ms[5:]...)
	sub = e.reopen(sub, free, 0)
	for _, d := range e.expect(sub, ms[1:]...) {
		if d.Recovered {
			e.Errorf("%s was delivered again in its order, yet is marked as recovered", d.ID)
		}
	}
}

// An acknowledgement that comes after its subscription died must not reach
// the messages that the next one was handed under the same numbers.
func ackDead(e *env) {
	ms := e.messages(free, e.key(0, 0), 4)
	e.publish(ms...)
	dead := e.subscribe(free, 0, plenty)
	old := e.expect(dead, ms[:3]...)
	sub := e.reopen(dead, free, 0)
	e.expect(sub, ms[:2]...)
	for _, d := range old {
		if err := dead.AckThrough(e.Context(), d); !errors.Is(err, queue.ErrClosed) {
			e.Errorf("ack on a dead subscription: %v, want ErrClosed", err)
		}
	}
	e.expect(e.reopen(sub, free, 0), ms...)
}

func ackForeign(e *env) {
	ms := e.messages(free, e.key(0, 0), 3)
	e.publish(ms...)
	dead := e.subscribe(free, 0, plenty)
	old := e.expect(dead, ms...)
	sub := e.reopen(dead, free, 0)
	e.expect(sub, ms...)
	if err := sub.AckThrough(e.Context(), old[1]); err == nil {
		e.Errorf("a delivery of another subscription was acknowledged")
	}
	e.expect(e.reopen(sub, free, 0), ms...)
}

func ackedIsGone(e *env) {
	ms := e.messages(free, e.key(0, 0), 5)
	e.publish(ms...)
	sub := e.subscribe(free, 0, plenty)
	e.ack(sub, e.expect(sub, ms...)[2])
	e.q = e.h.Restart(e.T)
	sub = e.subscribe(free, 0, plenty)
	ds := e.expect(sub, ms[3:]...)
	e.nothing(sub)
	e.ack(sub, ds[1])
	e.q = e.h.Restart(e.T)
	sub = e.subscribe(free, 0, plenty)
	e.nothing(sub)
	m := e.message(free, e.key(0, 0)) // numbers go on where they were
	e.publish(m)
	e.expect(sub, m)
}
