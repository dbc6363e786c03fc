package storetest

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// Each type below is the model with one mistake in it.

// modelOf finds the model in a broken store.
func modelOf(s store.Store) *model { return s.(interface{ itself() *model }).itself() }

func (m *model) itself() *model { return m }

// faultHooks are modelHooks for stores that are wrapped; a forgetful one loses
// everything.
func faultHooks() []Option {
	after := func(_ testing.TB, s store.Store) store.Store {
		if _, ok := s.(forgetful); ok {
			return newModel()
		}
		return s
	}
	return []Option{
		WithCrash(after),
		WithPeer(after),
		WithClock(func(_ testing.TB, s store.Store, d time.Duration) {
			m := modelOf(s)
			m.mu.Lock()
			defer m.mu.Unlock()
			m.clock = m.clock.Add(d)
		}),
	}
}

// pause lets the others run, as a round trip does.
func pause() {
	for range 20 {
		runtime.Gosched()
	}
}

type forgetful struct{ *model }

type twoColumns struct{ *model }

func (s twoColumns) PutMember(ctx context.Context, f store.Fence, r store.Relation, owner snowflake.ID, row store.Member, c store.Count) error {
	return s.apply(ctx, f, func() {
		key := countOf{relation: r, owner: owner}
		is := mixed(s.members[key][row.User].Last, row.Last)
		if is == row.Last {
			s.putRow(r, owner, row)
		} else if is != s.members[key][row.User].Last {
			kept := s.members[key][row.User]
			kept.Last = is
			s.members[key][row.User] = kept
		}
		s.putCount(key, c)
	})
}

type dropsOff struct{ *model }

func (s dropsOff) PutMember(ctx context.Context, f store.Fence, r store.Relation, owner snowflake.ID, row store.Member, c store.Count) error {
	return s.apply(ctx, f, func() {
		key := countOf{relation: r, owner: owner}
		s.putRow(r, owner, row)
		if s.members[key][row.User].Last.State == social.Off {
			delete(s.members[key], row.User)
		}
		s.putCount(key, c)
	})
}

type wholeUser struct{ *model }

func (s wholeUser) PutUser(ctx context.Context, f store.Fence, u social.User) error {
	return s.apply(ctx, f, func() {
		if u.Version() > s.users[u.ID].Version() {
			s.users[u.ID] = u
		}
	})
}

type emptyFields struct{ *model }

func (s emptyFields) PutUser(ctx context.Context, f store.Fence, u social.User) error {
	return s.apply(ctx, f, func() {
		row := s.users[u.ID]
		if u.NameEvent < row.NameEvent {
			u.NameEvent = row.NameEvent
		}
		if u.Handle == "" {
			u.Handle = row.Handle
		}
		s.users[u.ID] = u
	})
}

type noSince struct{ *model }

func (s noSince) PutMember(ctx context.Context, f store.Fence, r store.Relation, owner snowflake.ID, row store.Member, c store.Count) error {
	row.Since = row.Last.Event
	return s.model.PutMember(ctx, f, r, owner, row, c)
}

type leavesOut struct{ *model }

func (s leavesOut) Tweets(ctx context.Context, ids []social.TweetID) ([]*social.Tweet, error) {
	got, err := s.model.Tweets(ctx, ids)
	return slices.DeleteFunc(got, func(t *social.Tweet) bool { return t == nil }), err
}

type sorts struct{ *model }

func (s sorts) Users(ctx context.Context, ids []social.UserID) ([]*social.User, error) {
	return s.model.Users(ctx, slices.Sorted(slices.Values(ids)))
}

type logsTwice struct{ *model }

func (s logsTwice) AuthorLogs(ctx context.Context, authors []social.UserID, before social.TweetID, n int) ([][]social.LogEntry, error) {
	logs, err := s.model.AuthorLogs(ctx, authors, before, n)
	for i := range logs {
		if len(logs[i]) > 1 {
			logs[i] = slices.Insert(logs[i], 0, logs[i][0])
		}
	}
	return logs, err
}

type oneRelation struct{ *model }

func (s oneRelation) Member(ctx context.Context, _ store.Relation, owner snowflake.ID, user social.UserID) (store.Member, store.Count, error) {
	return s.model.Member(ctx, store.Likers, owner, user)
}

func (s oneRelation) PutMember(ctx context.Context, f store.Fence, _ store.Relation, owner snowflake.ID, row store.Member, c store.Count) error {
	return s.model.PutMember(ctx, f, store.Likers, owner, row, c)
}

