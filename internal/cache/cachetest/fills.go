package cachetest

import (
	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
)

func fillCases() []aCase {
	return []aCase{
		{name: "Fill/AfterPut", run: fillAfterPut},
		{name: "Fill/AfterDelete", run: fillAfterDelete},
		{name: "Fill/AfterDeleteElsewhere", run: fillAfterDeleteElsewhere},
		{name: "Fill/AfterFill", run: fillAfterFill},
		{name: "Fill/OtherToken", run: fillOtherToken},
		{name: "Fill/TokenEnds", needs: needsAdvance, run: fillTokenEnds},
		{name: "Fill/SlowReader", run: slowReader},
		{name: "Fill/Absence", run: absence},
		{name: "Fill/Many", run: fillMany},
	}
}

// fillAfterPut: a put voids the token of its key, and of no other.
func fillAfterPut(e *env) {
	k, other := e.key(cache.KindLikerCount), e.key(cache.KindLikerCount)
	t, t2 := e.misses("at first", k), e.misses("at first", other)
	e.put(count(k, 2, 1, 2))
	e.fill(count(k, 1, 1, 1), t)
	e.holds("an older fill after a put", k, int64(2))
	e.fill(count(k, 9, 9, 9), t)
	e.holds("any fill after a put", k, int64(2))
	e.fill(count(other, 1, 1, 1), t2)
	e.holds("a fill beside a put", other, int64(1))

	// The put is deleted again: the token stays void.
	k = e.key(cache.KindLikerCount)
	t = e.misses("at first", k)
	e.put(count(k, 2, 1, 2))
	e.must(e.Cache.Delete(e.ctx, k))
	e.fill(count(k, 1, 1, 1), t)
	e.misses("a fill after put and delete", k)
}

// fillAfterDelete: a delete voids the token of its key, also where the key
// holds nothing, which is the usual case; the next miss hands out a good one.
func fillAfterDelete(e *env) {
	k := e.key(cache.KindFollowing)
	before := cache.Object{Key: k, Value: cache.Following{e.user()}}
	after := cache.Object{Key: k, Value: cache.Following{e.user(), e.user()}}
	old := e.misses("at first", k)
	e.must(e.Cache.Delete(e.ctx, k))
	e.fill(before, old)
	next := e.misses("a fill after a delete", k)
	e.fill(before, old)
	e.misses("a fill after a delete and another miss", k)
	e.fill(after, next)
	e.holds("a fill with the next token", k, after.Value)
}

// fillAfterDeleteElsewhere: the same between two processes.
func fillAfterDeleteElsewhere(e *env) {
	k := e.key(cache.KindFollowing)
	found, err := e.GetFresh(e.ctx, []cache.Key{k})
	e.must(err)
	e.must(e.peer.Delete(e.ctx, k))
	e.fill(cache.Object{Key: k, Value: cache.Following{e.user()}}, found[0].Token)
	e.misses("a fill after a delete in another process", k)
}

// fillAfterFill: of those who missed together, one fills.
func fillAfterFill(e *env) {
	k := e.key(cache.KindLikerCount)
	first, second := e.misses("the first reader", k), e.misses("the second reader", k)
	e.fill(count(k, 1, 1, 1), first)
	e.holds("who missed first, after another miss", k, int64(1))
	e.fill(count(k, 2, 1, 2), second)
	e.fill(count(k, 2, 1, 2), first)
	e.holds("a second fill", k, int64(1))
}

// fillOtherToken: a token fills the key that it was handed out for.
func fillOtherToken(e *env) {
	k, other := e.key(cache.KindLikerCount), e.key(cache.KindLikerCount)
	t, t2 := e.misses("a key", k), e.misses("another key", other)
	e.fill(count(k, 1, 1, 1), 0)
	e.misses("a fill without a token", k)
	e.fill(count(k, 1, 1, 1), t2)
	e.misses("a fill with the token of another key", k)
	e.fill(count(k, 1, 1, 1), t)
	e.holds("a fill with the right one", k, int64(1))
}

