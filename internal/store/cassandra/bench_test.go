package storecassandra

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/social/tweettext"
	"github.com/starlinghq/starling/internal/store"
)

// world is what the benchmarks read: 300 people who follow 40 each, 1,000 tweets
// of theirs with 5 likes each. Every run makes ids of its own.
type world struct {
	*Store
	fence  store.Fence
	users  []social.UserID
	tweets []social.TweetID
	start  snowflake.Millis
	ticks  atomic.Int64
	seq    int
}

func (w *world) id() snowflake.ID {
	return snowflake.Make(w.start+snowflake.Millis(w.ticks.Add(1)), 1, w.seq)
}

func newWorld(b *testing.B) *world {
	b.Helper()
	w := &world{Store: open(b), start: snowflake.MillisOf(time.Now()), seq: rand.IntN(snowflake.PerMilli)}
	shard := store.Shard{Family: social.FamilyEngagement, Number: rand.IntN(1 << 30)}
	epoch, err := w.TakeEpoch(b.Context(), shard, 0)
	must(b, err)
	w.fence = store.NewFence(shard, epoch)
	for range 300 {
		w.users = append(w.users, social.UserID(w.id()))
	}
	for range 1000 {
		w.tweets = append(w.tweets, social.TweetID(w.id()))
	}
	must(b, each(b.Context(), len(w.users), w.person))
	must(b, each(b.Context(), len(w.tweets), w.post))
	return w
}

func (w *world) person(ctx context.Context, i int) error {
	id := w.users[i]
	event := snowflake.ID(id)
	err := w.PutUser(ctx, w.fence, social.User{
		ID: id, Handle: "somebody", Name: "Some Body", NameEvent: event, Bio: "I am here for the birds.", BioEvent: event,
	})
	for n := int64(1); n <= 40 && err == nil; n++ {
		m := store.Member{User: w.user(), Last: social.Last{Event: w.id(), State: social.On}}
		err = w.PutMember(ctx, w.fence, store.Followees, event, m, store.Count{N: n, Stamp: w.fence.Next()})
	}
	return err
}

const tweetText = "the #starling is a bird that @ann_b likes, see https://example.com/starling for more of them"

func (w *world) post(ctx context.Context, i int) error {
	t := social.Tweet{
		ID: w.tweets[i], Author: w.user(), Text: tweetText, Entities: tweettext.Extract(tweetText),
		Last: social.Last{Event: snowflake.ID(w.tweets[i]), State: social.On},
	}
	err := w.PutTweet(ctx, w.fence, t)
	if err == nil {
		err = w.LogTweet(ctx, w.fence, t.Author, social.LogEntry{Tweet: t.ID})
	}
	for n := 0; n < 5 && err == nil; n++ {
		err = w.like(ctx, t.ID)
	}
	return err
}

// like is what the owner does for one like.
func (w *world) like(ctx context.Context, tweet social.TweetID) error {
	user, event := w.user(), w.id()
	m, c, err := w.Member(ctx, store.Likers, snowflake.ID(tweet), user)
	if err != nil {
		return err
	}
	m.Since, m.Last = event, social.Last{Event: event, State: social.On}
	if err := w.PutLiked(ctx, w.fence, user, store.Liked{Since: event, Tweet: tweet}, m.Last); err != nil {
		return err
	}
	return w.PutMember(ctx, w.fence, store.Likers, snowflake.ID(tweet), m, store.Count{N: c.N + 1, Stamp: w.fence.Next()})
}

func (w *world) user() social.UserID   { return w.users[rand.IntN(len(w.users))] }
func (w *world) tweet() social.TweetID { return w.tweets[rand.IntN(len(w.tweets))] }

// screen is what 20 tweets of a feed need from the store.
type screen struct {
	ids     []social.TweetID
	owners  []snowflake.ID
	keys    []store.MemberKey
	authors []social.UserID
}

func (w *world) screen() screen {
	var s screen
	viewer := w.user()
	for range 20 {
		id := w.tweet()
		s.ids = append(s.ids, id)
		s.owners = append(s.owners, snowflake.ID(id))
		s.keys = append(s.keys, store.MemberKey{Owner: snowflake.ID(id), User: viewer})
		s.authors = append(s.authors, w.user())
	}
	return s
}

func (w *world) read(ctx context.Context, s screen) error {
	if _, err := w.Tweets(ctx, s.ids); err != nil {
		return err
	}
	if _, err := w.Users(ctx, s.authors); err != nil {
		return err
	}
	if _, err := w.Counts(ctx, store.Likers, s.owners); err != nil {
		return err
	}
	if _, err := w.CommentCounts(ctx, s.ids); err != nil {
		return err
	}
	_, err := w.Has(ctx, store.Likers, s.keys)
	return err
}

// BenchmarkHomeScreen reads rows, authors, counts and the viewer's likes of 20
// tweets, without any cache: as it is, and row after row as a plain client does.
func BenchmarkHomeScreen(b *testing.B) {
	w := newWorld(b)
	b.Run("adapter", func(b *testing.B) {
		for b.Loop() {
			must(b, w.read(b.Context(), w.screen()))
		}
	})
	b.Run("naive", func(b *testing.B) {
		for b.Loop() {
			s := w.screen()
			for i := range s.ids {
				must(b, w.read(b.Context(), screen{s.ids[i : i+1], s.owners[i : i+1], s.keys[i : i+1], s.authors[i : i+1]}))
			}
		}
	})
}

