package cachetest

import (
	"fmt"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/social/tweettext"
)

func objectCases() []aCase {
	return []aCase{
		{name: "Objects/EveryKind", run: everyKind},
		{name: "Objects/AnswersInOrder", run: answersInOrder},
		{name: "Objects/KeysApart", run: keysApart},
		{name: "Objects/NewerWins", run: newerWins},
		{name: "Objects/EqualStays", run: equalStays},
		{name: "Objects/Delete", run: deletes},
		{name: "Objects/FreshAfterDelete", run: freshAfterDelete},
		{name: "Objects/TTL", needs: needsAdvance, run: objectTTL},
	}
}

// samples returns a value of each kind with every field set, and for some one
// with none.
func samples(e *env) []cache.Object {
	last := social.Last{Event: e.id(), State: social.On}
	tweet := &social.Tweet{
		ID: e.tweet(), Author: e.user(), Text: "Grüße, 世界 #go", ReplyTo: e.tweet(), Root: e.tweet(), Last: last,
		Entities: tweettext.Extract("Grüße, 世界 #go @eve $ABC https://example.org/a?b=c"),
	}
	user := &social.User{ID: e.user(), Handle: "Ada", Name: "Ada L.", NameEvent: e.id(), Bio: "counts\n", BioEvent: e.id()}
	comment := &social.Comment{ID: social.CommentID(e.id()), Tweet: e.tweet(), Author: e.user(), Text: "\"yes\"", Last: last}
	all := []cache.Object{
		cache.TweetObject(tweet),
		cache.TweetObject(tweet.Delete(e.id())),
		cache.UserObject(user),
		cache.CommentObject(comment),
		cache.CommentObject(comment.Delete(e.id())),
	}
	for i := range all {
		all[i].Key.ID = e.id() // each stands under a key of its own here
	}
	version := cache.Version{Major: int64(e.id()), Minor: 7}
	for _, k := range []cache.Kind{cache.KindFollowee, cache.KindLiker} {
		all = append(all, cache.Object{Key: e.key(k), Value: last, Version: version},
			cache.Object{Key: e.key(k), Value: social.Last{}})
	}
	for _, k := range []cache.Kind{cache.KindFolloweeCount, cache.KindFollowerCount, cache.KindLikerCount} {
		all = append(all, count(e.key(k), 1<<40, 3, 1<<40), count(e.key(k), 0, 0, 0))
	}
	log := &cache.AuthorLog{Entries: []social.LogEntry{{Tweet: e.tweet(), ReplyTo: e.tweet()}, {Tweet: e.tweet()}}}
	return append(all,
		cache.Object{Key: e.key(cache.KindCommentCount), Value: int64(12)},
		cache.Object{Key: e.key(cache.KindAuthorLog), Value: log},
		cache.Object{Key: e.key(cache.KindAuthorLog), Value: &cache.AuthorLog{Complete: true}},
		cache.Object{Key: e.key(cache.KindFollowing), Value: cache.Following{e.user(), e.user()}},
		cache.Object{Key: e.key(cache.KindFollowing), Value: cache.Following{}},
	)
}

func versioned(k cache.Kind) bool { return k < cache.KindCommentCount }

// everyKind: what was filled or put is found, with its type and whole.
func everyKind(e *env) {
	for _, o := range samples(e) {
		what := fmt.Sprintf("kind %d, filled", o.Key.Kind)
		t := e.misses(what, o.Key)
		if t == 0 {
			e.Errorf("%s: a miss without a token", what)
		}
		e.fill(o, t)
		e.holds(what, o.Key, o.Value)
	}
	for _, o := range samples(e) {
		if versioned(o.Key.Kind) {
			e.put(o)
			e.holds(fmt.Sprintf("kind %d, put", o.Key.Kind), o.Key, o.Value)
		}
	}
}

// answersInOrder: there is one answer for each key, in the order of the keys,
// repeated ones too; no key, no answer.
func answersInOrder(e *env) {
	var keys []cache.Key
	var want []any
	for i := range 80 {
		k := e.key(cache.KindLikerCount)
		if i%3 > 0 {
			e.put(count(k, int64(i), 1, 1))
			want = append(want, int64(i))
		} else {
			want = append(want, nil)
		}
		keys = append(keys, k)
	}
	keys, want = append(keys, keys[4], keys[0]), append(want, want[4], want[0])
	for name, get := range e.gets() {
		found, err := get(keys)
		e.must(err)
		var got []any
		for _, f := range found {
			got = append(got, f.Value)
			if f.Found != (f.Value != nil) || (f.Found && f.Token != 0) {
				e.Errorf("%s: answer %+v", name, f)
			}
		}
		e.equal(name, got, want)
		found, err = get(nil)
		e.must(err)
		e.equal(name+" of no keys", len(found), 0)
	}
}

// gets are the two ways to ask.
func (e *env) gets() map[string]func([]cache.Key) ([]cache.Lookup, error) {
	return map[string]func([]cache.Key) ([]cache.Lookup, error){
		"Get":      func(k []cache.Key) ([]cache.Lookup, error) { return e.Get(e.ctx, k) },
		"GetFresh": func(k []cache.Key) ([]cache.Lookup, error) { return e.GetFresh(e.ctx, k) },
	}
}

