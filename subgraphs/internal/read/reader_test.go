package read_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/starlinghq/starling/internal/cache"
	cachelocal "github.com/starlinghq/starling/internal/cache/local"
	"github.com/starlinghq/starling/internal/pebbledb"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
	storepebble "github.com/starlinghq/starling/internal/store/pebble"
	"github.com/starlinghq/starling/subgraphs/internal/read"
)

// world is a reader over the embedded adapters, and what owners do to them.
type world struct {
	*testing.T
	*read.Reader
	store  *counting
	cache  *switched
	fences map[social.Family]store.Fence
	next   int
}

func newWorld(t *testing.T) *world {
	db, err := pebbledb.Open(t.Context(), pebbledb.Config{Dir: "data", FS: vfs.NewMem(), BallastBytes: -1})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	s, err := storepebble.Open(t.Context(), db, storepebble.OpenOptions{Shards: 1})
	must(t, err)
	c, err := cachelocal.New(cachelocal.Config{})
	must(t, err)
	t.Cleanup(c.Close)
	w := &world{T: t, store: &counting{Store: s}, cache: &switched{Cache: c}, fences: map[social.Family]store.Fence{}}
	for _, f := range social.OwnedFamilies() {
		shard := store.Shard{Family: f}
		epoch, err := s.TakeEpoch(t.Context(), shard, 0)
		must(t, err)
		w.fences[f] = store.NewFence(shard, epoch)
	}
	w.Reader = read.New(w.store, w.cache, slog.New(slog.DiscardHandler), time.Now)
	return w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// counting counts calls of the store.
type counting struct {
	store.Store
	mu    sync.Mutex
	calls map[string]int // guarded by mu
}

func (c *counting) count(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calls == nil {
		c.calls = map[string]int{}
	}
	c.calls[name]++
}

func (c *counting) take() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	calls := c.calls
	c.calls = nil
	return calls
}

func (c *counting) Tweets(ctx context.Context, ids []social.TweetID) ([]*social.Tweet, error) {
	c.count("Tweets")
	return c.Store.Tweets(ctx, ids)
}

func (c *counting) Has(ctx context.Context, r store.Relation, keys []store.MemberKey) ([]store.Member, error) {
	c.count("Has")
	return c.Store.Has(ctx, r, keys)
}

func (c *counting) Counts(ctx context.Context, r store.Relation, owners []snowflake.ID) ([]store.Count, error) {
	c.count("Counts")
	return c.Store.Counts(ctx, r, owners)
}

func (c *counting) AuthorLogs(ctx context.Context, authors []social.UserID, before social.TweetID, n int) ([][]social.LogEntry, error) {
	c.count("AuthorLogs")
	return c.Store.AuthorLogs(ctx, authors, before, n)
}

// switched is a cache that can be away.
type switched struct {
	cache.Cache
	away bool
}

func (s *switched) Get(ctx context.Context, keys []cache.Key) ([]cache.Lookup, error) {
	if s.away {
		return nil, fmt.Errorf("test: %w", cache.ErrUnavailable)
	}
	return s.Cache.Get(ctx, keys)
}

func (s *switched) Fill(ctx context.Context, fills ...cache.Fill) error {
	if s.away {
		return fmt.Errorf("test: %w", cache.ErrUnavailable)
	}
	return s.Cache.Fill(ctx, fills...)
}

func (s *switched) Overlay(ctx context.Context, viewer social.UserID) (cache.Overlay, error) {
	if s.away {
		return cache.Overlay{}, fmt.Errorf("test: %w", cache.ErrUnavailable)
	}
	return s.Cache.Overlay(ctx, viewer)
}

// id returns an id of two minutes ago: nobody waits for it.
func (w *world) id() snowflake.ID {
	w.next++
	return snowflake.Make(snowflake.MillisOf(time.Now().Add(-2*time.Minute))+snowflake.Millis(w.next), 1, 0)
}

func (w *world) user() social.UserID { return social.UserID(w.id()) }

