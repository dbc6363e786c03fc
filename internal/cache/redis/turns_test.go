package cacheredis_test

import (
	"context"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/cache"
	cacheredis "github.com/starlinghq/starling/internal/cache/redis"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/testenv"
)

// TestManyAreOneRoundTrip counts round trips: however many objects a call is
// about, it costs one, or none where this process holds copies.
func TestManyAreOneRoundTrip(t *testing.T) {
	s := startServer(t)
	turns := testenv.NewTurns(t, s.addr)
	c, err := cacheredis.Open(t.Context(), cacheredis.Config{Addresses: []string{turns.Addr()}, FeedShards: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	ctx := t.Context()

	page := func(first snowflake.ID) (keys []cache.Key, fills []cache.Fill) {
		for i := range snowflake.ID(60) {
			k := cache.Key{Kind: cache.KindLikerCount, ID: first + i}
			o := cache.Object{Key: k, Value: int64(i), Version: cache.Version{Major: 1}}
			if i%3 == 0 { // of which no copies are kept
				k = cache.Key{Kind: cache.KindLiker, ID: first + i, Sub: 7}
				o = cache.Object{Key: k, Value: social.Last{}}
			}
			keys, fills = append(keys, k), append(fills, cache.Fill{Object: o})
		}
		return keys, fills
	}
	var missed, held []cache.Lookup
	get := func(keys []cache.Key, into *[]cache.Lookup) func() error {
		return func() (err error) {
			*into, err = c.Get(ctx, keys)
			return err
		}
	}
	var viewers []social.UserID
	for i := range social.UserID(100) {
		viewers = append(viewers, i+1)
	}
	for _, first := range []snowflake.ID{1000, 2000} { // the first page also teaches the server the scripts
		keys, fills := page(first)
		var copies []cache.Key
		var objects []cache.Object
		for i, k := range keys {
			if k.Kind == cache.KindLikerCount {
				copies, objects = append(copies, k), append(objects, fills[i].Object)
			}
		}
		for _, step := range []struct {
			name string
			want int64
			do   func() error
		}{
			{"a cold page", 2, get(keys, &missed)}, // copies and Redis
			{"its fills", 1, func() error {
				for i := range fills {
					fills[i].Token = missed[i].Token
				}
				return c.Fill(ctx, fills...)
			}},
			// What was missed is known as missing until the server says otherwise.
			{"a page that was filled", 2, get(keys, &held)},
			{"its copies", 2, get(keys, &held)},
			{"a warm page", 1, get(keys, &held)},
			{"a page of copies", 0, get(copies, &held)},
			{"fresh", 1, func() (err error) { held, err = c.GetFresh(ctx, keys); return err }},
			{"puts", 1, func() error { return c.PutIfNewer(ctx, objects...) }},
			{"deletes", 1, func() error { return c.Delete(ctx, keys...) }},
			{"deliveries", 1, func() error { return c.Append(ctx, cache.Entry{Tweet: 1, Author: 2}, viewers) }},
			{"home and overlay", 1, func() error { _, _, err := c.Home(ctx, 5); return err }},
			{"a write", 1, func() error { return c.Record(ctx, 5, cache.Write{Kind: cache.WroteLike, Object: 1}) }},
		} {
			before := turns.Count()
			if err := step.do(); err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
			if got := turns.Count() - before; first > 1000 && got > step.want {
				t.Errorf("%s: %d round trips, want %d", step.name, got, step.want)
			}
			for i, l := range held {
				if !l.Found {
					t.Fatalf("%s: the object at %d is missed", step.name, i)
				}
			}
			held = nil
		}
	}
}

// TestARestartedServerLearnsTheScripts: calls of many go on with a server that
// knows no script.
func TestARestartedServerLearnsTheScripts(t *testing.T) {
	s := startServer(t)
	c := open(t, s)
	ctx := context.WithoutCancel(t.Context())
	objects := []cache.Object{
		{Key: cache.Key{Kind: cache.KindLikerCount, ID: 1}, Value: int64(1), Version: cache.Version{Major: 1}},
		{Key: cache.Key{Kind: cache.KindLikerCount, ID: 2}, Value: int64(2), Version: cache.Version{Major: 1}},
	}
	for range 2 {
		testenv.Eventually(t, 10*time.Second, func() error { return c.PutIfNewer(ctx, objects...) })
		for _, o := range objects {
			got, err := c.Get(ctx, []cache.Key{o.Key})
			if err != nil || got[0].Value != o.Value {
				t.Errorf("got %+v, %v, want %v", got, err, o.Value)
			}
		}
		s.down(t)
		s.up(t)
	}
}