// keysApart: kind, id and sub together name an object.
func keysApart(e *env) {
	id, sub, other := e.id(), e.id(), e.id()
	keys := []cache.Key{
		{Kind: cache.KindFolloweeCount, ID: id},
		{Kind: cache.KindFollowerCount, ID: id},
		{Kind: cache.KindLikerCount, ID: id},
		{Kind: cache.KindLikerCount, ID: other},
		{Kind: cache.KindFolloweeCount, ID: id, Sub: sub},
		{Kind: cache.KindFolloweeCount, ID: sub, Sub: id},
		{Kind: cache.KindFolloweeCount, ID: id, Sub: other},
	}
	for i, k := range keys {
		e.put(count(k, int64(i+1), 1, 1))
	}
	for i, k := range keys {
		e.holds(fmt.Sprintf("key %d", i+1), k, int64(i+1))
	}
	e.must(e.Cache.Delete(e.ctx, keys[4]))
	e.holds("beside a deleted key", keys[0], int64(1))
	e.misses("a deleted key", keys[4])
}

// newerWins: in whatever order two states arrive, the newer one stands; the
// major part of a version counts before the minor one.
func newerWins(e *env) {
	pairs := []struct{ older, newer cache.Version }{
		{cache.Version{Major: 1, Minor: 1}, cache.Version{Major: 1, Minor: 2}},
		{cache.Version{Major: 1, Minor: 9}, cache.Version{Major: 2, Minor: 1}},
		{cache.Version{}, cache.Version{Minor: 1}},
		{cache.Version{Major: int64(e.id())}, cache.Version{Major: int64(e.id())}},
		{cache.Version{Major: 1<<62 + 1}, cache.Version{Major: 1<<62 + 2}}, // no float can tell them apart
		{cache.Version{Major: 9, Minor: 1<<62 + 1}, cache.Version{Major: 10, Minor: 0}},
	}
	for _, p := range pairs {
		for name, order := range map[string][]cache.Version{
			"in order": {p.older, p.newer}, "out of order": {p.newer, p.older},
			"twice": {p.newer, p.older, p.newer, p.older},
		} {
			k := e.key(cache.KindLikerCount)
			for _, v := range order {
				n := int64(1)
				if v == p.newer {
					n = 2
				}
				e.put(cache.Object{Key: k, Version: v, Value: n})
			}
			e.holds(fmt.Sprintf("%v and %v %s", p.older, p.newer, name), k, int64(2))
		}
	}
	k := e.key(cache.KindLikerCount)
	e.put(count(k, 1, 1, 1), count(k, 3, 1, 3), count(k, 2, 1, 2))
	e.holds("three in one call", k, int64(3))
	e.put() // nothing at all is no error
}

// equalStays: a state under the same version does not replace.
func equalStays(e *env) {
	k := e.key(cache.KindFollowerCount)
	e.put(count(k, 1, 4, 4))
	e.put(count(k, 2, 4, 4))
	e.holds("after an equal version", k, int64(1))

	filled := e.key(cache.KindFollowerCount)
	e.fill(count(filled, 1, 4, 4), e.misses("before the fill", filled))
	e.put(count(filled, 2, 4, 4))
	e.put(count(filled, 3, 4, 3))
	e.holds("what was filled has its version", filled, int64(1))
	e.put(count(filled, 5, 4, 5))
	e.holds("a newer one after a fill", filled, int64(5))
}

// deletes: a deleted key holds nothing and knows no version.
func deletes(e *env) {
	kept := e.key(cache.KindLikerCount)
	var keys []cache.Key
	for range 3 {
		k := e.key(cache.KindLikerCount)
		e.put(count(k, 1, 5, 5))
		keys = append(keys, k)
	}
	e.put(count(kept, 1, 5, 5))
	e.must(e.Cache.Delete(e.ctx, append(keys, e.key(cache.KindLikerCount))...))
	e.must(e.Cache.Delete(e.ctx))
	for _, k := range keys {
		e.misses("deleted", k)
	}
	e.holds("not deleted", kept, int64(1))
	e.put(count(keys[0], 2, 1, 1))
	e.holds("put after the delete", keys[0], int64(2))
}

// freshAfterDelete: once a Delete or a put has returned anywhere, GetFresh does
// not answer with what was before.
func freshAfterDelete(e *env) {
	fresh := func(k cache.Key) cache.Lookup {
		found, err := e.GetFresh(e.ctx, []cache.Key{k})
		e.must(err)
		return found[0]
	}
	for range 50 {
		k := e.key(cache.KindFollowing)
		e.fill(cache.Object{Key: k, Value: cache.Following{e.user()}}, fresh(k).Token)
		e.lookup(k)
		e.must(e.peer.Delete(e.ctx, k))
		if got := fresh(k); got.Found {
			e.Fatalf("GetFresh found %v, which another process deleted", got.Value)
		}
		c := e.key(cache.KindLikerCount)
		e.put(count(c, 1, 1, 1))
		e.lookup(c)
		e.must(e.peer.PutIfNewer(e.ctx, count(c, 2, 1, 2)))
		e.equal("after a put in another process", fresh(c).Value, any(int64(2)))
	}
}

// objectTTL: nothing is served for longer than ObjectTTL, whatever is read.
func objectTTL(e *env) {
	put, filled := e.key(cache.KindLikerCount), e.key(cache.KindFollowing)
	following := cache.Following{e.user()}
	e.put(count(put, 1, 9, 9))
	e.fill(cache.Object{Key: filled, Value: following}, e.misses("at first", filled))
	e.h.Advance(cache.ObjectTTL / 2)
	e.holds("a put at half its time", put, int64(1))
	e.holds("a fill at half its time", filled, following)
	e.h.Advance(cache.ObjectTTL/2 + cache.ObjectTTL/100)
	e.misses("a put after its time", put)
	e.misses("a fill after its time", filled)
	e.put(count(put, 2, 1, 1))
	e.holds("an older version, after its time", put, int64(2))
}
