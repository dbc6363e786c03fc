package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/starlinghq/starling/internal/app"
	"github.com/starlinghq/starling/internal/app/apptest"
	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
)

// homePage is the measure of the whole system: one page of the feed with all
// that a client shows of it.
const homePage = `query Home { feed(first: 20) { edges { cursor node {
	id text createdAt deleted
	author { id handle name }
	entities { hashtags { text start end } mentions { text start end } cashtags { text start end } urls { text start end } }
	likeCount commentCount viewerHasLiked
	inReplyTo { id text deleted author { id handle name } }
} } pageInfo { hasNextPage endCursor } } }`

// calls counts, by who was called, what is measured at /metrics (subgraphs by
// the router, store and queue by the subgraphs), and the calls of the cache.
type calls map[string]int

// countedCache counts the calls that a page makes of the cache.
type countedCache struct {
	cache.Cache
	home, get, fresh, fill, overlay, begin, put *atomic.Int64
}

func newCountedCache() countedCache {
	n := func() *atomic.Int64 { return new(atomic.Int64) }
	return countedCache{nil, n(), n(), n(), n(), n(), n(), n()}
}

func (c countedCache) calls() calls {
	return calls{
		"cache Home": int(c.home.Load()), "cache Get": int(c.get.Load()), "cache GetFresh": int(c.fresh.Load()), "cache Fill": int(c.fill.Load()),
		"cache Overlay": int(c.overlay.Load()), "cache Begin": int(c.begin.Load()), "cache Put": int(c.put.Load()),
	}
}

func (c countedCache) Home(ctx context.Context, v social.UserID) (cache.Timeline, cache.Overlay, error) {
	c.home.Add(1)
	return c.Cache.Home(ctx, v)
}

func (c countedCache) Get(ctx context.Context, keys []cache.Key) ([]cache.Lookup, error) {
	c.get.Add(1)
	return c.Cache.Get(ctx, keys)
}

func (c countedCache) GetFresh(ctx context.Context, keys []cache.Key) ([]cache.Lookup, error) {
	c.fresh.Add(1)
	return c.Cache.GetFresh(ctx, keys)
}

func (c countedCache) Fill(ctx context.Context, fills ...cache.Fill) error {
	c.fill.Add(1)
	return c.Cache.Fill(ctx, fills...)
}

func (c countedCache) Overlay(ctx context.Context, v social.UserID) (cache.Overlay, error) {
	c.overlay.Add(1)
	return c.Cache.Overlay(ctx, v)
}

func (c countedCache) Begin(ctx context.Context, v social.UserID) (cache.BuildToken, error) {
	c.begin.Add(1)
	return c.Cache.Begin(ctx, v)
}

func (c countedCache) Put(ctx context.Context, v social.UserID, t cache.BuildToken, e []cache.Entry, floor social.TweetID) (bool, error) {
	c.put.Add(1)
	return c.Cache.Put(ctx, v, t, e, floor)
}

var counted = []struct {
	name string
	of   *regexp.Regexp
}{
	{"subgraph ", regexp.MustCompile(`^starling_router_fetch_duration_seconds_count\{.*subgraph="([^"]+)"()`)},
	{"", regexp.MustCompile(`^starling_call_duration_seconds_count\{method="([^"]+)",outcome="[^"]+",(?:.*,)?seam="([^"]+)"`)},
}

