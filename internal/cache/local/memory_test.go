package cachelocal_test

import (
	"runtime"
	"testing"

	"github.com/starlinghq/starling/internal/cache"
	cachelocal "github.com/starlinghq/starling/internal/cache/local"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

// TestMemory fills each part far beyond its bound and looks at the heap: the
// estimates by which the bounds are kept must not be a third too low, nor three
// times too high.
func TestMemory(t *testing.T) {
	const mib, bound = 1 << 20, 4
	small := cachelocal.Config{ObjectBytes: bound * mib, TimelineBytes: bound * mib, PendingBytes: bound * mib}
	text := "A tweet of a usual length, which is about as long as this sentence is, with a #tag."
	for name, fill := range map[string]func(c *cachelocal.Cache, n int){
		"counts": func(c *cachelocal.Cache, n int) {
			must(t, c.PutIfNewer(t.Context(), cache.Object{Key: cache.Key{Kind: cache.KindLikerCount, ID: snowflake.ID(user(n))}, Value: int64(n) << 20}))
		},
		"relations": func(c *cachelocal.Cache, n int) {
			k := cache.Key{Kind: cache.KindLiker, ID: snowflake.ID(user(n)), Sub: 7}
			got, err := c.Get(t.Context(), []cache.Key{k})
			must(t, err)
			must(t, c.Fill(t.Context(), cache.Fill{Object: cache.Object{Key: k, Value: social.Last{Event: snowflake.ID(n)}}, Token: got[0].Token}))
		},
		"tweets": func(c *cachelocal.Cache, n int) {
			tweet := social.NewTweet(snowflake.ID(user(n)), social.TweetPosted{Author: user(n), Text: string([]byte(text))})
			must(t, c.PutIfNewer(t.Context(), cache.TweetObject(tweet)))
		},
		"author logs": func(c *cachelocal.Cache, n int) {
			k := cache.Key{Kind: cache.KindAuthorLog, ID: snowflake.ID(user(n))}
			got, err := c.Get(t.Context(), []cache.Key{k})
			must(t, err)
			log := &cache.AuthorLog{Entries: make([]social.LogEntry, n%cache.LogSize)}
			must(t, c.Fill(t.Context(), cache.Fill{Object: cache.Object{Key: k, Value: log}, Token: got[0].Token}))
		},
		"home timelines": func(c *cachelocal.Cache, n int) {
			v := user(n)
			token, err := c.Begin(t.Context(), v)
			must(t, err)
			_, err = c.Put(t.Context(), v, token, make([]cache.Entry, n%cache.MinEntries), 0)
			must(t, err)
			for range n % 100 {
				must(t, c.Append(t.Context(), cache.Entry{Tweet: 1}, []social.UserID{v}))
			}
		},
		"small home timelines": func(c *cachelocal.Cache, n int) {
			token, err := c.Begin(t.Context(), user(n))
			must(t, err)
			_, err = c.Put(t.Context(), user(n), token, make([]cache.Entry, n%8), 0)
			must(t, err)
		},
		"overlays of many": func(c *cachelocal.Cache, n int) {
			must(t, c.Record(t.Context(), user(n/3), cache.Write{Kind: cache.WroteLike, Object: snowflake.ID(n), Last: social.Last{Event: snowflake.ID(n)}}))
		},
		"overlays of few": func(c *cachelocal.Cache, n int) {
			must(t, c.Record(t.Context(), user(n%500), cache.Write{Kind: cache.WroteLike, Object: snowflake.ID(n), Last: social.Last{Event: snowflake.ID(n)}}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := heap()
			c, err := cachelocal.New(small)
			must(t, err)
			defer c.Close()
			for n := range 60_000 {
				if fill(c, n); name == "home timelines" && n > 6_000 {
					break
				}
			}
			used := float64(heap()-before) / mib
			runtime.KeepAlive(c)
			t.Logf("%.1f MiB where %d are allowed", used, bound)
			if used > bound*4/3. {
				t.Error("more than the bound and a third")
			}
			if used < bound/3. {
				t.Error("less than a third of the bound: the estimate is too high")
			}
		})
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
