package cachetest

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

// env is what a case works with.
type env struct {
	testing.TB
	cache.Cache
	peer cache.Cache
	h    Harness
	ctx  context.Context // of the running case
}

func newEnv(t testing.TB, h Harness) *env {
	e := &env{TB: t, Cache: h.Cache, peer: h.Peer, h: h, ctx: t.Context()}
	if e.peer == nil {
		e.peer = h.Cache
	}
	return e
}

// Ids of a run begin at the present millisecond and step by one, on a node
// number of the process, so that runs over one cache do not meet.
var (
	runNode = rand.IntN(snowflake.Nodes) //nolint:gochecknoglobals // state of the process by nature
	runTick atomic.Int64                 //nolint:gochecknoglobals // likewise
	runFrom = time.Now()                 //nolint:gochecknoglobals // likewise
)

// id returns an id that is larger than all before.
func (e *env) id() snowflake.ID {
	at := runFrom.Add(time.Duration(runTick.Add(1)) * time.Millisecond)
	return snowflake.Make(snowflake.MillisOf(at), runNode, 0)
}

func (e *env) user() social.UserID   { return social.UserID(e.id()) }
func (e *env) tweet() social.TweetID { return social.TweetID(e.id()) }

func (e *env) must(err error) {
	e.Helper()
	if err != nil {
		e.Fatal(err)
	}
}

// equal reports what differs. Empty and missing lists are the same.
func (e *env) equal(what string, got, want any) {
	e.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		e.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// Objects.

// key returns a key of a kind that nobody has.
func (e *env) key(k cache.Kind) cache.Key {
	key := cache.Key{Kind: k, ID: e.id()}
	if k == cache.KindFollowee || k == cache.KindLiker {
		key.Sub = e.id()
	}
	return key
}

// lookup asks for one key.
func (e *env) lookup(k cache.Key) cache.Lookup {
	e.Helper()
	got, err := e.Get(e.ctx, []cache.Key{k})
	e.must(err)
	if len(got) != 1 {
		e.Fatalf("Get of one key has %d answers", len(got))
	}
	return got[0]
}

// holds expects the value of a key.
func (e *env) holds(what string, k cache.Key, want any) {
	e.Helper()
	got := e.lookup(k)
	if !got.Found {
		e.Errorf("%s: missed, want %v", what, want)
		return
	}
	e.equal(what, got.Value, want)
}

// misses expects that a key holds nothing, and returns the token.
func (e *env) misses(what string, k cache.Key) cache.FillToken {
	e.Helper()
	got := e.lookup(k)
	if got.Found {
		e.Errorf("%s: found %v, want a miss", what, got.Value)
	}
	return got.Token
}

// count returns a count as an object under {epoch, seq}.
func count(k cache.Key, n, epoch, seq int64) cache.Object {
	return cache.Object{Key: k, Value: n, Version: cache.Version{Major: epoch, Minor: seq}}
}

func (e *env) put(objects ...cache.Object) {
	e.Helper()
	e.must(e.PutIfNewer(e.ctx, objects...))
}

func (e *env) fill(o cache.Object, t cache.FillToken) {
	e.Helper()
	e.must(e.Fill(e.ctx, cache.Fill{Object: o, Token: t}))
}

// Timelines.

// home returns a viewer's home timeline.
func (e *env) home(viewer social.UserID) cache.Timeline {
	e.Helper()
	t, _, err := e.Home(e.ctx, viewer)
	e.must(err)
	return t
}

// begin begins a home timeline.
func (e *env) begin(viewer social.UserID) cache.BuildToken {
	e.Helper()
	t, err := e.Begin(e.ctx, viewer)
	e.must(err)
	return t
}

// finish puts a home timeline and tells whether it was taken.
func (e *env) finish(viewer social.UserID, t cache.BuildToken, entries []cache.Entry, floor social.TweetID) bool {
	e.Helper()
	ok, err := e.Put(e.ctx, viewer, t, entries, floor)
	e.must(err)
	return ok
}

// build begins and puts a home timeline.
func (e *env) build(viewer social.UserID, entries []cache.Entry, floor social.TweetID) {
	e.Helper()
	if !e.finish(viewer, e.begin(viewer), entries, floor) {
		e.Fatal("a home timeline that was just begun cannot be put")
	}
}

// append delivers an entry.
func (e *env) append(entry cache.Entry, viewers ...social.UserID) {
	e.Helper()
	e.must(e.Append(e.ctx, entry, viewers))
}

// entry returns a new tweet of a new author.
func (e *env) entry() cache.Entry { return cache.Entry{Tweet: e.tweet(), Author: e.user()} }

// entries returns n new tweets, newest first.
func (e *env) entries(n int) []cache.Entry {
	author := e.user()
	out := make([]cache.Entry, n)
	for i := n - 1; i >= 0; i-- {
		out[i] = cache.Entry{Tweet: e.tweet(), Author: author}
	}
	return out
}

// absent expects that a viewer has no home timeline.
func (e *env) absent(what string, viewer social.UserID) {
	e.Helper()
	if t := e.home(viewer); t.Found {
		e.Errorf("%s: there is a home timeline of %d entries with floor %d", what, len(t.Entries), t.Floor)
	}
}

// has expects a home timeline with a floor and exactly these entries.
func (e *env) has(what string, viewer social.UserID, floor social.TweetID, want ...cache.Entry) {
	e.Helper()
	t := e.home(viewer)
	if !t.Found {
		e.Errorf("%s: there is no home timeline", what)
		return
	}
	if t.Floor != floor {
		e.Errorf("%s: the floor is %d, want %d", what, t.Floor, floor)
	}
	byTweet := cmpopts.SortSlices(func(a, b cache.Entry) bool { return a.Tweet < b.Tweet })
	if d := cmp.Diff(want, t.Entries, cmpopts.EquateEmpty(), byTweet); d != "" {
		e.Errorf("%s: entries (-want +got):\n%s", what, d)
	}
}

// Overlays.

// overlay returns a viewer's overlay, which must be the same by both ways.
func (e *env) overlay(viewer social.UserID) cache.Overlay {
	e.Helper()
	o, err := e.Overlay(e.ctx, viewer)
	e.must(err)
	_, beside, err := e.Home(e.ctx, viewer)
	e.must(err)
	e.equal("the overlay beside the home timeline", beside, o)
	return o
}

func (e *env) record(viewer social.UserID, w cache.Write) {
	e.Helper()
	e.must(e.Record(e.ctx, viewer, w))
}

// like returns a like of a tweet, on or off, as a write.
func like(tweet, event snowflake.ID, s social.State) cache.Write {
	return cache.Write{Kind: cache.WroteLike, Object: tweet, Last: social.Last{Event: event, State: s}}
}