func callsSoFar(t *testing.T, sys *apptest.System) calls {
	t.Helper()
	resp, err := http.Get(sys.URL + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	out := calls{}
	for line := range strings.Lines(string(b)) {
		for _, c := range counted {
			m := c.of.FindStringSubmatch(line)
			if m == nil || m[2] == "cache" {
				continue
			}
			name := c.name + m[1]
			if m[2] != "" {
				name = m[2] + " " + m[1]
			}
			n, err := strconv.Atoi(strings.TrimSpace(line[strings.LastIndexByte(strings.TrimSpace(line), ' '):]))
			if err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			out[name] += n
		}
	}
	if len(out) == 0 {
		t.Fatal("/metrics counts nothing")
	}
	return out
}

// during returns what was called while f ran, without what goes on by itself.
func during(t *testing.T, sys *apptest.System, c countedCache, f func()) calls {
	t.Helper()
	before := callsSoFar(t, sys)
	maps.Copy(before, c.calls())
	f()
	after := callsSoFar(t, sys)
	maps.Copy(after, c.calls())
	byItself := []string{"queue Depths", "queue Subscribe", "store Epoch", "store Extend"}
	maps.DeleteFunc(after, func(name string, n int) bool { return n == before[name] || slices.Contains(byItself, name) })
	for name := range after {
		after[name] -= before[name]
	}
	return after
}

// fullHome makes a viewer with a full feed, and returns what reads one screen
// of it and sees that it is whole.
func fullHome(t *testing.T, sys *apptest.System, handle func(string) string) (home func()) {
	t.Helper()
	viewer := sys.SignUp(t, handle("viewer"))
	var authors []*apptest.Client
	for i := range 5 {
		a := sys.SignUp(t, handle(fmt.Sprintf("author%d", i)))
		viewer.Follows(t, a)
		authors = append(authors, a)
	}
	stranger := sys.SignUp(t, handle("stranger"))
	elsewhere := stranger.Posts(t, "a parent that is not in the feed")
	var last string
	for i := range 25 {
		a := authors[i%len(authors)]
		switch {
		case i%4 == 1:
			last = a.Replies(t, last, "a #reply to @someone")
		case i%4 == 2:
			last = a.Replies(t, elsewhere, "to a stranger")
		default:
			last = a.Posts(t, "a tweet with #hashtag and example.com")
		}
		viewer.Likes(t, last)
		stranger.Comments(t, last, "nice")
	}
	sys.Settled(t)
	return func() {
		var out struct {
			Feed struct {
				Edges []struct {
					Node struct {
						Text, Author                            json.RawMessage
						LikeCount, CommentCount, ViewerHasLiked json.RawMessage
						InReplyTo                               *struct{ Text, Author json.RawMessage }
					}
				}
			}
		}
		viewer.Into(t, &out, homePage, nil)
		replies := 0
		for _, e := range out.Feed.Edges {
			n := e.Node
			if string(n.LikeCount) != "1" || string(n.CommentCount) != "1" || string(n.ViewerHasLiked) != "true" || len(n.Author) < 10 {
				t.Errorf("an incomplete tweet: %+v", n)
			}
			if n.InReplyTo != nil && len(n.InReplyTo.Author) > 10 {
				replies++
			}
		}
		if len(out.Feed.Edges) != 20 || replies < 8 {
			t.Errorf("the page has %d tweets and %d parents", len(out.Feed.Edges), replies)
		}
	}
}

// TestAHomeScreenIsFewCalls counts the calls of one home screen, cold and warm.
// Unlike times they are exact: whoever changes them changes them here.
func TestAHomeScreenIsFewCalls(t *testing.T) {
	t.Parallel()
	counted := newCountedCache()
	sys := apptest.StartWith(t, app.OpenWith(func(p *app.Parts) { counted.Cache, p.Cache = p.Cache, nil; p.Cache = counted }))
	home := fullHome(t, sys, func(name string) string { return name })
	sys.Restart(t) // nothing is cached
	cold := during(t, sys, counted, home)
	warm := during(t, sys, counted, home)
	// The cache is asked by the feed for home timeline, followees and tweets, by
	// tweets for the tweets and their parents, by engagement for all facts at
	// once, and by users for authors and for authors of parents.
	asked := calls{"cache Home": 1, "cache Get": 7, "cache Overlay": 1}
	built := calls{"cache Begin": 1, "cache GetFresh": 2, "cache Put": 1}
	// The feed builds the home timeline: whom the viewer follows, their logs and
	// the newest tweets, each once. The users of a page are asked for in one
	// call of the subgraph under two names, authors and authors of parents, so
	// the store is asked twice while the cache is empty.
	subgraphs := calls{"subgraph feed": 1, "subgraph tweets": 1, "subgraph engagement": 1, "subgraph users": 1}
	store := calls{"store Members": 1, "store AuthorLogs": 1, "store Tweets": 2, "store Counts": 1, "store CommentCounts": 1, "store Has": 1, "store Users": 2}
	// What a look missed is filled by one call. The two lists of users run beside
	// each other, and the second may find what the first filled.
	if n := cold["cache Fill"]; n < 7 || n > 9 {
		t.Errorf("cold: the cache was filled %d times, want 7 to 9", n)
	}
	delete(cold, "cache Fill")
	if diff := cmp.Diff(merged(subgraphs, store, asked, built), cold); diff != "" {
		t.Errorf("cold (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(merged(subgraphs, asked), warm); diff != "" {
		t.Errorf("warm (-want +got):\n%s", diff)
	}
}

func merged(all ...calls) calls {
	out := calls{}
	for _, c := range all {
		maps.Copy(out, c)
	}
	return out
}
