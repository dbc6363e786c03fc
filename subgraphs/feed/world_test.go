package feed

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/starlinghq/starling/internal/cache"
	cachelocal "github.com/starlinghq/starling/internal/cache/local"
	"github.com/starlinghq/starling/internal/pebbledb"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
	storepebble "github.com/starlinghq/starling/internal/store/pebble"
	"github.com/starlinghq/starling/subgraphs/internal/read"
)

// tester is what a world needs of a test; a property has it too.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// world is a feed over the embedded adapters, and the write path in single
// steps, so that a test decides what has happened and what has not.
type world struct {
	tester
	ctx    context.Context //nolint:containedctx // of the test
	store  store.Store
	cache  *hooked
	feed   *Resolver
	fences map[social.Family]store.Fence
	next   int
}

func newWorld(t *testing.T) *world {
	db, err := pebbledb.Open(t.Context(), pebbledb.Config{Dir: "data", FS: vfs.NewMem(), BallastBytes: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	s, err := storepebble.Open(t.Context(), db, storepebble.OpenOptions{Shards: 1})
	if err != nil {
		t.Fatal(err)
	}
	c, err := cachelocal.New(cachelocal.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	w := &world{tester: t, ctx: t.Context(), store: s, cache: &hooked{Cache: c}, fences: map[social.Family]store.Fence{}}
	for _, f := range social.OwnedFamilies() {
		shard := store.Shard{Family: f}
		epoch, err := s.TakeEpoch(t.Context(), shard, 0)
		w.must(err)
		w.fences[f] = store.NewFence(shard, epoch)
	}
	silent := slog.New(slog.DiscardHandler)
	now := func() time.Time { return time.Now().Add(-age) }
	w.feed = &Resolver{read: read.New(s, w.cache, silent, time.Now), timelines: w.cache, now: now, log: silent}
	return w
}

// hooked is a cache that can be away, and that tells when a build begins and is
// about to put.
type hooked struct {
	cache.Cache
	away          bool
	begun, before func()
	begins        int
}

var errAway = fmt.Errorf("test: %w", cache.ErrUnavailable)

func (h *hooked) Home(ctx context.Context, v social.UserID) (cache.Timeline, cache.Overlay, error) {
	if h.away {
		return cache.Timeline{}, cache.Overlay{}, errAway
	}
	return h.Cache.Home(ctx, v)
}

func (h *hooked) Begin(ctx context.Context, v social.UserID) (cache.BuildToken, error) {
	if h.away {
		return 0, errAway
	}
	h.begins++
	t, err := h.Cache.Begin(ctx, v)
	if h.begun != nil {
		h.begun()
	}
	return t, err
}

func (h *hooked) Put(ctx context.Context, v social.UserID, t cache.BuildToken, es []cache.Entry, floor social.TweetID) (bool, error) {
	if h.before != nil {
		h.before()
	}
	return h.Cache.Put(ctx, v, t, es, floor)
}

func (h *hooked) Get(ctx context.Context, keys []cache.Key) ([]cache.Lookup, error) {
	if h.away {
		return nil, errAway
	}
	return h.Cache.Get(ctx, keys)
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatalf("%v", err)
	}
}

// age is how long ago everything in a world happens: nobody waits for it.
const age = time.Hour

// id returns an id larger than all before.
func (w *world) id() snowflake.ID {
	w.next++
	return snowflake.Make(snowflake.MillisOf(time.Now().Add(-age))+snowflake.Millis(w.next), 1, 0)
}

func (w *world) user() social.UserID { return social.UserID(w.id()) }

// The subgraphs: what is accepted is shown to its author.

func (w *world) record(viewer social.UserID, k cache.WriteKind, object, event snowflake.ID, s social.State) {
	w.Helper()
	w.must(w.cache.Record(w.ctx, viewer, cache.Write{Kind: k, Object: object, Last: social.Last{Event: event, State: s}}))
}

// accept accepts a tweet.
func (w *world) accept(author social.UserID, replyTo social.TweetID) *social.Tweet {
	w.Helper()
	tweet := social.NewTweet(w.id(), social.TweetPosted{Author: author, Text: "hello", ReplyTo: replyTo})
	w.must(w.cache.PutIfNewer(w.ctx, cache.TweetObject(tweet)))
	w.record(author, cache.WroteTweet, tweet.Last.Event, tweet.Last.Event, social.On)
	return tweet
}

// acceptFollow accepts a follow or its end, and returns its event.
func (w *world) acceptFollow(viewer, author social.UserID, s social.State) snowflake.ID {
	w.Helper()
	event := w.id()
	w.record(viewer, cache.WroteFollow, snowflake.ID(author), event, s)
	return event
}

// acceptDelete accepts the deletion of a tweet.
func (w *world) acceptDelete(tweet *social.Tweet) *social.Tweet {
	w.Helper()
	gone := tweet.Delete(w.id())
	w.must(w.cache.PutIfNewer(w.ctx, cache.TweetObject(gone)))
	w.record(tweet.Author, cache.WroteTweet, snowflake.ID(tweet.ID), gone.Last.Event, social.Off)
	return gone
}

// The owners.

// log applies a tweet: row, author log, caches.
func (w *world) log(tweet *social.Tweet) {
	w.Helper()
	f := w.fences[social.FamilyTweets]
	w.must(w.store.PutTweet(w.ctx, f, *tweet))
	w.must(w.store.LogTweet(w.ctx, f, tweet.Author, social.LogEntry{Tweet: tweet.ID, ReplyTo: tweet.ReplyTo}))
	w.must(w.cache.PutIfNewer(w.ctx, cache.TweetObject(tweet)))
	w.must(w.cache.Delete(w.ctx, cache.Key{Kind: cache.KindAuthorLog, ID: snowflake.ID(tweet.Author)}))
}

func (w *world) delete(gone *social.Tweet) {
	w.Helper()
	w.must(w.store.PutTweet(w.ctx, w.fences[social.FamilyTweets], *gone))
	w.must(w.cache.PutIfNewer(w.ctx, cache.TweetObject(gone)))
}

// followee applies a follow to the followees of the follower.
func (w *world) followee(viewer, author social.UserID, l social.Last) {
	w.Helper()
	w.member(social.FamilyUsers, store.Followees, viewer, author, l)
	w.must(w.cache.PutIfNewer(w.ctx, cache.Object{
		Key:     cache.Key{Kind: cache.KindFollowee, ID: snowflake.ID(viewer), Sub: snowflake.ID(author)},
		Version: cache.Version{Major: int64(l.Event)}, Value: l,
	}))
	w.must(w.cache.Delete(w.ctx, cache.Key{Kind: cache.KindFollowing, ID: snowflake.ID(viewer)}))
}

// follower applies it to the followers of the followee.
func (w *world) follower(viewer, author social.UserID, l social.Last) {
	w.Helper()
	w.member(social.FamilyFollowers, store.Followers, author, viewer, l)
	if l.State == social.On {
		w.must(w.cache.Drop(w.ctx, viewer))
	}
}

func (w *world) member(f social.Family, r store.Relation, owner, user social.UserID, l social.Last) {
	w.Helper()
	m := store.Member{User: user, Since: l.Event, Last: l}
	w.must(w.store.PutMember(w.ctx, w.fences[f], r, snowflake.ID(owner), m, store.Count{N: 1, Stamp: w.fences[f].Next()}))
}

// follow accepts and applies a follow or its end.
func (w *world) follow(viewer, author social.UserID, s social.State) {
	w.Helper()
	l := social.Last{Event: w.acceptFollow(viewer, author, s), State: s}
	w.followee(viewer, author, l)
	w.follower(viewer, author, l)
}

// applied applies a follow that was accepted long ago: no overlay knows it.
func (w *world) applied(viewer, author social.UserID, s social.State) {
	w.Helper()
	l := social.Last{Event: w.id(), State: s}
	w.followee(viewer, author, l)
	w.follower(viewer, author, l)
}

// The fan-out.

func (w *world) deliver(tweet *social.Tweet) {
	w.Helper()
	followers, err := w.store.Members(w.ctx, store.Followers, snowflake.ID(tweet.Author), 0, 1000)
	w.must(err)
	viewers := []social.UserID{tweet.Author}
	for _, m := range followers {
		viewers = append(viewers, m.User)
	}
	w.must(w.cache.Append(w.ctx, cache.Entry{Tweet: tweet.ID, Author: tweet.Author}, viewers))
}

// post does all of it.
func (w *world) post(author social.UserID, replyTo social.TweetID) *social.Tweet {
	w.Helper()
	tweet := w.accept(author, replyTo)
	w.log(tweet)
	w.deliver(tweet)
	return tweet
}

// The reader.

// page reads one page.
func (w *world) page(viewer social.UserID, before social.TweetID, n int) []social.TweetID {
	w.Helper()
	tweets, err := w.feed.page(w.ctx, viewer, before, n)
	w.must(err)
	ids := make([]social.TweetID, len(tweets))
	for i, t := range tweets {
		ids[i] = t.ID
	}
	return ids
}

// all reads a feed to its end, in pages of n, and checks their order.
func (w *world) all(viewer social.UserID, n int) []social.TweetID {
	w.Helper()
	var got []social.TweetID
	for before := social.TweetID(0); ; {
		page := w.page(viewer, before, n)
		for _, id := range page {
			if before != 0 && id >= before {
				w.Fatalf("in pages of %d: %d behind %d", n, id, before)
			}
			before = id
		}
		got = append(got, page...)
		if len(page) < n {
			return got
		}
	}
}
