package storetest

import (
	"slices"
	"time"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

func commentChecks() []check {
	return []check{
		{"comments/order asked, nil for missing", commentOrder},
		{"comments/larger event stands", commentConverges},
		{"comments/larger stamp stands", commentCountConverges},
		{"comments/comment and count seen together", commentTogether},
		{"comments/newest first in pages, over months", commentPages},
		{"comments/counted over months", commentMonths},
	}
}

func newComment(e *env, tweet social.TweetID) social.Comment {
	id := e.id()
	return social.Comment{ID: social.CommentID(id), Tweet: tweet, Author: e.user(), Text: "schön! 🐦", Last: on(id)}
}

func commentOrder(e *env) {
	f := e.fence(social.FamilyEngagement)
	a, b, missing := newComment(e, e.tweet()), newComment(e, e.tweet()), social.CommentID(e.id())
	e.must(e.PutComment(e.ctx, f, a, store.Count{N: 1, Stamp: f.Next()}))
	e.must(e.PutComment(e.ctx, f, b, store.Count{N: 1, Stamp: f.Next()}))
	got, err := e.Comments(e.ctx, []social.CommentID{b.ID, missing, a.ID, b.ID})
	e.must(err)
	e.equal("comments", got, []*social.Comment{&b, nil, &a, &b})
	c, n, err := e.Comment(e.ctx, a.Tweet, missing)
	e.must(err)
	e.equal("missing comment", c, (*social.Comment)(nil))
	e.equal("count beside it", n.N, int64(1))
	counts, err := e.CommentCounts(e.ctx, []social.TweetID{b.Tweet, e.tweet(), a.Tweet})
	e.must(err)
	e.equal("counts", counts, []int64{1, 0, 1})
}

// readComment returns what each way of reading a comment says.
func readComment(e *env, tweet social.TweetID, id social.CommentID) (any, error) {
	byID, err := e.Comments(e.ctx, []social.CommentID{id})
	if err != nil {
		return nil, err
	}
	c, _, err := e.Comment(e.ctx, tweet, id)
	if err != nil {
		return nil, err
	}
	live, err := e.CommentsOf(e.ctx, tweet, 0, 5)
	if err != nil {
		return nil, err
	}
	n, err := e.RecountComments(e.ctx, tweet, id)
	return []any{byID, c, live, n}, err
}

func commentConverges(e *env) {
	f := e.fence(social.FamilyEngagement)
	for name, next := range nexts(e) {
		converge(e, "deleted comment, "+name, func() trial {
			posted := newComment(e, e.tweet())
			gone := social.Comment{ID: posted.ID, Tweet: posted.Tweet, Author: posted.Author, Last: off(next(posted.Last.Event))}
			put := func(c social.Comment) func() error {
				return func() error { return e.PutComment(e.ctx, f, c, store.Count{Stamp: f.Next()}) }
			}
			return trial{
				writes: []func() error{put(posted), put(gone)},
				read:   func() (any, error) { return readComment(e, posted.Tweet, posted.ID) },
				want:   []any{[]*social.Comment{&gone}, &gone, []social.Comment{}, int64(0)},
			}
		})
	}
}

func commentCountConverges(e *env) {
	s := e.shard(social.FamilyEngagement)
	old := store.Stamp{Epoch: e.own(s).Epoch, Seq: 1 << 40}
	f := e.own(s)
	converge(e, "count of comments", func() trial {
		tweet := e.tweet()
		var writes []func() error
		for _, n := range []store.Count{{N: 7, Stamp: f.Next()}, {N: 9, Stamp: old}, {N: 6, Stamp: f.Next()}} {
			c := newComment(e, tweet)
			writes = append(writes, func() error { return e.PutComment(e.ctx, f, c, n) })
		}
		return trial{
			writes: writes,
			read:   func() (any, error) { return e.CommentCounts(e.ctx, []social.TweetID{tweet}) },
			want:   []int64{6},
		}
	})
}

func commentTogether(e *env) {
	f := e.fence(social.FamilyEngagement)
	tweet, first := e.tweet(), social.CommentID(e.id())
	together(e, func(k int64) error {
		c := newComment(e, tweet)
		c.ID = first + social.CommentID(k)
		return e.PutComment(e.ctx, f, c, store.Count{N: k, Stamp: f.Next()})
	}, func(k int64) (bool, int64, error) {
		c, n, err := e.Comment(e.ctx, tweet, first+social.CommentID(k))
		return c != nil, n.N, err
	})
}

// overMonths puts live comments into four months, and returns them newest
// first. Each is counted in the partition it belongs to, as its owner does.
func overMonths(e *env, f store.Fence, tweet social.TweetID) []social.Comment {
	var all []social.Comment
	for _, months := range []int{5, 2, 2, 1, 0, 0, 0} {
		c := newComment(e, tweet)
		at := snowflake.ID(c.ID).Time().AddDate(0, -months, 0)
		c.ID = social.CommentID(e.h.mint.at(snowflake.MillisOf(at)))
		all = append(all, c)
	}
	for i := range all {
		putCounted(e, f, all[(i*3+2)%len(all)], +1)
	}
	slices.SortFunc(all, func(a, b social.Comment) int { return int(b.ID - a.ID) })
	return all
}

// putCounted writes a comment with the count of its partition changed by delta.
func putCounted(e *env, f store.Fence, c social.Comment, delta int64) {
	e.Helper()
	_, n, err := e.Comment(e.ctx, c.Tweet, c.ID)
	e.must(err)
	e.must(e.PutComment(e.ctx, f, c, store.Count{N: n.N + delta, Stamp: f.Next()}))
}

// remove deletes a comment.
func remove(e *env, f store.Fence, c social.Comment) {
	e.Helper()
	c.Text, c.Last = "", off(e.id())
	putCounted(e, f, c, -1)
}

func commentPages(e *env) {
	f := e.fence(social.FamilyEngagement)
	tweet := e.tweet()
	all := overMonths(e, f, tweet)
	list := pager[social.Comment]{
		want: all,
		page: func(from int64, n int) ([]social.Comment, error) {
			return e.CommentsOf(e.ctx, tweet, social.CommentID(from), n)
		},
		place: func(c social.Comment) int64 { return int64(c.ID) },
	}
	pages(e, "comments", list)
	for _, i := range []int{0, 3, 4} {
		remove(e, f, all[i])
	}
	list.want = slices.Concat(all[1:3], all[5:])
	pages(e, "comments with some deleted", list)
	got, err := e.CommentsOf(e.ctx, tweet, all[4].ID, 1)
	e.must(err)
	e.equal("comments below a deleted one", got, all[5:6])
	tweet, list.want = e.tweet(), nil
	pages(e, "comments, none", list)
}

func commentMonths(e *env) {
	f := e.fence(social.FamilyEngagement)
	tweet := e.tweet()
	all := overMonths(e, f, tweet)
	remove(e, f, all[1])
	remove(e, f, all[len(all)-1])
	counts, err := e.CommentCounts(e.ctx, []social.TweetID{tweet})
	e.must(err)
	e.equal("count of all months", counts, []int64{int64(len(all) - 2)})
	for _, c := range all {
		_, n, err := e.Comment(e.ctx, tweet, c.ID)
		e.must(err)
		recounted, err := e.RecountComments(e.ctx, tweet, c.ID)
		e.must(err)
		e.equal("recount of the partition of "+snowflake.ID(c.ID).Time().Format(time.DateOnly), recounted, n.N)
	}
}
