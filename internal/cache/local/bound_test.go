package cachelocal_test

import (
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/cache"
	cachelocal "github.com/starlinghq/starling/internal/cache/local"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

// TestLeastRead: where room ends, home timelines that are read stay and those
// that are only appended to go, as a whole: what is still there is complete.
func TestLeastRead(t *testing.T) {
	now := time.Now()
	c, err := cachelocal.New(cachelocal.Config{
		TimelineBytes: 64 * 64 << 10, // for each of 64 shards about five of 800 entries
		Now:           func() time.Time { now = now.Add(time.Millisecond); return now },
	})
	must(t, err)
	defer c.Close()
	built := make([]cache.Entry, cache.MinEntries)
	for i := range built {
		built[i] = cache.Entry{Tweet: social.TweetID(len(built) - i), Author: 1}
	}
	hot, there := user(0), 0
	var viewers []social.UserID
	for n := range 2000 {
		token, err := c.Begin(t.Context(), user(n))
		must(t, err)
		ok, err := c.Put(t.Context(), user(n), token, built, 0)
		must(t, err)
		if !ok {
			t.Fatalf("the build of viewer %d was given up for older ones", n)
		}
		viewers = append(viewers, user(n))
		if h, _, _ := c.Home(t.Context(), hot); !h.Found {
			t.Fatalf("the one that is always read went, after %d builds", n)
		}
	}
	must(t, c.Append(t.Context(), cache.Entry{Tweet: 5000, Author: 1}, viewers))
	for _, v := range viewers {
		h, _, err := c.Home(t.Context(), v)
		must(t, err)
		if !h.Found {
			continue
		}
		there++
		if len(h.Entries) != cache.MinEntries+1 || h.Floor != 0 {
			t.Errorf("of viewer %d there are %d entries with floor %d", v, len(h.Entries), h.Floor)
		}
	}
	if there < 150 || there > 64*6 {
		t.Errorf("%d home timelines are there, of 2,000; there is room for about 300", there)
	}
}

// TestLastWritten: where room ends, the overlays that were not written to the
// longest go first.
func TestLastWritten(t *testing.T) {
	c, err := cachelocal.New(cachelocal.Config{PendingBytes: 1 << 20})
	must(t, err)
	defer c.Close()
	const viewers = 20_000
	for n := range viewers {
		w := cache.Write{Kind: cache.WroteLike, Object: 1, Last: social.Last{Event: snowflake.ID(n + 1), State: social.On}}
		must(t, c.Record(t.Context(), user(n), w))
		w.Object = snowflake.ID(n + 1)
		must(t, c.Record(t.Context(), user(0), w))
		if o, _ := c.Overlay(t.Context(), user(n)); len(o.Writes) == 0 || o.LastEvent != snowflake.ID(n+1) {
			t.Fatalf("viewer %d does not read his write", n)
		}
		if o, _ := c.Overlay(t.Context(), user(0)); len(o.Writes) != min(n+1, cache.MaxWrites) {
			t.Fatalf("after %d writes of the busy one there are %d", n+1, len(o.Writes))
		}
	}
	if o, _ := c.Overlay(t.Context(), user(1)); len(o.Writes) != 0 {
		t.Error("the first one's overlay is still there")
	}
}
