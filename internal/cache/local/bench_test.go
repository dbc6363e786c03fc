package cachelocal_test

import (
	"fmt"
	"testing"

	"github.com/starlinghq/starling/internal/cache"
	cachelocal "github.com/starlinghq/starling/internal/cache/local"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

// user returns the id of the nth user, spread as real ids are.
func user(n int) social.UserID {
	return social.UserID(snowflake.Make(snowflake.Epoch+snowflake.Millis(1000+n*37), 1, 0))
}

func benchCache(b *testing.B) *cachelocal.Cache {
	c, err := cachelocal.New(cachelocal.Config{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(c.Close)
	return c
}

// BenchmarkAppend delivers one tweet to 300 followers, of whom all, a half or
// nobody has a home timeline; of 10,000 viewers, so that they are not all in
// the processor's caches. ns/viewer is the cost of one delivery.
func BenchmarkAppend(b *testing.B) {
	const viewers, page = 10_000, 300
	for _, have := range []int{100, 50, 0} {
		b.Run(fmt.Sprintf("have=%d%%", have), func(b *testing.B) {
			c := benchCache(b)
			all := make([]social.UserID, viewers)
			for i := range all {
				all[i] = user(i)
				if i%100 < have {
					token, _ := c.Begin(b.Context(), all[i])
					_, _ = c.Put(b.Context(), all[i], token, nil, 0)
				}
			}
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				from := (n * page) % (viewers - page)
				n++
				if err := c.Append(b.Context(), cache.Entry{Tweet: social.TweetID(n), Author: 1}, all[from:from+page]); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n*page), "ns/viewer")
		})
	}
}

// BenchmarkHomeScreen reads what a page of 20 tweets needs: 80 objects.
func BenchmarkHomeScreen(b *testing.B) {
	const tweets = 10_000
	c := benchCache(b)
	kinds := []cache.Kind{cache.KindTweet, cache.KindUser, cache.KindLikerCount, cache.KindLiker}
	values := []any{&social.Tweet{}, &social.User{}, int64(3), social.Last{}}
	key := func(kind, n int) cache.Key {
		return cache.Key{Kind: kinds[kind], ID: snowflake.ID(user(n))}
	}
	for i := range tweets {
		for k := range kinds {
			if err := c.PutIfNewer(b.Context(), cache.Object{Key: key(k, i), Value: values[k]}); err != nil {
				b.Fatal(err)
			}
		}
	}
	page := func(n int) []cache.Key {
		keys := make([]cache.Key, 0, 80)
		for i := range 20 {
			for k := range kinds {
				keys = append(keys, key(k, (n*20+i)%tweets))
			}
		}
		return keys
	}
	pages := make([][]cache.Key, 100)
	for i := range pages {
		pages[i] = page(i * 7)
	}
	for _, parallel := range []bool{false, true} {
		b.Run(fmt.Sprintf("parallel=%t", parallel), func(b *testing.B) {
			b.ReportAllocs()
			read := func(n int) {
				got, err := c.Get(b.Context(), pages[n%len(pages)])
				if err != nil || !got[0].Found {
					b.Fatal(err, got)
				}
			}
			if !parallel {
				for n := 0; b.Loop(); n++ {
					read(n)
				}
				return
			}
			b.RunParallel(func(pb *testing.PB) {
				for n := 0; pb.Next(); n++ {
					read(n)
				}
			})
		})
	}
}

// BenchmarkHome reads a full home timeline with an overlay of 20 writes.
func BenchmarkHome(b *testing.B) {
	c := benchCache(b)
	token, _ := c.Begin(b.Context(), user(1))
	_, _ = c.Put(b.Context(), user(1), token, make([]cache.Entry, cache.MaxEntries-1), 0)
	for i := range 20 {
		_ = c.Record(b.Context(), user(1), cache.Write{Kind: cache.WroteLike, Object: snowflake.ID(i), Last: social.Last{Event: snowflake.ID(i)}})
	}
	b.ReportAllocs()
	for b.Loop() {
		if t, o, err := c.Home(b.Context(), user(1)); err != nil || !t.Found || len(o.Writes) != 20 {
			b.Fatal(err)
		}
	}
}

// BenchmarkPutIfNewer replaces counts, as owners do.
func BenchmarkPutIfNewer(b *testing.B) {
	c := benchCache(b)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		o := cache.Object{
			Key:     cache.Key{Kind: cache.KindLikerCount, ID: snowflake.ID(user(n % 10_000))},
			Version: cache.Version{Major: 1, Minor: int64(n)}, Value: int64(n),
		}
		if err := c.PutIfNewer(b.Context(), o); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMissAndFill is what a cold read costs the cache for one object.
func BenchmarkMissAndFill(b *testing.B) {
	c := benchCache(b)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		k := cache.Key{Kind: cache.KindLiker, ID: snowflake.ID(user(n)), Sub: 5}
		got, _ := c.Get(b.Context(), []cache.Key{k})
		if err := c.Fill(b.Context(), cache.Fill{Object: cache.Object{Key: k, Value: social.Last{}}, Token: got[0].Token}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRecord is one write of one of 1,000 viewers.
func BenchmarkRecord(b *testing.B) {
	c := benchCache(b)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		w := cache.Write{Kind: cache.WroteLike, Object: snowflake.ID(n), Last: social.Last{Event: snowflake.ID(n)}}
		if err := c.Record(b.Context(), user(n%1000), w); err != nil {
			b.Fatal(err)
		}
	}
}