// fillTokenEnds: a token is good for FillTTL and not for longer.
func fillTokenEnds(e *env) {
	k := e.key(cache.KindLikerCount)
	t := e.misses("at first", k)
	e.h.Advance(cache.FillTTL / 2)
	e.fill(count(k, 1, 1, 1), t)
	e.holds("a fill in time", k, int64(1))

	k = e.key(cache.KindLikerCount)
	t = e.misses("at first", k)
	e.h.Advance(cache.FillTTL + cache.FillTTL/100)
	e.fill(count(k, 1, 1, 1), t)
	t = e.misses("a fill too late", k)
	e.fill(count(k, 2, 1, 1), t)
	e.holds("a fill with the next token", k, int64(2))
}

// slowReader: who read the store before a change cannot bring the past back,
// however the change and other readers mix with him.
func slowReader(e *env) {
	past, present := cache.Following{}, cache.Following{e.user()}
	k := e.key(cache.KindFollowing)
	slow := e.misses("the slow reader", k) // reads the past from the store
	e.must(e.Cache.Delete(e.ctx, k))       // by the owner, who wrote the present
	quick := e.misses("the quick reader", k)
	e.fill(cache.Object{Key: k, Value: present}, quick)
	e.fill(cache.Object{Key: k, Value: past}, slow)
	e.holds("after the slow reader", k, present)

	// A versioned row: the owner puts, the put is forgotten, a reader misses.
	k = e.key(cache.KindLiker)
	slow = e.misses("the slow reader", k)
	e.put(cache.Object{Key: k, Version: cache.Version{Major: 2}, Value: social.Last{Event: 2, State: social.On}})
	e.fill(cache.Object{Key: k, Value: social.Last{}}, slow)
	e.holds("after the slow reader of a row", k, social.Last{Event: 2, State: social.On})
}

// fillMany: each of several fills stands by its own token, and none of them
// asks for nothing.
func fillMany(e *env) {
	const n = 40
	var fills []cache.Fill
	var keys []cache.Key
	for i := range n {
		kind := []cache.Kind{cache.KindLikerCount, cache.KindCommentCount, cache.KindFollowerCount}[i%3]
		keys = append(keys, e.key(kind))
	}
	found, err := e.GetFresh(e.ctx, keys)
	e.must(err)
	for i, k := range keys {
		if found[i].Found {
			e.Fatalf("%v is found before it was filled", k)
		}
		fills = append(fills, cache.Fill{Object: count(k, int64(i), 1, 1), Token: found[i].Token})
	}
	const put, deleted, foreign, none = 3, 10, 17, n - 1
	e.put(count(keys[put], -1, 2, 1))
	e.must(e.Cache.Delete(e.ctx, keys[deleted]))
	fills[foreign].Token = fills[foreign+1].Token
	fills[none].Token = 0
	again := fills[5]
	again.Object.Value = int64(-1)
	e.must(e.Fill(e.ctx, append(fills, again)...))
	for i, k := range keys {
		switch i {
		case put:
			e.holds("a key that was put before the fills", k, int64(-1))
		case deleted, foreign, none:
			e.misses("a key whose token is void", k)
		default:
			e.holds("a key among many", k, int64(i))
		}
	}
	e.must(e.Fill(e.ctx))
}

// absence: that there is no row can be filled, is found, and gives way to the
// first put.
func absence(e *env) {
	k := e.key(cache.KindLiker)
	nothing := cache.Object{Key: k, Value: social.Last{}}
	e.fill(nothing, e.misses("at first", k))
	e.holds("no row", k, social.Last{})
	on := social.Last{Event: e.id(), State: social.On}
	e.put(cache.Object{Key: k, Version: cache.Version{Major: int64(on.Event)}, Value: on})
	e.holds("the first row", k, on)
	e.put(nothing)
	e.holds("no row, after a row", k, on)
}
