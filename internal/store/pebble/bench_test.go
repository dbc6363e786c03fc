package storepebble_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/pebbledb"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/social/tweettext"
	"github.com/starlinghq/starling/internal/store"
	storepebble "github.com/starlinghq/starling/internal/store/pebble"
)

// world is a database of about the size of the real data: 1,000 people who
// follow 40 each, 5,000 tweets, 20 likes each.
type world struct {
	*storepebble.Store
	fence  store.Fence
	users  []social.UserID
	tweets []social.TweetID
	next   snowflake.Millis
}

func (w *world) id() snowflake.ID {
	w.next++
	return snowflake.Make(w.next, 1, 0)
}

func newWorld(b *testing.B) *world {
	b.Helper()
	db, err := pebbledb.Open(b.Context(), pebbledb.Config{Dir: b.TempDir(), BallastBytes: -1})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	s, err := storepebble.Open(b.Context(), db, storepebble.OpenOptions{Shards: shards})
	if err != nil {
		b.Fatal(err)
	}
	shard := store.Shard{Family: social.FamilyEngagement}
	epoch, err := s.TakeEpoch(b.Context(), shard, 0)
	if err != nil {
		b.Fatal(err)
	}
	w := &world{Store: s, fence: store.NewFence(shard, epoch), next: snowflake.MillisOf(time.Now())}
	w.people(b, 1000)
	w.posts(b, 5000)
	if err := db.Pebble().Flush(); err != nil {
		b.Fatal(err)
	}
	return w
}

func (w *world) people(b *testing.B, n int) {
	for range n {
		id := w.id()
		w.users = append(w.users, social.UserID(id))
		check(b, w.PutUser(b.Context(), w.fence, social.User{
			ID: social.UserID(id), Handle: "somebody", Name: "Some Body", NameEvent: id, Bio: "I am here for the birds.", BioEvent: id,
		}))
	}
	for _, u := range w.users {
		for range 40 {
			m := store.Member{User: w.user(), Last: social.Last{Event: w.id(), State: social.On}}
			check(b, w.PutMember(b.Context(), w.fence, store.Followees, snowflake.ID(u), m, store.Count{N: 40, Stamp: w.fence.Next()}))
		}
	}
}

const text = "the #starling is a bird that @ann_b likes, see https://example.com/starling for more of them"

func (w *world) posts(b *testing.B, n int) {
	entities := tweettext.Extract(text)
	for range n {
		id, author := w.id(), w.user()
		t := social.Tweet{ID: social.TweetID(id), Author: author, Text: text, Entities: entities, Last: social.Last{Event: id, State: social.On}}
		w.tweets = append(w.tweets, t.ID)
		check(b, w.PutTweet(b.Context(), w.fence, t))
		check(b, w.LogTweet(b.Context(), w.fence, author, social.LogEntry{Tweet: t.ID}))
		for range 20 {
			w.like(b, t.ID)
		}
	}
}

// like is what the owner does for one like.
func (w *world) like(b *testing.B, tweet social.TweetID) {
	user, event := w.user(), w.id()
	m, c, err := w.Member(b.Context(), store.Likers, snowflake.ID(tweet), user)
	check(b, err)
	m.User, m.Since, m.Last = user, event, social.Last{Event: event, State: social.On}
	check(b, w.PutLiked(b.Context(), w.fence, user, store.Liked{Since: event, Tweet: tweet}, m.Last))
	check(b, w.PutMember(b.Context(), w.fence, store.Likers, snowflake.ID(tweet), m, store.Count{N: c.N + 1, Stamp: w.fence.Next()}))
}

func (w *world) user() social.UserID   { return w.users[rand.IntN(len(w.users))] }
func (w *world) tweet() social.TweetID { return w.tweets[rand.IntN(len(w.tweets))] }

