package cacheredis

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/redis/rueidis"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
)

// shard is the slot of a viewer's home timeline and overlay.
func (c *Cache) shard(viewer social.UserID) int {
	x := uint64(viewer) * 0x9e3779b97f4a7c15 // the low bits of snowflakes are mostly zero
	return int(x >> 33 % uint64(c.cfg.FeedShards))
}

func (c *Cache) homeKey(viewer social.UserID) string { return c.key("h", viewer) }

func (c *Cache) key(what string, viewer social.UserID) string {
	return fmt.Sprintf("{f%03d}:%s:%s", c.shard(viewer), what, strconv.FormatInt(int64(viewer), 36))
}

// Home implements cache.Timelines: both are one pipelined round trip.
func (c *Cache) Home(ctx context.Context, viewer social.UserID) (cache.Timeline, cache.Overlay, error) {
	limited, cancel := c.limited(ctx)
	defer cancel()
	res := c.plain.DoMulti(limited,
		c.plain.B().Get().Key(c.homeKey(viewer)).Build(),
		c.plain.B().Hgetall().Key(c.key("p", viewer)).Build(),
	)
	s, err := res[0].ToString()
	if err := away(ctx, err); err != nil {
		return cache.Timeline{}, cache.Overlay{}, err
	}
	overlay, err := c.overlay(ctx, res[1])
	if s == "" || err != nil {
		return cache.Timeline{}, overlay, err
	}
	t, err := decodeHome(s)
	return t, overlay, err
}

// Append implements cache.Timelines: one script for each slot.
func (c *Cache) Append(ctx context.Context, e cache.Entry, viewers []social.UserID) error {
	limited, cancel := c.limited(ctx)
	defer cancel()
	entry := string(appendEntry(nil, e))
	byShard := map[int][]string{}
	for _, v := range viewers {
		byShard[c.shard(v)] = append(byShard[c.shard(v)], c.homeKey(v))
	}
	var calls []call
	for _, keys := range byShard {
		calls = append(calls, call{keys: keys, args: []string{entry}})
	}
	for _, r := range c.scripts.append.run(limited, c.plain, false, calls...) {
		if err := r.Error(); err != nil {
			return away(ctx, err)
		}
	}
	return nil
}

// Begin implements cache.Timelines.
func (c *Cache) Begin(ctx context.Context, viewer social.UserID) (cache.BuildToken, error) {
	limited, cancel := c.limited(ctx)
	defer cancel()
	token := cache.BuildToken(rand.Uint64() | 1)
	set := c.plain.B().Set().Key(c.homeKey(viewer)).Value(string(header(cache.NoFloor, token))).Px(cache.BuildTTL).Build()
	return token, away(ctx, c.plain.Do(limited, set).Error())
}

// header is what stands before the entries of a home timeline.
func header(floor social.TweetID, t cache.BuildToken) []byte {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, homeHeader), uint64(floor))
	return binary.BigEndian.AppendUint64(b, uint64(t))
}

// Put implements cache.Timelines.
func (c *Cache) Put(ctx context.Context, viewer social.UserID, t cache.BuildToken, entries []cache.Entry, floor social.TweetID) (bool, error) {
	if t == 0 {
		return false, nil // the token of one that was put
	}
	limited, cancel := c.limited(ctx)
	defer cancel()
	token := string(header(0, t)[8:])
	done, err := c.scripts.putHome.one(limited, c.plain, []string{c.homeKey(viewer)}, []string{
		token, string(header(floor, 0)), string(packEntries(entries)), millis(cache.TimelineTTL),
	}).AsInt64()
	return done == 1, away(ctx, err)
}

// Drop implements cache.Timelines.
func (c *Cache) Drop(ctx context.Context, viewers ...social.UserID) error {
	limited, cancel := c.limited(ctx)
	defer cancel()
	var calls rueidis.Commands
	for _, v := range viewers {
		calls = append(calls, c.plain.B().Del().Key(c.homeKey(v)).Build())
	}
	for _, r := range c.plain.DoMulti(limited, calls...) {
		if err := r.Error(); err != nil {
			return away(ctx, err)
		}
	}
	return nil
}
