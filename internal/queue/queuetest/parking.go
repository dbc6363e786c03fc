package queuetest

import (
	"errors"
	"slices"
	"time"

	"github.com/starlinghq/starling/internal/queue"
)

func parkingCases() []Case {
	return []Case{
		{Name: "ParkedIsListed", run: parkedListed},
		{Name: "ParkedListPages", run: parkedPages},
		{Name: "ReplayBringsBack", run: replay},
		{Name: "DropForgets", run: drop},
		{Name: "ParkedSurvivesRestart", Needs: "Restart", run: parkedRestart},
		{Name: "ParkingSurvivesCrash", Needs: "Crash", run: parkedCrash},
	}
}

// park publishes n messages and parks them, with attempts counted.
func (e *env) park(sub queue.Subscription, n int) []queue.Message {
	e.Helper()
	ms := e.messages(free, e.key(0, 0), n)
	e.publish(ms...)
	for _, m := range ms {
		d := e.expect(sub, m)[0]
		d.Attempts = 5
		if err := e.q.Park(e.Context(), d, "because "+m.ID); err != nil {
			e.Fatalf("park: %v", err)
		}
		e.ack(sub, d)
	}
	return ms
}

func (e *env) parked(after string, n int) []queue.Parked {
	e.Helper()
	ctx, cancel := e.ctx()
	defer cancel()
	ps, err := e.q.Parked(ctx, after, n)
	if err != nil {
		e.Fatalf("parked: %v", err)
	}
	return ps
}

func (e *env) parkedIDs(after string, n int) []string {
	e.Helper()
	ids := []string{}
	for _, p := range e.parked(after, n) {
		ids = append(ids, p.ID)
	}
	return ids
}

func ids(ms ...queue.Message) []string {
	all := []string{}
	for _, m := range ms {
		all = append(all, m.ID)
	}
	return all
}

func parkedListed(e *env) {
	begin := time.Now().Add(-time.Second)
	sub := e.subscribe(free, 0, plenty)
	if got := e.parkedIDs("", 10); len(got) != 0 {
		e.Fatalf("%q are parked at the beginning", got)
	}
	m := e.park(sub, 1)[0]
	e.nothing(sub)
	ps := e.parked("", 10)
	if len(ps) != 1 {
		e.Fatalf("%d are parked, want 1", len(ps))
	}
	e.same(ps[0].Message, m)
	if p := ps[0]; p.Attempts != 5 || p.Reason != "because "+m.ID || p.At.Before(begin) || p.At.After(time.Now().Add(time.Second)) {
		e.Errorf("parked with %d attempts, reason %q, at %v", p.Attempts, p.Reason, p.At)
	}
}

func parkedPages(e *env) {
	ms := e.park(e.subscribe(free, 0, plenty), 7)
	for _, tc := range []struct {
		after string
		n     int
		want  []queue.Message
	}{
		{"", 100, ms},
		{"", 3, ms[:3]},
		{ms[2].ID, 3, ms[3:6]},
		{ms[5].ID, 3, ms[6:]},
		{ms[6].ID, 3, nil},
		{"", 0, nil},
		{"zzz", 3, nil},
	} {
		if got, want := e.parkedIDs(tc.after, tc.n), ids(tc.want...); !slices.Equal(got, want) {
			e.Errorf("%d after %q: got %q, want %q", tc.n, tc.after, got, want)
		}
	}
}

func (e *env) notFound(id string) {
	e.Helper()
	if err := e.q.Replay(e.Context(), id); !errors.Is(err, queue.ErrNotFound) {
		e.Errorf("replay of %q: %v, want ErrNotFound", id, err)
	}
	if err := e.q.Drop(e.Context(), id); !errors.Is(err, queue.ErrNotFound) {
		e.Errorf("drop of %q: %v, want ErrNotFound", id, err)
	}
}

func replay(e *env) {
	sub := e.subscribe(free, 0, plenty)
	ms := e.park(sub, 3)
	e.notFound("nobody")
	if err := e.q.Replay(e.Context(), ms[1].ID); err != nil {
		e.Fatalf("replay: %v", err)
	}
	d := e.next(sub)
	e.recovered(d, ms[1], 0)
	e.ack(sub, d)
	e.nothing(sub)
	e.notFound(ms[1].ID)
	if got, want := e.parkedIDs("", 9), ids(ms[0], ms[2]); !slices.Equal(got, want) {
		e.Errorf("parked are %q, want %q", got, want)
	}
}

func drop(e *env) {
	sub := e.subscribe(free, 0, plenty)
	ms := e.park(sub, 2)
	if err := e.q.Drop(e.Context(), ms[0].ID); err != nil {
		e.Fatalf("drop: %v", err)
	}
	e.notFound(ms[0].ID)
	e.nothing(sub)
	if got, want := e.parkedIDs("", 9), ids(ms[1]); !slices.Equal(got, want) {
		e.Errorf("parked are %q, want %q", got, want)
	}
}

func parkedRestart(e *env) { parkedOver(e, e.h.Restart) }

func parkedCrash(e *env) {
	parkedOver(e, func(t T) queue.Queue {
		e.publish(e.message(limited, e.key(0, 0))) // a park is as safe as what is published after it
		return e.h.Crash(t)
	})
}

// parkedOver also has a replay and a drop outlive the process without anything
// published after them: they were answered to somebody.
func parkedOver(e *env, again func(T) queue.Queue) {
	ms := e.park(e.subscribe(free, 0, plenty), 3)
	e.q = again(e.T)
	if got, want := e.parkedIDs("", 9), ids(ms...); !slices.Equal(got, want) {
		e.Fatalf("parked are %q, want %q", got, want)
	}
	if err := errors.Join(e.q.Replay(e.Context(), ms[0].ID), e.q.Drop(e.Context(), ms[1].ID)); err != nil {
		e.Fatalf("replay and drop: %v", err)
	}
	if e.h.Crash != nil {
		again = e.h.Crash
	}
	e.q = again(e.T)
	if got, want := e.parkedIDs("", 9), ids(ms[2]); !slices.Equal(got, want) {
		e.Errorf("parked are %q, want %q", got, want)
	}
	e.recovered(e.next(e.subscribe(free, 0, plenty)), ms[0], 0)
}