// post writes a tweet as its owner does.
func (w *world) post(author social.UserID) *social.Tweet {
	w.Helper()
	tweet := social.NewTweet(w.id(), social.TweetPosted{Author: author, Text: "hello"})
	must(w.T, w.store.PutTweet(w.Context(), w.fences[social.FamilyTweets], *tweet))
	must(w.T, w.store.LogTweet(w.Context(), w.fences[social.FamilyTweets], author, social.LogEntry{Tweet: tweet.ID}))
	must(w.T, w.cache.PutIfNewer(w.Context(), cache.TweetObject(tweet)))
	must(w.T, w.cache.Delete(w.Context(), cache.Key{Kind: cache.KindAuthorLog, ID: snowflake.ID(author)}))
	return tweet
}

// member writes a row of a relation as its owner does.
func (w *world) member(r store.Relation, owner snowflake.ID, user social.UserID, last social.Last) {
	w.Helper()
	family := map[store.Relation]social.Family{
		store.Followees: social.FamilyUsers, store.Followers: social.FamilyFollowers, store.Likers: social.FamilyEngagement,
	}[r]
	f := w.fences[family]
	m := store.Member{User: user, Since: last.Event, Last: last}
	must(w.T, w.store.PutMember(w.Context(), f, r, owner, m, store.Count{N: 1, Stamp: f.Next()}))
}

func (w *world) record(viewer social.UserID, write cache.Write) {
	w.Helper()
	must(w.T, w.cache.Record(w.Context(), viewer, write))
}