func check(b *testing.B, err error) {
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkHomeScreen reads what 20 tweets of a feed need from the store: rows,
// authors, counts of likes and comments, and whether the viewer likes them.
func BenchmarkHomeScreen(b *testing.B) {
	w := newWorld(b)
	b.ReportAllocs()
	for b.Loop() {
		var (
			ids    []social.TweetID
			owners []snowflake.ID
			keys   []store.MemberKey
			people []social.UserID
		)
		viewer := w.user()
		for range 20 {
			id := w.tweet()
			ids = append(ids, id)
			owners = append(owners, snowflake.ID(id))
			keys = append(keys, store.MemberKey{Owner: snowflake.ID(id), User: viewer})
		}
		tweets, err := w.Tweets(b.Context(), ids)
		check(b, err)
		for _, t := range tweets {
			people = append(people, t.Author)
		}
		_, err = w.Users(b.Context(), people)
		check(b, err)
		_, err = w.Counts(b.Context(), store.Likers, owners)
		check(b, err)
		_, err = w.CommentCounts(b.Context(), ids)
		check(b, err)
		_, err = w.Has(b.Context(), store.Likers, keys)
		check(b, err)
	}
}

func BenchmarkTweets20(b *testing.B) {
	w := newWorld(b)
	ids := make([]social.TweetID, 20)
	b.ReportAllocs()
	for b.Loop() {
		for i := range ids {
			ids[i] = w.tweet()
		}
		_, err := w.Tweets(b.Context(), ids)
		check(b, err)
	}
}

func BenchmarkHas300(b *testing.B) {
	w := newWorld(b)
	keys := make([]store.MemberKey, 300)
	viewer := w.user()
	for i := range keys {
		keys[i] = store.MemberKey{Owner: snowflake.ID(viewer), User: w.users[i]}
	}
	b.ReportAllocs()
	for b.Loop() {
		_, err := w.Has(b.Context(), store.Followees, keys)
		check(b, err)
	}
}

func BenchmarkCounts300(b *testing.B) {
	w := newWorld(b)
	owners := make([]snowflake.ID, 300)
	for i := range owners {
		owners[i] = snowflake.ID(w.tweets[i*16])
	}
	b.ReportAllocs()
	for b.Loop() {
		_, err := w.Counts(b.Context(), store.Likers, owners)
		check(b, err)
	}
}

func BenchmarkAuthorLogs300(b *testing.B) {
	w := newWorld(b)
	b.ReportAllocs()
	for b.Loop() {
		_, err := w.AuthorLogs(b.Context(), w.users[:300], 0, 20)
		check(b, err)
	}
}

func BenchmarkMembers(b *testing.B) {
	w := newWorld(b)
	b.ReportAllocs()
	for b.Loop() {
		_, err := w.Members(b.Context(), store.Followees, snowflake.ID(w.user()), 0, 500)
		check(b, err)
	}
}

// BenchmarkLike is one like as its owner applies it: a read and two writes.
func BenchmarkLike(b *testing.B) {
	w := newWorld(b)
	b.ReportAllocs()
	for b.Loop() {
		w.like(b, w.tweet())
	}
}

func BenchmarkPost(b *testing.B) {
	w := newWorld(b)
	b.ReportAllocs()
	for b.Loop() {
		id, author := w.id(), w.user()
		t := social.Tweet{ID: social.TweetID(id), Author: author, Text: text, Last: social.Last{Event: id, State: social.On}}
		check(b, w.PutTweet(b.Context(), w.fence, t))
		check(b, w.LogTweet(b.Context(), w.fence, author, social.LogEntry{Tweet: t.ID}))
	}
}

func BenchmarkClaimKey(b *testing.B) {
	w := newWorld(b)
	event := []byte(text)
	b.ReportAllocs()
	for b.Loop() {
		_, _, err := w.ClaimKey(b.Context(), social.UserID(w.id()), "7f1b4f6e-0000-4a41-9c3e-1f2a3b4c5d6e", store.Claim{Event: event})
		check(b, err)
	}
}