type noEntities struct{ *model }

func (s noEntities) PutTweet(ctx context.Context, f store.Fence, t social.Tweet) error {
	t.Entities.Cashtags = nil
	return s.model.PutTweet(ctx, f, t)
}

type writesApart struct{ *model }

func (s writesApart) PutMember(ctx context.Context, f store.Fence, r store.Relation, owner snowflake.ID, row store.Member, c store.Count) error {
	if err := s.apply(ctx, f, func() { s.putRow(r, owner, row) }); err != nil {
		return err
	}
	pause()
	return s.apply(ctx, f, func() { s.putCount(countOf{relation: r, owner: owner}, c) })
}

func (s writesApart) PutComment(ctx context.Context, f store.Fence, c social.Comment, n store.Count) error {
	if err := s.apply(ctx, f, func() { s.putComment(c) }); err != nil {
		return err
	}
	pause()
	return s.apply(ctx, f, func() { s.putCount(s.commentCount(c.Tweet, c.ID), n) })
}

type readsApart struct{ *model }

func (s readsApart) Member(ctx context.Context, r store.Relation, owner snowflake.ID, user social.UserID) (store.Member, store.Count, error) {
	row, _, err := s.model.Member(ctx, r, owner, user)
	pause()
	_, c, err2 := s.model.Member(ctx, r, owner, user)
	return row, c, errors.Join(err, err2)
}

func (s readsApart) Comment(ctx context.Context, tweet social.TweetID, id social.CommentID) (*social.Comment, store.Count, error) {
	c, _, err := s.model.Comment(ctx, tweet, id)
	pause()
	_, n, err2 := s.model.Comment(ctx, tweet, id)
	return c, n, errors.Join(err, err2)
}

type allOrNothing struct{ *model }

func (s allOrNothing) PutMember(ctx context.Context, f store.Fence, r store.Relation, owner snowflake.ID, row store.Member, c store.Count) error {
	return s.apply(ctx, f, func() {
		key := countOf{relation: r, owner: owner}
		if s.newer(s.members[key][row.User].Last, row.Last) {
			s.putRow(r, owner, row)
			s.putCount(key, c)
		}
	})
}

// counter adds the difference to the count it last saw written, as a counter
// column does: a write that comes twice counts twice.
type counter struct{ *model }

func (s counter) PutMember(ctx context.Context, f store.Fence, r store.Relation, owner snowflake.ID, row store.Member, c store.Count) error {
	return s.apply(ctx, f, func() {
		key := countOf{relation: r, owner: owner}
		s.putRow(r, owner, row)
		was := s.counts[key]
		s.counts[key] = store.Count{N: was.N + int64(row.Last.State)*2 - 1, Stamp: c.Stamp}
	})
}

type countsOff struct{ *model }

func (s countsOff) Recount(ctx context.Context, r store.Relation, owner snowflake.ID) (n int64, err error) {
	err = s.do(ctx, func() { n = int64(len(s.members[countOf{relation: r, owner: owner}])) })
	return n, err
}

func (s countsOff) RecountComments(ctx context.Context, tweet social.TweetID, id social.CommentID) (n int64, err error) {
	err = s.do(ctx, func() {
		for _, c := range s.comments {
			if c.Tweet == tweet && s.month(c.ID) == s.month(id) {
				n++
			}
		}
	})
	return n, err
}

type countsMonths struct{ *model }

func (s countsMonths) RecountComments(ctx context.Context, tweet social.TweetID, _ social.CommentID) (n int64, err error) {
	err = s.do(ctx, func() {
		n = int64(len(s.liveComments(tweet, 1<<30, func(social.CommentID) bool { return true })))
	})
	return n, err
}

type newestMonth struct{ *model }

func (s newestMonth) CommentCounts(ctx context.Context, tweets []social.TweetID) (out []int64, err error) {
	err = s.do(ctx, func() {
		for _, tweet := range tweets {
			newest := countOf{}
			for k := range s.counts {
				if k.owner == snowflake.ID(tweet) && k.relation == 0 && k.month > newest.month {
					newest = k
				}
			}
			out = append(out, s.counts[newest].N)
		}
	})
	return out, err
}

type shortPages struct{ *model }

func cut[T any](page []T, n int) []T { return page[:max(0, min(len(page), n-1))] }