func BenchmarkAuthorLogs100(b *testing.B) {
	w := newWorld(b)
	for b.Loop() {
		_, err := w.AuthorLogs(b.Context(), w.users[:100], 0, 20)
		must(b, err)
	}
}

func BenchmarkMembers(b *testing.B) {
	w := newWorld(b)
	for b.Loop() {
		_, err := w.Members(b.Context(), store.Followees, snowflake.ID(w.user()), 0, 500)
		must(b, err)
	}
}

// BenchmarkLike is one like as its owner applies it, 16 tweets side by side; and
// the same with a count that is kept by comparing and setting, as one needs
// without owners.
func BenchmarkLike(b *testing.B) {
	w := newWorld(b)
	b.Run("adapter", func(b *testing.B) {
		beside(b, func(ctx context.Context) error { return w.like(ctx, w.tweet()) })
	})
	b.Run("naive", func(b *testing.B) {
		beside(b, func(ctx context.Context) error { return w.likeByLWT(ctx, w.tweet()) })
	})
}

// beside runs what a benchmark measures 16 times at once.
func beside(b *testing.B, do func(context.Context) error) {
	b.ResetTimer()
	b.SetParallelism(8) // of two processors
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := do(b.Context()); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// likeByLWT inserts the row if it is not there, then compares and sets the
// count until it succeeds.
func (w *world) likeByLWT(ctx context.Context, tweet social.TweetID) error {
	user, event := int64(w.user()), w.id()
	_, _, err := w.apply(ctx, w.sessions.use(), expand(w.config.Keyspace,
		"INSERT INTO $engagement.likes_by_tweet (tweet_id, bucket, user_id, last) VALUES (?, 1, ?, (?, 1, ?)) IF NOT EXISTS"),
		[]any{int64(tweet), user, int64(event), int64(event)})
	if err != nil {
		return err
	}
	if err := w.PutLiked(ctx, w.fence, social.UserID(user), store.Liked{Since: event, Tweet: tweet}, social.Last{Event: event, State: social.On}); err != nil {
		return err
	}
	return w.repeat(ctx, true, func(ctx context.Context, g *gocql.Session) error {
		for {
			var c countCell
			found, err := w.serial(ctx, g, expand(w.config.Keyspace,
				"SELECT count FROM $engagement.likes_by_tweet WHERE tweet_id = ? AND bucket = 1 AND user_id = 0"), []any{int64(tweet)}, &c.epoch, &c.seq, &c.n)
			if err != nil {
				return err
			}
			cql, args := "UPDATE $engagement.likes_by_tweet SET count = (0, 0, ?) WHERE tweet_id = ? AND bucket = 1 AND user_id = 0 IF count = (0, 0, ?)", []any{c.n + 1, int64(tweet), c.n}
			if !found {
				cql, args = "INSERT INTO $engagement.likes_by_tweet (count, tweet_id, bucket, user_id) VALUES ((0, 0, ?), ?, 1, 0) IF NOT EXISTS", args[:2]
			}
			if applied, _, err := w.apply(ctx, g, expand(w.config.Keyspace, cql), args); err != nil || applied {
				return err
			}
		}
	})
}

// BenchmarkPost is one tweet as its owner writes it: row and author log.
func BenchmarkPost(b *testing.B) {
	w := newWorld(b)
	beside(b, func(ctx context.Context) error {
		id, author := w.id(), w.user()
		t := social.Tweet{ID: social.TweetID(id), Author: author, Text: tweetText, Last: social.Last{Event: id, State: social.On}}
		if err := w.PutTweet(ctx, w.fence, t); err != nil {
			return err
		}
		return w.LogTweet(ctx, w.fence, author, social.LogEntry{Tweet: t.ID})
	})
}

func BenchmarkClaimKey(b *testing.B) {
	w := newWorld(b)
	beside(b, func(ctx context.Context) error {
		_, _, err := w.ClaimKey(ctx, social.UserID(w.id()), "7f1b4f6e-0000-4a41-9c3e-1f2a3b4c5d6e", store.Claim{Event: []byte(tweetText)})
		return err
	})
}

// BenchmarkRow reads one row: without waiting for others before a request is
// sent, and with the driver's own waiting.
func BenchmarkRow(b *testing.B) {
	w := newWorld(b)
	b.Run("adapter", func(b *testing.B) {
		for b.Loop() {
			_, err := w.Tweets(b.Context(), []social.TweetID{w.tweet()})
			must(b, err)
		}
	})
	b.Run("naive", func(b *testing.B) {
		g := w.config.cluster()
		g.WriteCoalesceWaitTime = gocql.NewCluster().WriteCoalesceWaitTime
		session, err := g.CreateSession()
		must(b, err)
		defer session.Close()
		slow := *w.Store
		slow.sessions = &sessions{config: w.config}
		slow.sessions.current.Store(session)
		for b.Loop() {
			_, err := slow.Tweets(b.Context(), []social.TweetID{w.tweet()})
			must(b, err)
		}
	})
}