func (w *world) equal(what string, got, want any) {
	w.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		w.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func on(e snowflake.ID) social.Last  { return social.Last{Event: e, State: social.On} }
func off(e snowflake.ID) social.Last { return social.Last{Event: e, State: social.Off} }

// walk reads a list to its end in pages of every size.
func walk[T any](w *world, what string, want []T, at func(T) snowflake.ID, page func(read.Window) ([]T, error)) {
	w.Helper()
	for n := 1; n <= len(want)+1; n++ {
		var got []T
		for after := snowflake.ID(0); len(got) <= len(want); {
			p, err := page(read.Window{After: after, N: n})
			must(w.T, err)
			got = append(got, p...)
			if len(p) < n {
				break
			}
			after = at(p[n-1])
		}
		w.equal(fmt.Sprintf("%s in pages of %d", what, n), got, want)
	}
}

func entryAt(e read.Entry) snowflake.ID { return e.At }

// TestFollowees: the list of whom the viewer follows has his last follows and
// unfollows in it; others see only what is applied.
func TestFollowees(t *testing.T) {
	w := newWorld(t)
	viewer, other := w.user(), w.user()
	var users []social.UserID
	for range 6 {
		users = append(users, w.user())
	}
	for _, u := range users[:4] {
		w.member(store.Followees, snowflake.ID(viewer), u, on(w.id()))
	}
	follow := func(u social.UserID, l social.Last) {
		w.record(viewer, cache.Write{Kind: cache.WroteFollow, Object: snowflake.ID(u), Last: l})
	}
	stale := w.id()
	w.member(store.Followees, snowflake.ID(viewer), users[3], on(w.id()))
	follow(users[1], off(w.id())) // unfollowed a moment ago
	follow(users[3], off(stale))  // something newer is applied already
	follow(users[5], on(w.id()))  // followed a moment ago, the last by id
	list := func(us ...social.UserID) (out []read.Entry) {
		for _, u := range us {
			out = append(out, read.Entry{At: snowflake.ID(u), Object: snowflake.ID(u)})
		}
		return out
	}
	walk(w, "to the viewer", list(users[0], users[2], users[3], users[5]), entryAt, func(win read.Window) ([]read.Entry, error) {
		return w.Followees(t.Context(), viewer, viewer, win)
	})
	walk(w, "to somebody else", list(users[:4]...), entryAt, func(win read.Window) ([]read.Entry, error) {
		return w.Followees(t.Context(), viewer, other, win)
	})
	walk(w, "to a guest", list(users[:4]...), entryAt, func(win read.Window) ([]read.Entry, error) {
		return w.Followees(t.Context(), viewer, 0, win)
	})
}

// TestLikersAndFollowers: the viewer is in the lists that his last write put
// him into, and out of those it took him out of.
func TestLikersAndFollowers(t *testing.T) {
	w := newWorld(t)
	viewer, fan := w.user(), w.user()
	tweet := w.post(fan)
	w.member(store.Likers, snowflake.ID(tweet.ID), fan, on(w.id()))
	w.record(viewer, cache.Write{Kind: cache.WroteLike, Object: snowflake.ID(tweet.ID), Last: on(w.id())})
	me, him := snowflake.ID(viewer), snowflake.ID(fan)
	got, err := w.Likers(t.Context(), tweet.ID, viewer, read.Window{N: 9})
	must(t, err)
	w.equal("likers to the viewer", got, []read.Entry{{At: me, Object: me}, {At: him, Object: him}})
	got, err = w.Likers(t.Context(), tweet.ID, fan, read.Window{N: 9})
	must(t, err)
	w.equal("likers to the other one", got, []read.Entry{{At: him, Object: him}})

	w.member(store.Followers, snowflake.ID(fan), viewer, on(w.id()))
	w.member(store.Followees, snowflake.ID(viewer), fan, on(w.id()))
	w.record(viewer, cache.Write{Kind: cache.WroteFollow, Object: snowflake.ID(fan), Last: off(w.id())})
	got, err = w.Followers(t.Context(), fan, viewer, read.Window{N: 9})
	must(t, err)
	w.equal("followers after an unfollow", got, []read.Entry(nil))
}

// TestLikes: the list of likes, by the time of the like.
func TestLikes(t *testing.T) {
	w := newWorld(t)
	viewer, author := w.user(), w.user()
	var want []read.Entry
	like := func(tweet *social.Tweet, event snowflake.ID) {
		want = slices.Insert(want, 0, read.Entry{At: event, Object: snowflake.ID(tweet.ID)})
	}
	first, second, third := w.post(author), w.post(author), w.post(author)
	for _, tweet := range []*social.Tweet{second, third} {
		e := w.id()
		w.member(store.Likers, snowflake.ID(tweet.ID), viewer, on(e))
		must(t, w.store.PutLiked(t.Context(), w.fences[social.FamilyEngagement], viewer, store.Liked{Since: e, Tweet: tweet.ID}, on(e)))
		if tweet != second {
			like(tweet, e)
		}
	}
	w.record(viewer, cache.Write{Kind: cache.WroteLike, Object: snowflake.ID(second.ID), Last: off(w.id())})
	e := w.id()
	w.record(viewer, cache.Write{Kind: cache.WroteLike, Object: snowflake.ID(first.ID), Last: on(e)})
	like(first, e)
	walk(w, "likes", want, entryAt, func(win read.Window) ([]read.Entry, error) { return w.Likes(t.Context(), viewer, viewer, win) })
}

// TestTweetsOf: an author's list skips what was deleted without making pages
// shorter, and has his own last tweets in it for himself.
func TestTweetsOf(t *testing.T) {
	w := newWorld(t)
	author, other := w.user(), w.user()
	var live []social.TweetID
	for i := range 12 {
		tweet := w.post(author)
		if i%3 > 0 {
			live = slices.Insert(live, 0, tweet.ID)
			continue
		}
		gone := tweet.Delete(w.id())
		must(t, w.store.PutTweet(t.Context(), w.fences[social.FamilyTweets], *gone))
		must(t, w.cache.PutIfNewer(t.Context(), cache.TweetObject(gone)))
	}
	pages := func(viewer social.UserID) func(read.Window) ([]social.TweetID, error) {
		return func(win read.Window) (ids []social.TweetID, err error) {
			tweets, err := w.TweetsOf(t.Context(), author, viewer, win)
			for _, tweet := range tweets {
				ids = append(ids, tweet.ID)
			}
			return ids, err
		}
	}
	at := func(id social.TweetID) snowflake.ID { return snowflake.ID(id) }
	walk(w, "applied", live, at, pages(other))

	// Accepted and not applied: one posted, one deleted.
	fresh := social.NewTweet(w.id(), social.TweetPosted{Author: author})
	must(t, w.cache.PutIfNewer(t.Context(), cache.TweetObject(fresh)))
	w.record(author, cache.Write{Kind: cache.WroteTweet, Object: snowflake.ID(fresh.ID), Last: on(snowflake.ID(fresh.ID))})
	e := w.id()
	w.record(author, cache.Write{Kind: cache.WroteTweet, Object: snowflake.ID(live[2]), Last: off(e)})
	own := slices.Insert(slices.Delete(slices.Clone(live), 2, 3), 0, fresh.ID)
	walk(w, "to himself", own, at, pages(author))
	walk(w, "to others", live, at, pages(other))
}

// TestStanding: what of an overlay still counts beside the rows.
func TestStanding(t *testing.T) {
	w := newWorld(t)
	viewer := w.user()
	older, newer := w.id(), w.id()
	rows := map[string]social.Last{"none": {}, "older on": on(older), "older off": off(older), "same": on(newer), "newer": off(newer + 1)}
	got := map[string][2]bool{}
	names := map[snowflake.ID]string{}
	var o cache.Overlay
	for name, row := range rows {
		u := w.user()
		names[snowflake.ID(u)] = name
		if row != (social.Last{}) {
			w.member(store.Followees, snowflake.ID(viewer), u, row)
		}
		o.Writes = append(o.Writes, cache.Write{Kind: cache.WroteFollow, Object: snowflake.ID(u), Last: on(newer)})
	}
	unapplied, err := w.Unapplied(t.Context(), cache.WroteFollow, viewer, o)
	must(t, err)
	standing, err := w.Standing(t.Context(), cache.WroteFollow, viewer, o)
	must(t, err)
	for _, u := range unapplied {
		v := got[names[u.Object]]
		v[0] = true
		got[names[u.Object]] = v
	}
	for _, u := range standing {
		v := got[names[u.Object]]
		v[1] = true
		got[names[u.Object]] = v
	}
	w.equal("unapplied, standing", got, map[string][2]bool{
		"none": {true, true}, "older off": {true, true}, "older on": {false, true}, "same": {false, true},
	})
}

// TestCalls: what was missed is one call to the store for each kind, and none
// the next time; that there is no row is remembered too.
func TestCalls(t *testing.T) {
	w := newWorld(t)
	author, viewer := w.user(), w.user()
	var keys []cache.Key
	for range 20 {
		tweet := w.post(author)
		must(t, w.cache.Delete(t.Context(), cache.Key{Kind: cache.KindTweet, ID: snowflake.ID(tweet.ID)}))
		keys = append(keys,
			cache.Key{Kind: cache.KindTweet, ID: snowflake.ID(tweet.ID)},
			cache.Key{Kind: cache.KindLiker, ID: snowflake.ID(tweet.ID), Sub: snowflake.ID(viewer)},
			cache.Key{Kind: cache.KindLikerCount, ID: snowflake.ID(tweet.ID)})
	}
	w.store.take()
	first, err := w.Get(t.Context(), keys...)
	must(t, err)
	w.equal("calls for what was missed", w.store.take(), map[string]int{"Tweets": 1, "Has": 1, "Counts": 1})
	second, err := w.Get(t.Context(), keys...)
	must(t, err)
	w.equal("calls the second time", w.store.take(), map[string]int(nil))
	w.equal("values the second time", second, first)
	w.equal("no like", first[1], any(social.Last{}))
	w.equal("no likes", first[2], any(int64(0)))
}

// TestCacheAway: without a cache everything is answered by the store.
func TestCacheAway(t *testing.T) {
	w := newWorld(t)
	author := w.user()
	a, b := w.post(author), w.post(author)
	w.cache.away = true
	tweets, err := w.TweetsOf(t.Context(), author, author, read.Window{N: 9})
	must(t, err)
	w.equal("tweets", tweets, []*social.Tweet{b, a})
	unknown, err := w.Tweets(t.Context(), []social.TweetID{social.TweetID(w.id()), a.ID})
	must(t, err)
	w.equal("known and unknown", unknown, []*social.Tweet{nil, a})
}

// TestAuthorLogs: cached heads answer as deep as they reach, the store below.
func TestAuthorLogs(t *testing.T) {
	w := newWorld(t)
	long, short, silent := w.user(), w.user(), w.user()
	var ids []social.TweetID
	for range cache.LogSize + 20 {
		ids = slices.Insert(ids, 0, w.post(long).ID)
	}
	one := w.post(short).ID
	authors := []social.UserID{long, short, silent}
	w.store.take()
	for _, c := range []struct {
		before social.TweetID
		n      int
		calls  int
		want   []social.TweetID // of the long log
	}{
		{0, 20, 1, ids[:20]},                        // fills the heads
		{ids[19], 20, 0, ids[20:40]},                // from the heads
		{ids[cache.LogSize-6], 5, 0, ids[195:200]},  // to their end
		{ids[cache.LogSize-6], 6, 1, ids[195:201]},  // and beyond it
		{ids[cache.LogSize+9], 50, 1, ids[210:220]}, // to the end of the log
		{ids[219], 5, 1, nil},
	} {
		logs, err := w.AuthorLogs(t.Context(), authors, c.before, c.n)
		must(t, err)
		var got []social.TweetID
		for _, e := range logs[0] {
			got = append(got, e.Tweet)
		}
		what := fmt.Sprintf("%d below %d", c.n, c.before)
		w.equal(what, got, c.want)
		w.equal(what+": calls", w.store.take()["AuthorLogs"], c.calls)
		if c.before == 0 {
			w.equal("the short log", logs[1], []social.LogEntry{{Tweet: one}})
			w.equal("the silent one's", logs[2], []social.LogEntry(nil))
		}
	}
}

// TestWaiting: an id that may be on its way is waited for; one that cannot be
// is not.
func TestWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		<-time.After(time.Until(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))) // ids begin in 2024
		c, err := cachelocal.New(cachelocal.Config{})
		must(t, err)
		r := read.New(empty{}, c, slog.New(slog.DiscardHandler), time.Now)
		at := func(d time.Duration) social.TweetID { return social.TweetID(snowflake.FirstAt(time.Now().Add(d))) }
		for name, q := range map[string]struct {
			made  time.Duration // from now
			err   error
			takes time.Duration
		}{
			"young":       {-time.Second, read.ErrNotYet, time.Second},
			"a bit ahead": {time.Second, read.ErrNotYet, time.Second},
			"old":         {-2 * time.Minute, read.ErrNotFound, 0},
			"future":      {3 * time.Second, read.ErrNotFound, 0},
		} {
			began := time.Now()
			if _, err := r.Tweet(t.Context(), at(q.made)); !errors.Is(err, q.err) || time.Since(began) != q.takes {
				t.Errorf("%s: %v after %s, want %v after %s", name, err, time.Since(began), q.err, q.takes)
			}
		}
		tweet := &social.Tweet{ID: at(0), Last: on(1)}
		var wg sync.WaitGroup
		wg.Go(func() {
			if got, err := r.Tweet(t.Context(), tweet.ID); err != nil || got.ID != tweet.ID {
				t.Errorf("arriving: %v, %v", got, err)
			}
		})
		<-time.After(300 * time.Millisecond)
		must(t, c.PutIfNewer(t.Context(), cache.TweetObject(tweet)))
		wg.Wait()

		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := r.Tweet(ctx, at(0)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a caller who goes: %v", err)
		}
	})
}

// empty has no tweets.
type empty struct{ store.Store }

func (empty) Tweets(_ context.Context, ids []social.TweetID) ([]*social.Tweet, error) {
	return make([]*social.Tweet, len(ids)), nil
}
