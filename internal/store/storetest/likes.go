package storetest

import (
	"slices"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

func likeChecks() []check {
	return []check{
		{"liked/off is for ever", likedConverges},
		{"liked/newest first in pages", likedPages},
		{"liked/liked again is a new entry", likedAgain},
	}
}

func likedConverges(e *env) {
	f := e.fence(social.FamilyEngagement)
	for name, next := range nexts(e) {
		converge(e, "unliked, "+name, func() trial {
			user, l := e.user(), store.Liked{Since: e.id(), Tweet: e.tweet()}
			return trial{
				writes: []func() error{
					func() error { return e.PutLiked(e.ctx, f, user, l, on(l.Since)) },
					func() error { return e.PutLiked(e.ctx, f, user, l, off(next(l.Since))) },
				},
				read: func() (any, error) { return e.Liked(e.ctx, user, 0, 5) },
				want: []store.Liked{},
			}
		})
	}
}

func likedPages(e *env) {
	f := e.fence(social.FamilyEngagement)
	user := e.user()
	var entries []store.Liked
	for range 11 {
		entries = append(entries, store.Liked{Since: e.id(), Tweet: e.tweet()})
	}
	for i := range entries {
		l := entries[(i*4+2)%len(entries)]
		e.must(e.PutLiked(e.ctx, f, user, l, on(l.Since)))
	}
	slices.Reverse(entries)
	list := pager[store.Liked]{
		want:  entries,
		page:  func(from int64, n int) ([]store.Liked, error) { return e.Liked(e.ctx, user, snowflake.ID(from), n) },
		place: func(l store.Liked) int64 { return int64(l.Since) },
	}
	pages(e, "liked", list)
	for _, i := range []int{0, 3, 4, 10} {
		e.must(e.PutLiked(e.ctx, f, user, entries[i], off(e.id())))
	}
	list.want = slices.Concat(entries[1:3], entries[5:10])
	pages(e, "liked with some off", list)
	got, err := e.Liked(e.ctx, user, entries[3].Since, 2)
	e.must(err)
	e.equal("liked below an entry that is off", got, entries[5:7])
	list.want, user = nil, e.user()
	pages(e, "liked, empty", list)
}

func likedAgain(e *env) {
	f := e.fence(social.FamilyEngagement)
	user, tweet := e.user(), e.tweet()
	first := store.Liked{Since: e.id(), Tweet: tweet}
	e.must(e.PutLiked(e.ctx, f, user, first, on(first.Since)))
	e.must(e.PutLiked(e.ctx, f, user, first, off(e.id())))
	again := store.Liked{Since: e.id(), Tweet: tweet}
	e.must(e.PutLiked(e.ctx, f, user, again, on(again.Since)))
	got, err := e.Liked(e.ctx, user, 0, 5)
	e.must(err)
	e.equal("liked", got, []store.Liked{again})
}
