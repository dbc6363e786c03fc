package storetest

import (
	"slices"

	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/social/tweettext"
	"github.com/starlinghq/starling/internal/store"
)

func tweetChecks() []check {
	return []check{
		{"tweets/kept whole", tweetWhole},
		{"tweets/order asked, nil for missing", tweetOrder},
		{"tweets/larger event stands", tweetConverges},
		{"author log/newest first in pages", logPages},
		{"author log/many authors at once", logBatch},
		{"author log/twice is once", logTwice},
	}
}

// newTweet returns a reply with everything in it.
func newTweet(e *env) social.Tweet {
	text := "ich mag #Vögel, @ann_b und $STAR 🐦: https://example.com/a?b=c"
	id := e.tweet()
	return social.Tweet{
		ID: id, Author: e.user(), Text: text, Entities: tweettext.Extract(text),
		ReplyTo: e.tweet(), Root: e.tweet(), Last: on(e.id()),
	}
}

func tweetWhole(e *env) {
	f := e.fence(social.FamilyTweets)
	full, bare := newTweet(e), social.Tweet{ID: e.tweet(), Author: e.user(), Text: "x", Last: on(e.id())}
	bare.Root = bare.ID
	if len(full.Entities.Hashtags)*len(full.Entities.Mentions)*len(full.Entities.Cashtags)*len(full.Entities.URLs) == 0 {
		e.Fatal("the tweet of this test lacks a kind of entity")
	}
	e.must(e.PutTweet(e.ctx, f, full))
	e.must(e.PutTweet(e.ctx, f, bare))
	got, err := e.Tweets(e.ctx, []social.TweetID{full.ID, bare.ID})
	e.must(err)
	e.equal("tweets", got, []*social.Tweet{&full, &bare})
}

func tweetOrder(e *env) {
	f := e.fence(social.FamilyTweets)
	a, b, missing := newTweet(e), newTweet(e), e.tweet()
	e.must(e.PutTweet(e.ctx, f, a))
	e.must(e.PutTweet(e.ctx, f, b))
	got, err := e.Tweets(e.ctx, []social.TweetID{b.ID, missing, a.ID, b.ID})
	e.must(err)
	e.equal("tweets", got, []*social.Tweet{&b, nil, &a, &b})
	got, err = e.Tweets(e.ctx, nil)
	e.must(err)
	e.equal("no tweets", got, []*social.Tweet{})
}

func tweetConverges(e *env) {
	f := e.fence(social.FamilyTweets)
	for name, next := range nexts(e) {
		converge(e, "deleted tweet, "+name, func() trial {
			posted := newTweet(e)
			gone := social.Tweet{ID: posted.ID, Author: posted.Author, ReplyTo: posted.ReplyTo, Root: posted.Root}
			gone.Last = off(next(posted.Last.Event))
			return trial{
				writes: []func() error{
					func() error { return e.PutTweet(e.ctx, f, posted) },
					func() error { return e.PutTweet(e.ctx, f, gone) },
				},
				read: func() (any, error) { return e.Tweets(e.ctx, []social.TweetID{posted.ID}) },
				want: []*social.Tweet{&gone},
			}
		})
	}
}

// fillLog enters n tweets of a new author in no order, and returns them newest
// first.
func fillLog(e *env, f store.Fence, n int) (social.UserID, []social.LogEntry) {
	author := e.user()
	entries := make([]social.LogEntry, n)
	for i := range entries {
		entries[i].Tweet = e.tweet()
		if i%2 == 1 {
			entries[i].ReplyTo = e.tweet()
		}
	}
	for i := range entries {
		e.must(e.LogTweet(e.ctx, f, author, entries[(i*3+1)%n])) // n is no multiple of 3
	}
	slices.Reverse(entries)
	return author, entries
}

func logPages(e *env) {
	f := e.fence(social.FamilyTweets)
	author, entries := fillLog(e, f, 7)
	pages(e, "author log", pager[social.LogEntry]{
		want: entries,
		page: func(from int64, n int) ([]social.LogEntry, error) {
			logs, err := e.AuthorLogs(e.ctx, []social.UserID{author}, social.TweetID(from), n)
			if err != nil || len(logs) != 1 {
				return nil, err
			}
			return logs[0], nil
		},
		place: func(l social.LogEntry) int64 { return int64(l.Tweet) },
	})
	logs, err := e.AuthorLogs(e.ctx, []social.UserID{author}, entries[2].Tweet+1, 1)
	e.must(err)
	e.equal("log below an id that is not in it", logs, [][]social.LogEntry{entries[2:3]})
}

func logBatch(e *env) {
	f := e.fence(social.FamilyTweets)
	a, as := fillLog(e, f, 4)
	b, bs := fillLog(e, f, 5)
	nobody := e.user()
	got, err := e.AuthorLogs(e.ctx, []social.UserID{b, nobody, a, b}, 0, 4)
	e.must(err)
	e.equal("logs", got, [][]social.LogEntry{bs[:4], nil, as, bs[:4]})
	got, err = e.AuthorLogs(e.ctx, []social.UserID{a, b}, bs[2].Tweet, 10)
	e.must(err)
	e.equal("logs below the middle of one", got, [][]social.LogEntry{as, bs[3:]})
	got, err = e.AuthorLogs(e.ctx, nil, 0, 4)
	e.must(err)
	e.equal("no logs", got, [][]social.LogEntry{})
}

func logTwice(e *env) {
	f := e.fence(social.FamilyTweets)
	author, entries := fillLog(e, f, 2)
	e.must(e.LogTweet(e.ctx, f, author, entries[1]))
	got, err := e.AuthorLogs(e.ctx, []social.UserID{author}, 0, 10)
	e.must(err)
	e.equal("log", got, [][]social.LogEntry{entries})
}