func (s shortPages) AuthorLogs(ctx context.Context, authors []social.UserID, before social.TweetID, n int) ([][]social.LogEntry, error) {
	logs, err := s.model.AuthorLogs(ctx, authors, before, n)
	for i := range logs {
		logs[i] = cut(logs[i], n)
	}
	return logs, err
}

func (s shortPages) Members(ctx context.Context, r store.Relation, owner snowflake.ID, after social.UserID, n int) ([]store.Member, error) {
	got, err := s.model.Members(ctx, r, owner, after, n)
	return cut(got, n), err
}

func (s shortPages) Liked(ctx context.Context, user social.UserID, before snowflake.ID, n int) ([]store.Liked, error) {
	got, err := s.model.Liked(ctx, user, before, n)
	return cut(got, n), err
}

func (s shortPages) CommentsOf(ctx context.Context, tweet social.TweetID, before social.CommentID, n int) ([]social.Comment, error) {
	got, err := s.model.CommentsOf(ctx, tweet, before, n)
	return cut(got, n), err
}

type againPages struct{ *model }

// up moves a cursor by one, but not that of the first page.
func up[T ~int64](cursor, by T) T {
	if cursor == 0 {
		return 0
	}
	return cursor + by
}

func (s againPages) AuthorLogs(ctx context.Context, authors []social.UserID, before social.TweetID, n int) ([][]social.LogEntry, error) {
	return s.model.AuthorLogs(ctx, authors, up(before, 1), n)
}

func (s againPages) Members(ctx context.Context, r store.Relation, owner snowflake.ID, after social.UserID, n int) ([]store.Member, error) {
	return s.model.Members(ctx, r, owner, up(after, -1), n)
}

func (s againPages) Liked(ctx context.Context, user social.UserID, before snowflake.ID, n int) ([]store.Liked, error) {
	return s.model.Liked(ctx, user, up(before, 1), n)
}

func (s againPages) CommentsOf(ctx context.Context, tweet social.TweetID, before social.CommentID, n int) ([]social.Comment, error) {
	return s.model.CommentsOf(ctx, tweet, up(before, 1), n)
}

// thinPages cuts a page and leaves out what is off afterwards.
type thinPages struct{ *model }

func (s thinPages) Members(ctx context.Context, r store.Relation, owner snowflake.ID, after social.UserID, n int) (out []store.Member, err error) {
	err = s.do(ctx, func() {
		all := page(s.members[countOf{relation: r, owner: owner}], n,
			func(user social.UserID, _ store.Member) bool { return user > after },
			func(a, b store.Member) int { return cmp.Compare(a.User, b.User) })
		out = slices.DeleteFunc(all, func(m store.Member) bool { return m.Last.State == social.Off })
	})
	return out, err
}

func (s thinPages) Liked(ctx context.Context, user social.UserID, before snowflake.ID, n int) ([]store.Liked, error) {
	off := 0
	_ = s.do(ctx, func() {
		for k, row := range s.likes {
			if k.user == user && row.last.State == social.Off && below(k.since, before) {
				off++
			}
		}
	})
	return s.model.Liked(ctx, user, before, max(0, n-off))
}

func (s thinPages) CommentsOf(ctx context.Context, tweet social.TweetID, before social.CommentID, n int) (out []social.Comment, err error) {
	err = s.do(ctx, func() {
		all := page(s.comments, n,
			func(id social.CommentID, c social.Comment) bool { return c.Tweet == tweet && below(id, before) },
			func(a, b social.Comment) int { return cmp.Compare(b.ID, a.ID) })
		out = slices.DeleteFunc(all, func(c social.Comment) bool { return c.Deleted() })
	})
	return out, err
}

type listsOff struct{ *model }

func (s listsOff) Members(ctx context.Context, r store.Relation, owner snowflake.ID, after social.UserID, n int) (out []store.Member, err error) {
	err = s.do(ctx, func() {
		out = page(s.members[countOf{relation: r, owner: owner}], n,
			func(user social.UserID, _ store.Member) bool { return user > after },
			func(a, b store.Member) int { return cmp.Compare(a.User, b.User) })
	})
	return out, err
}

type sharedLimit struct{ *model }

func (s sharedLimit) AuthorLogs(ctx context.Context, authors []social.UserID, before social.TweetID, n int) ([][]social.LogEntry, error) {
	logs, err := s.model.AuthorLogs(ctx, authors, before, n)
	for i := range logs {
		logs[i] = logs[i][:min(len(logs[i]), n)]
		n -= len(logs[i])
	}
	return logs, err
}
