package storetest

import (
	"context"
	"errors"
	"slices"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

func errorChecks() []check {
	return []check{
		{"errors/ping of a store that is there", pings},
		{"errors/surely not applied is not applied", cancelled},
		{"errors/reads of a caller who has gone", readsCancelled},
		{"rows/seen by others", rowsSeen},
	}
}

func pings(e *env) { e.must(e.Ping(e.ctx)) }

// attempt is a write, and whether it is there.
type attempt struct {
	what  string
	write func(context.Context) error
	there func() (bool, error)
}

// cancelled writes for a caller who has gone: it must fail, and where the error
// says that nothing was written, nothing was.
func cancelled(e *env) {
	ctx, cancel := context.WithCancel(e.ctx)
	cancel()
	attempts := slices.Concat(tweetAttempts(e), engagementAttempts(e, e.fence(social.FamilyEngagement)), claimAttempts(e))
	for _, a := range attempts {
		err := a.write(ctx)
		if err == nil {
			e.Errorf("%s: written for a caller who has gone", a.what)
			continue
		}
		if store.MaybeApplied(err) {
			continue
		}
		found, err := a.there()
		e.must(err)
		if found {
			e.Errorf("%s: surely not applied, and there it is", a.what)
		}
	}
}

func tweetAttempts(e *env) []attempt {
	t, u := newTweet(e), newUser(e)
	tweets, users := e.fence(social.FamilyTweets), e.fence(social.FamilyUsers)
	return []attempt{
		{
			"tweet",
			func(ctx context.Context) error { return e.PutTweet(ctx, tweets, t) },
			func() (bool, error) { got, err := e.Tweets(e.ctx, []social.TweetID{t.ID}); return has(got), err },
		},
		{
			"log",
			func(ctx context.Context) error {
				return e.LogTweet(ctx, tweets, t.Author, social.LogEntry{Tweet: t.ID})
			},
			func() (bool, error) {
				got, err := e.AuthorLogs(e.ctx, []social.UserID{t.Author}, 0, 1)
				return len(got) == 1 && len(got[0]) > 0, err
			},
		},
		{
			"user",
			func(ctx context.Context) error { return e.PutUser(ctx, users, u) },
			func() (bool, error) { got, err := e.Users(e.ctx, []social.UserID{u.ID}); return has(got), err },
		},
	}
}

func engagementAttempts(e *env, f store.Fence) []attempt {
	owner, user, c, count := e.id(), e.user(), newComment(e, e.tweet()), store.Count{N: 1, Stamp: f.Next()}
	member := store.Member{User: user, Last: on(e.id())}
	like := store.Liked{Since: e.id(), Tweet: e.tweet()}
	return []attempt{
		{
			"member",
			func(ctx context.Context) error { return e.PutMember(ctx, f, store.Likers, owner, member, count) },
			func() (bool, error) {
				m, n, err := e.Member(e.ctx, store.Likers, owner, user)
				return m.Last.Event != 0 || n.N != 0, err
			},
		},
		{
			"like",
			func(ctx context.Context) error { return e.PutLiked(ctx, f, user, like, on(like.Since)) },
			func() (bool, error) { got, err := e.Liked(e.ctx, user, 0, 1); return len(got) > 0, err },
		},
		{
			"comment",
			func(ctx context.Context) error { return e.PutComment(ctx, f, c, count) },
			func() (bool, error) {
				got, n, err := e.Comment(e.ctx, c.Tweet, c.ID)
				return got != nil || n.N != 0, err
			},
		},
	}
}

func claimAttempts(e *env) []attempt {
	a, actor, s := newAccount(e), e.user(), e.shard(social.FamilyUsers)
	return []attempt{
		{
			"handle",
			func(ctx context.Context) error { _, _, err := e.ClaimHandle(ctx, a); return err },
			func() (bool, error) {
				_, err := e.Account(e.ctx, a.Handle)
				return !errors.Is(err, store.ErrNotFound), nil
			},
		},
		{
			"key",
			func(ctx context.Context) error { _, _, err := e.ClaimKey(ctx, actor, "k", newClaim(e)); return err },
			func() (bool, error) {
				_, err := e.Key(e.ctx, actor, "k")
				return !errors.Is(err, store.ErrNotFound), nil
			},
		},
		{
			"epoch",
			func(ctx context.Context) error { _, err := e.TakeEpoch(ctx, s, 0); return err },
			func() (bool, error) { got, err := e.Epoch(e.ctx, s); return got != 0, err },
		},
	}
}

func has[T any](rows []*T) bool { return len(rows) == 1 && rows[0] != nil }

func readsCancelled(e *env) {
	ctx, cancel := context.WithCancel(e.ctx)
	cancel()
	id := e.id()
	reads := map[string]func() error{
		"tweets":   func() error { _, err := e.Tweets(ctx, []social.TweetID{1}); return err },
		"logs":     func() error { _, err := e.AuthorLogs(ctx, []social.UserID{1}, 0, 1); return err },
		"users":    func() error { _, err := e.Users(ctx, []social.UserID{1}); return err },
		"member":   func() error { _, _, err := e.Member(ctx, store.Likers, id, 1); return err },
		"members":  func() error { _, err := e.Members(ctx, store.Likers, id, 0, 1); return err },
		"recount":  func() error { _, err := e.Recount(ctx, store.Likers, id); return err },
		"has":      func() error { _, err := e.Has(ctx, store.Likers, []store.MemberKey{{Owner: id, User: 1}}); return err },
		"counts":   func() error { _, err := e.Counts(ctx, store.Likers, []snowflake.ID{id}); return err },
		"liked":    func() error { _, err := e.Liked(ctx, 1, 0, 1); return err },
		"comments": func() error { _, err := e.CommentsOf(ctx, social.TweetID(id), 0, 1); return err },
		"key":      func() error { _, err := e.Key(ctx, 1, "k"); return err },
		"account":  func() error { _, err := e.Account(ctx, "nobody"); return err },
		"epoch":    func() error { _, err := e.Epoch(ctx, e.shard(social.FamilyUsers)); return err },
		"ping":     func() error { return e.Ping(ctx) },
	}
	for what, read := range reads {
		if read() == nil {
			e.Errorf("%s: answered a caller who has gone", what)
		}
	}
}

// someRows writes one row of each table, and returns a check that they are
// there.
func someRows(e *env) (check func()) {
	tweets, users, f := e.fence(social.FamilyTweets), e.fence(social.FamilyUsers), e.fence(social.FamilyEngagement)
	t, u, c, owner := newTweet(e), newUser(e), newComment(e, e.tweet()), e.id()
	member := store.Member{User: u.ID, Since: owner, Last: on(e.id())}
	like := store.Liked{Since: e.id(), Tweet: t.ID}
	count := store.Count{N: 1, Stamp: f.Next()}
	e.must(e.PutTweet(e.ctx, tweets, t))
	e.must(e.LogTweet(e.ctx, tweets, t.Author, social.LogEntry{Tweet: t.ID, ReplyTo: t.ReplyTo}))
	e.must(e.PutUser(e.ctx, users, u))
	e.must(e.PutMember(e.ctx, f, store.Likers, owner, member, count))
	e.must(e.PutLiked(e.ctx, f, u.ID, like, on(like.Since)))
	e.must(e.PutComment(e.ctx, f, c, count))
	return func() {
		got, err := e.Tweets(e.ctx, []social.TweetID{t.ID})
		e.must(err)
		e.equal("tweet", got, []*social.Tweet{&t})
		logs, err := e.AuthorLogs(e.ctx, []social.UserID{t.Author}, 0, 2)
		e.must(err)
		e.equal("log", logs, [][]social.LogEntry{{{Tweet: t.ID, ReplyTo: t.ReplyTo}}})
		profiles, err := e.Users(e.ctx, []social.UserID{u.ID})
		e.must(err)
		e.equal("user", profiles, []*social.User{&u})
		m, n := e.readMember(store.Likers, owner, u.ID)
		e.equal("member", m, member)
		e.equal("count", n, count)
		liked, err := e.Liked(e.ctx, u.ID, 0, 2)
		e.must(err)
		e.equal("liked", liked, []store.Liked{like})
		comment, n, err := e.Comment(e.ctx, c.Tweet, c.ID)
		e.must(err)
		e.equal("comment", comment, &c)
		e.equal("count of comments", n, count)
	}
}

func rowsSurvive(e *env) {
	e.need(Crash, e.h.crash != nil)
	there := someRows(e)
	e.crashed()
	there()
}

func rowsSeen(e *env) {
	e.need(Peer, e.h.peer != nil)
	there := someRows(e)
	e.Store = e.h.peer(e.TB, e.Store)
	there()
}
