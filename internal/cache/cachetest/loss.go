package cachetest

import (
	"errors"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
)

func lossCases() []aCase {
	return []aCase{
		{name: "Loss/Everything", run: lossOfEverything},
		{name: "Loss/VoidsFills", run: lossVoidsFills},
		{name: "Loss/VoidsBuilds", run: lossVoidsBuilds},
		{name: "Loss/Away", needs: needsAway, run: away},
	}
}

// lossOfEverything: a flush leaves nothing of any part, in whatever state it
// was, and what comes after it works as on the first day.
func lossOfEverything(e *env) {
	samples := samples(e)
	for _, o := range samples {
		e.fill(o, e.misses("at first", o.Key))
	}
	put, begun, trimmed := e.user(), e.user(), e.user()
	e.build(put, e.entries(2), 1)
	e.begin(begun)
	e.build(trimmed, e.entries(cache.MaxEntries-1), 1)
	e.append(e.entry(), put, begun, trimmed)
	e.record(put, like(e.id(), e.id(), social.On))
	old := count(e.key(cache.KindLikerCount), 9, 9, 9)
	e.put(old)

	e.must(e.Cache.Flush(e.ctx))
	for _, o := range samples {
		e.misses("after the flush", o.Key)
	}
	for _, v := range []social.UserID{put, begun, trimmed} {
		e.append(e.entry(), v)
		e.absent("after the flush", v)
		e.equal("the overlay after the flush", e.overlay(v), cache.Overlay{})
	}
	e.put(count(old.Key, 1, 1, 1))
	e.holds("an older version after the flush", old.Key, int64(1))
	entries := e.entries(3)
	e.build(put, entries, 5)
	e.has("built after the flush", put, 5, entries...)
	w := like(e.id(), 5, social.On)
	e.record(put, w)
	e.equal("recorded after the flush", e.overlay(put), cache.Overlay{LastEvent: 5, Writes: []cache.Write{w}})
	e.must(e.Cache.Flush(e.ctx))
	e.must(e.Cache.Flush(e.ctx))
}

// lossVoidsFills: what was missed before a flush cannot be filled after it.
func lossVoidsFills(e *env) {
	k := e.key(cache.KindFollowing)
	t := e.misses("at first", k)
	e.must(e.Cache.Flush(e.ctx))
	e.fill(cache.Object{Key: k, Value: cache.Following{e.user()}}, t)
	e.misses("a fill after a flush", k)
	e.fill(cache.Object{Key: k, Value: cache.Following{e.user()}}, t)
	e.misses("a fill after a flush and a miss", k)
}

// lossVoidsBuilds: what was begun before a flush cannot be put after it, not
// even where somebody began again: tokens are not handed out twice.
func lossVoidsBuilds(e *env) {
	viewer := e.user()
	t := e.begin(viewer)
	e.must(e.Cache.Flush(e.ctx))
	if e.finish(viewer, t, e.entries(1), 0) {
		e.Error("a put after a flush was taken")
	}
	e.absent("after the refused put", viewer)
	e.begin(viewer)
	if e.finish(viewer, t, e.entries(1), 0) {
		e.Error("a put after a flush and another begin was taken")
	}
}

// away: a cache that is away says so, in every method, and comes back empty.
func away(e *env) {
	viewer, k := e.user(), e.key(cache.KindLikerCount)
	e.build(viewer, e.entries(1), 0)
	e.put(count(k, 1, 1, 1))
	e.record(viewer, like(e.id(), e.id(), social.On))
	e.h.Away(true)
	for name, call := range e.calls(viewer, k) {
		if err := call(); !errors.Is(err, cache.ErrUnavailable) {
			e.Errorf("%s while the cache is away: %v, want ErrUnavailable", name, err)
		}
	}
	e.h.Away(false)
	e.misses("after the cache came back", k)
	e.absent("after the cache came back", viewer)
	e.equal("the overlay after the cache came back", e.overlay(viewer), cache.Overlay{})
	e.put(count(k, 2, 1, 1))
	e.holds("put after the cache came back", k, int64(2))
}

// calls are all methods of the seam.
func (e *env) calls(viewer social.UserID, k cache.Key) map[string]func() error {
	return map[string]func() error{
		"Home":       func() error { _, _, err := e.Home(e.ctx, viewer); return err },
		"Append":     func() error { return e.Append(e.ctx, e.entry(), []social.UserID{viewer}) },
		"Begin":      func() error { _, err := e.Begin(e.ctx, viewer); return err },
		"Put":        func() error { _, err := e.Put(e.ctx, viewer, 1, nil, 0); return err },
		"Drop":       func() error { return e.Cache.Drop(e.ctx, viewer) },
		"Get":        func() error { _, err := e.Get(e.ctx, []cache.Key{k}); return err },
		"GetFresh":   func() error { _, err := e.GetFresh(e.ctx, []cache.Key{k}); return err },
		"PutIfNewer": func() error { return e.PutIfNewer(e.ctx, count(k, 1, 1, 1)) },
		"Fill":       func() error { return e.Fill(e.ctx, cache.Fill{Object: count(k, 1, 1, 1), Token: 1}) },
		"Delete":     func() error { return e.Cache.Delete(e.ctx, k) },
		"Record":     func() error { return e.Record(e.ctx, viewer, like(e.id(), e.id(), social.On)) },
		"Overlay":    func() error { _, err := e.Overlay(e.ctx, viewer); return err },
		"Flush":      func() error { return e.Flush(e.ctx) },
	}
}
