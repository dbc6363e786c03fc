package cachetest

import (
	"slices"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

func pendingCases() []aCase {
	return []aCase{
		{name: "Pending/Empty", run: pendingEmpty},
		{name: "Pending/Whole", run: pendingWhole},
		{name: "Pending/LastByEvent", run: pendingLastByEvent},
		{name: "Pending/LastEvent", run: pendingLastEvent},
		{name: "Pending/ViewersApart", run: pendingApart},
		{name: "Pending/FromElsewhere", run: pendingElsewhere},
		{name: "Pending/Bound", run: pendingBound},
		{name: "Pending/Snapshot", run: pendingSnapshot},
		{name: "Pending/TTL", needs: needsAdvance, run: pendingTTL},
	}
}

// pendingEmpty: who wrote nothing has the zero overlay.
func pendingEmpty(e *env) {
	o := e.overlay(e.user())
	if o.LastEvent != 0 || len(o.Writes) != 0 {
		e.Errorf("a new viewer's overlay is %+v", o)
	}
}

// pendingWhole: every field of every kind comes back, once, with or without a
// home timeline beside it.
func pendingWhole(e *env) {
	viewer := e.user()
	var want []cache.Write
	for k := cache.WroteTweet; k <= cache.WroteFollow; k++ {
		for _, s := range []social.State{social.On, social.Off} {
			w := cache.Write{Kind: k, Object: e.id(), Parent: e.id(), Last: social.Last{Event: e.id(), State: s}}
			e.record(viewer, w)
			want = append(want, w)
		}
	}
	same := like(want[0].Object, e.id(), social.On) // the same object under another kind
	e.record(viewer, same)
	want = append(want, same)
	e.equal("the writes", sorted(e.overlay(viewer).Writes), sorted(want))
	e.build(viewer, nil, 0)
	e.equal("the writes beside a home timeline", sorted(e.overlay(viewer).Writes), sorted(want))
	for _, w := range want {
		last, ok := e.overlay(viewer).Of(w.Kind, w.Object)
		if !ok || last != w.Last {
			e.Errorf("Of(%d, %d) is %v, %t, want %v", w.Kind, w.Object, last, ok, w.Last)
		}
	}
	if _, ok := e.overlay(viewer).Of(cache.WroteFollow, e.id()); ok {
		e.Error("Of an object that was not written is true")
	}
}

func sorted(writes []cache.Write) []cache.Write {
	return slices.SortedFunc(slices.Values(writes), func(a, b cache.Write) int { return int(a.Last.Event - b.Last.Event) })
}

// pendingLastByEvent: of the writes of one object the one with the largest
// event stands, in every order of arrival.
func pendingLastByEvent(e *env) {
	tweet := e.id()
	a, b, c := like(tweet, e.id(), social.On), like(tweet, e.id(), social.Off), like(tweet, e.id(), social.On)
	for _, order := range [][]cache.Write{{a, b, c}, {a, c, b}, {b, a, c}, {b, c, a}, {c, a, b}, {c, b, a}, {c, c, a, c}} {
		viewer := e.user()
		other := like(e.id(), e.id(), social.On)
		e.record(viewer, other)
		for _, w := range order {
			e.record(viewer, w)
		}
		e.equal("the writes", sorted(e.overlay(viewer).Writes), sorted([]cache.Write{c, other}))
	}
}

// pendingLastEvent: LastEvent is the largest event that the viewer wrote, of
// any object, also where another write of its object hides it.
func pendingLastEvent(e *env) {
	viewer := e.user()
	e1, e2, e3 := e.id(), e.id(), e.id()
	e.record(viewer, like(e.id(), e2, social.On))
	e.equal("after one write", e.overlay(viewer).LastEvent, e2)
	e.record(viewer, like(e.id(), e1, social.On))
	e.equal("after an older write", e.overlay(viewer).LastEvent, e2)
	e.record(viewer, cache.Write{Kind: cache.WroteFollow, Object: e.id(), Last: social.Last{Event: e3, State: social.Off}})
	e.equal("after a newer write", e.overlay(viewer).LastEvent, e3)
}

// pendingApart: nobody sees the writes of another viewer.
func pendingApart(e *env) {
	a, b, tweet := e.user(), e.user(), e.id()
	on, off := like(tweet, e.id(), social.On), like(tweet, e.id(), social.Off)
	e.record(a, on)
	e.record(b, off)
	e.equal("the first viewer's", e.overlay(a), cache.Overlay{LastEvent: on.Last.Event, Writes: []cache.Write{on}})
	e.equal("the second viewer's", e.overlay(b), cache.Overlay{LastEvent: off.Last.Event, Writes: []cache.Write{off}})
}

// pendingElsewhere: what another process recorded is read at once: a viewer's
// next request may go anywhere.
func pendingElsewhere(e *env) {
	for range 50 {
		viewer, w := e.user(), like(e.id(), e.id(), social.On)
		e.overlay(viewer)
		e.must(e.peer.Record(e.ctx, viewer, w))
		e.equal("recorded in another process", e.overlay(viewer).Writes, []cache.Write{w})
		next := like(w.Object, e.id(), social.Off)
		e.must(e.peer.Record(e.ctx, viewer, next))
		e.equal("recorded there again", e.overlay(viewer).Writes, []cache.Write{next})
	}
}

// pendingBound: of more than MaxWrites the last recorded ones are kept.
func pendingBound(e *env) {
	viewer := e.user()
	var want []cache.Write
	for range cache.MaxWrites + 50 {
		w := like(e.id(), e.id(), social.On)
		e.record(viewer, w)
		want = append(want, w)
	}
	o := e.overlay(viewer)
	e.equal("the last writes", sorted(o.Writes), want[50:])
	e.equal("the last event", o.LastEvent, want[len(want)-1].Last.Event)
}

// pendingSnapshot: an overlay that was handed out does not change.
func pendingSnapshot(e *env) {
	viewer := e.user()
	var writes []cache.Write
	for range 20 {
		w := like(e.id(), e.id(), social.On)
		e.record(viewer, w)
		writes = append(writes, w)
		o, err := e.Overlay(e.ctx, viewer)
		e.must(err)
		was := slices.Clone(o.Writes)
		e.record(viewer, like(writes[0].Object, e.id(), social.Off))
		e.record(viewer, like(e.id(), e.id(), social.On))
		e.equal("an overlay handed out before", o.Writes, was)
	}
}

// pendingTTL: a write is kept for PendingTTL from when it was recorded, by
// itself, and then no longer; its reading does not prolong it.
func pendingTTL(e *env) {
	viewer, half := e.user(), cache.PendingTTL/2
	first, second := like(e.id(), e.id(), social.On), like(e.id(), e.id(), social.On)
	e.record(viewer, first)
	e.h.Advance(half)
	e.record(viewer, second)
	e.equal("after half the time", sorted(e.overlay(viewer).Writes), []cache.Write{first, second})
	e.h.Advance(half - half/100)
	e.equal("just before the time", sorted(e.overlay(viewer).Writes), []cache.Write{first, second})
	e.h.Advance(half / 50)
	e.equal("after the time of one", e.overlay(viewer).Writes, []cache.Write{second})
	e.h.Advance(half)
	o := e.overlay(viewer)
	e.equal("after the time of both", o, cache.Overlay{})

	again := like(first.Object, snowflake.ID(first.Last.Event), social.On)
	e.record(viewer, again)
	e.equal("recorded anew", e.overlay(viewer).Writes, []cache.Write{again})
}
