package cachetest

import (
	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
)

func buildCases() []aCase {
	return []aCase{
		{name: "Build/BegunServesNothing", run: begunServesNothing},
		{name: "Build/PutKeepsAppended", run: putKeepsAppended},
		{name: "Build/PutNeedsToken", run: putNeedsToken},
		{name: "Build/DropVoidsToken", run: dropVoidsToken},
		{name: "Build/SecondBeginVoidsFirst", run: secondBegin},
		{name: "Build/BeginReplaces", run: beginReplaces},
		{name: "Build/TrimBeforePut", run: trimBeforePut},
		{name: "Build/TTL", needs: needsAdvance, run: buildTTL},
	}
}

// begunServesNothing: a home timeline that was begun is there, with the floor
// that lets nothing of it be served, also after appends.
func begunServesNothing(e *env) {
	viewer := e.user()
	e.begin(viewer)
	e.has("just begun", viewer, cache.NoFloor)
	entry := e.entry()
	e.append(entry, viewer)
	if t := e.home(viewer); !t.Found || t.Floor != cache.NoFloor {
		e.Errorf("begun and appended to: found %t with floor %d", t.Found, t.Floor)
	}
}

// putKeepsAppended: everything appended since Begin is there after the Put,
// before its reads and behind them, doubles included.
func putKeepsAppended(e *env) {
	viewer, other := e.user(), e.user()
	built := e.entries(5)
	before, after := e.entry(), e.entry()
	t := e.begin(viewer)
	e.append(before, viewer)
	e.append(after, other, viewer)
	if !e.finish(viewer, t, built, 42) {
		e.Fatal("the put was refused")
	}
	last := e.entry()
	e.append(last, viewer)
	e.has("after the put", viewer, 42, append(built, before, after, last)...)

	e.build(other, nil, 0)
	e.has("a put of nothing", other, 0)
}

// putNeedsToken: without the token of the last Begin nothing is changed.
func putNeedsToken(e *env) {
	viewer, other := e.user(), e.user()
	entries := e.entries(2)
	refused := func(what string, t cache.BuildToken) {
		e.Helper()
		if e.finish(viewer, t, e.entries(1), 1) {
			e.Errorf("%s: the put was taken", what)
		}
	}
	refused("nothing was begun, token 0", 0)
	refused("nothing was begun, token 1", 1)
	e.absent("after refused puts", viewer)
	otherToken := e.begin(other)
	t := e.begin(viewer)
	refused("begun, token 0", 0)
	refused("begun, the token of another viewer", otherToken)
	e.has("after refused puts", viewer, cache.NoFloor)
	if !e.finish(viewer, t, entries, 7) {
		e.Error("a refused put has spent the token")
	}
	refused("put already, the same token", t)
	refused("put already, token 0", 0)
	e.has("after refused puts", viewer, 7, entries...)
}

// dropVoidsToken: what was dropped while it was built cannot be put: the
// builder may have read the followees before the follow that dropped it.
func dropVoidsToken(e *env) {
	viewer := e.user()
	t := e.begin(viewer)
	e.must(e.peer.Drop(e.ctx, viewer))
	e.absent("dropped while built", viewer)
	e.append(e.entry(), viewer)
	if e.finish(viewer, t, e.entries(2), 0) {
		e.Error("put after drop was taken")
	}
	e.absent("after drop and put", viewer)
	if again := e.begin(viewer); e.finish(viewer, t, nil, 0) {
		e.Errorf("the token of before the drop is good for the next build, which has %d", again)
	}
}

// secondBegin: of two builders the one that began last puts; what the other
// one's timeline collected is not needed by him.
func secondBegin(e *env) {
	viewer := e.user()
	first := e.begin(viewer)
	e.append(e.entry(), viewer)
	second := e.begin(viewer)
	e.has("begun again", viewer, cache.NoFloor)
	entry := e.entry()
	e.append(entry, viewer)
	if e.finish(viewer, first, e.entries(1), 1) {
		e.Error("the first builder's put was taken")
	}
	built := e.entries(2)
	if !e.finish(viewer, second, built, 2) {
		e.Error("the second builder's put was refused")
	}
	e.has("after both", viewer, 2, append(built, entry)...)
	if e.finish(viewer, first, nil, 3) {
		e.Error("the first builder's put was taken after the second's")
	}
}

// beginReplaces: a home timeline that was put is replaced by a Begin.
func beginReplaces(e *env) {
	viewer := e.user()
	e.build(viewer, e.entries(3), 5)
	t := e.begin(viewer)
	e.has("begun over a put one", viewer, cache.NoFloor)
	if !e.finish(viewer, t, nil, 9) {
		e.Error("the put was refused")
	}
	e.has("after the second put", viewer, 9)
}

// trimBeforePut: where so much was appended that a trim was due before the put,
// the put is refused: it could not know what is missing.
func trimBeforePut(e *env) {
	viewer, busy := e.user(), e.user()
	t, tb := e.begin(viewer), e.begin(busy)
	for _, entry := range e.entries(cache.MaxEntries - 1) {
		e.append(entry, viewer, busy)
	}
	e.append(e.entry(), busy)
	e.absent("trimmed while built", busy)
	if e.finish(busy, tb, e.entries(1), 0) {
		e.Error("a put after a trim was taken")
	}
	e.append(e.entry(), busy)
	e.absent("after the refused put", busy)
	if !e.finish(viewer, t, nil, 0) {
		e.Error("a put one before the trim was refused")
	}
	if n := len(e.home(viewer).Entries); n != cache.MaxEntries-1 {
		e.Errorf("%d entries one before the trim", n)
	}
}

// buildTTL: a builder who does not come back blocks nothing: what he began ends
// after BuildTTL; what was put does not.
func buildTTL(e *env) {
	slow, quick := e.user(), e.user()
	t, tq := e.begin(slow), e.begin(quick)
	e.h.Advance(cache.BuildTTL / 2)
	if !e.finish(quick, tq, nil, 0) {
		e.Error("a put in time was refused")
	}
	e.append(e.entry(), slow) // prolongs nothing
	e.h.Advance(cache.BuildTTL/2 + cache.BuildTTL/100)
	e.append(e.entry(), slow)
	e.absent("begun and not put in time", slow)
	if e.finish(slow, t, []cache.Entry{e.entry()}, social.TweetID(0)) {
		e.Error("a put too late was taken")
	}
	e.absent("after the late put", slow)
	if !e.home(quick).Found {
		e.Error("one that was put ended with the time of the build")
	}
}
