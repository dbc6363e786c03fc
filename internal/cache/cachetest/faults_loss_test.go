package cachetest

import (
	"slices"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
)

func lossFaults() []fault {
	var all []fault
	for i, kept := range []string{"objects", "home timelines", "overlays"} {
		all = append(all, fault{
			name:   "a flush keeps the " + kept,
			caught: []string{"Loss/Everything"},
			wrap:   func(cache.Cache) cache.Cache { return newParts(i) },
		})
	}
	return append(all, fault{
		name:   "tokens begin anew after a flush",
		caught: []string{"Loss/VoidsBuilds"},
		wrap: func(c cache.Cache) cache.Cache {
			return &counting{Cache: c, tokens: map[cache.BuildToken]cache.BuildToken{}}
		},
	})
}

// parts is a cache in three places, one of which a flush forgets.
type parts struct {
	cache.Objects
	cache.Timelines
	cache.Pending
	flushed []cache.Cache
}

func newParts(kept int) cache.Cache {
	var all []cache.Cache
	for range 3 {
		c, err := newLocal()
		if err != nil {
			panic(err)
		}
		all = append(all, c)
	}
	return parts{all[0], all[1], all[2], slices.Delete(slices.Clone(all), kept, kept+1)}
}

func (b parts) Home(c ctx, v social.UserID) (cache.Timeline, cache.Overlay, error) {
	t, _, _ := b.Timelines.Home(c, v)
	o, err := b.Overlay(c, v)
	return t, o, err
}

func (b parts) Flush(c ctx) error {
	for _, f := range b.flushed {
		_ = f.Flush(c)
	}
	return nil
}

// counting hands out tokens from 1 after every loss.
type counting struct {
	cache.Cache
	tokens map[cache.BuildToken]cache.BuildToken
}

func (b *counting) Begin(c ctx, v social.UserID) (cache.BuildToken, error) {
	t, err := b.Cache.Begin(c, v)
	mine := cache.BuildToken(len(b.tokens) + 1)
	b.tokens[mine] = t
	return mine, err
}

func (b *counting) Put(c ctx, v social.UserID, t cache.BuildToken, es []cache.Entry, floor social.TweetID) (bool, error) {
	return b.Cache.Put(c, v, b.tokens[t], es, floor)
}

func (b *counting) Flush(c ctx) error {
	clear(b.tokens)
	return b.Cache.Flush(c)
}
