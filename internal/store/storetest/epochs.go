package storetest

import (
	"errors"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

func epochChecks() []check {
	return []check{
		{"epochs/rise by one", epochRises},
		{"epochs/have one winner of many at once", epochRace},
		{"epochs/shards are apart", epochsApart},
		{"epochs/stale owners change no count", staleLoses},
		{"epochs/stale owners bring back no row", staleRows},
		{"epochs/seen by others", epochsSeen},
	}
}

func (e *env) epochIs(s store.Shard, want store.Epoch) {
	e.Helper()
	got, err := e.Epoch(e.ctx, s)
	e.must(err)
	e.equal("epoch of "+s.String(), got, want)
}

func (e *env) takeStale(s store.Shard, read store.Epoch) {
	e.Helper()
	if got, err := e.TakeEpoch(e.ctx, s, read); !errors.Is(err, store.ErrStale) {
		e.Errorf("took epoch %d of %s from %d: %v, want ErrStale", got, s, read, err)
	}
}

func epochRises(e *env) {
	s := e.shard(social.FamilyTweets)
	e.epochIs(s, 0)
	e.takeStale(s, 1)
	e.epochIs(s, 0)
	for read := range store.Epoch(3) {
		got, err := e.TakeEpoch(e.ctx, s, read)
		e.must(err)
		e.equal("epoch taken", got, read+1)
		e.epochIs(s, read+1)
		e.takeStale(s, read)
		e.takeStale(s, read+2)
		e.epochIs(s, read+1)
	}
}

func epochRace(e *env) {
	s := e.shard(social.FamilyTweets)
	race(e, 10, func(round, _ int) (store.Epoch, bool, error) {
		got, err := e.TakeEpoch(e.ctx, s, store.Epoch(round))
		if errors.Is(err, store.ErrStale) {
			got, err = store.Epoch(round+1), nil // what the winner has
			return got, false, err
		}
		return got, err == nil, err
	})
}

func epochsApart(e *env) {
	a := e.shard(social.FamilyUsers)
	e.own(a)
	e.own(a)
	e.epochIs(store.Shard{Family: social.FamilyFollowers, Number: a.Number}, 0)
	e.epochIs(store.Shard{Family: a.Family, Number: a.Number + 1}, 0)
	e.epochIs(a, 2)
}

func epochsSurvive(e *env) {
	e.need(Crash, e.h.crash != nil)
	s := e.shard(social.FamilyUsers)
	stale := e.own(s)
	e.own(s)
	e.crashed()
	e.epochIs(s, 2)
	owner := e.id()
	e.staleWrite(e.PutMember(e.ctx, stale, store.Followees, owner, store.Member{User: e.user(), Last: on(e.id())}, store.Count{N: 9, Stamp: stale.Next()}))
	fresh := e.own(s)
	e.must(e.PutMember(e.ctx, fresh, store.Followees, owner, store.Member{User: e.user(), Last: on(e.id())}, store.Count{N: 2, Stamp: fresh.Next()}))
	got, err := e.Counts(e.ctx, store.Followees, []snowflake.ID{owner})
	e.must(err)
	e.equal("count", got[0].N, int64(2))
}

func epochsSeen(e *env) {
	e.need(Peer, e.h.peer != nil)
	s := e.shard(social.FamilyUsers)
	e.own(s)
	e.Store = e.h.peer(e.TB, e.Store)
	e.epochIs(s, 1)
	e.takeStale(s, 0)
}

// staleWrite accepts what an adapter may say to a superseded owner.
func (e *env) staleWrite(err error) {
	e.Helper()
	if err != nil && !errors.Is(err, store.ErrStale) {
		e.Errorf("write of a superseded owner: %v, want nil or ErrStale", err)
	}
	if store.MaybeApplied(err) {
		e.Errorf("write of a superseded owner: %v is unsure", err)
	}
}

// staleLoses: the earlier owner has written more often than the present one,
// so its sequence is the larger one; its epoch is not.
func staleLoses(e *env) {
	s := e.shard(social.FamilyEngagement)
	stale := e.own(s)
	for range 100 {
		stale.Next()
	}
	f := e.own(s)
	owner, tweet := e.id(), e.tweet()
	want := store.Count{N: 3, Stamp: f.Next()}
	e.must(e.PutMember(e.ctx, f, store.Likers, owner, store.Member{User: e.user(), Last: on(e.id())}, want))
	c := newComment(e, tweet)
	e.must(e.PutComment(e.ctx, f, c, want))

	wrong := store.Count{N: 50, Stamp: stale.Next()}
	late := e.user()
	e.staleWrite(e.PutMember(e.ctx, stale, store.Likers, owner, store.Member{User: late, Last: on(e.id())}, wrong))
	e.staleWrite(e.PutComment(e.ctx, stale, newComment(e, tweet), wrong))
	_, got := e.readMember(store.Likers, owner, late)
	e.equal("count after the write of a superseded owner", got, want)
	_, got, err := e.Comment(e.ctx, tweet, c.ID)
	e.must(err)
	e.equal("count of comments after the write of a superseded owner", got, want)
}

// staleRows: whatever a superseded owner writes, an older event changes nothing.
func staleRows(e *env) {
	s := e.shard(social.FamilyEngagement)
	stale := e.own(s)
	f := e.own(s)
	owner, user := e.id(), e.user()
	older, newer := on(e.id()), off(e.id())
	e.must(e.PutMember(e.ctx, f, store.Likers, owner, store.Member{User: user, Last: newer}, store.Count{Stamp: f.Next()}))
	e.staleWrite(e.PutMember(e.ctx, stale, store.Likers, owner, store.Member{User: user, Last: older}, store.Count{N: 1, Stamp: stale.Next()}))
	m, _ := e.readMember(store.Likers, owner, user)
	e.equal("row", m.Last, newer)

	l := store.Liked{Since: older.Event, Tweet: social.TweetID(owner)}
	e.must(e.PutLiked(e.ctx, f, user, l, newer))
	e.staleWrite(e.PutLiked(e.ctx, stale, user, l, older))
	got, err := e.Liked(e.ctx, user, 0, 5)
	e.must(err)
	e.equal("liked", got, []store.Liked{})
}
