package cacheredis

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"
	"strconv"
	"time"

	"github.com/redis/rueidis"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

// Record implements cache.Pending.
func (c *Cache) Record(ctx context.Context, viewer social.UserID, w cache.Write) error {
	limited, cancel := c.limited(ctx)
	defer cancel()
	field := strconv.Itoa(int(w.Kind)) + ":" + strconv.FormatInt(int64(w.Object), 36)
	event := binary.BigEndian.AppendUint64(nil, uint64(w.Last.Event))
	return away(ctx, c.scripts.record.one(limited, c.plain, []string{c.key("p", viewer)}, []string{
		field, string(encodeWrite(w, time.Now().Add(cache.PendingTTL))), string(event), millis(cache.PendingTTL), strconv.Itoa(cache.MaxWrites),
	}).Error())
}

// Overlay implements cache.Pending.
func (c *Cache) Overlay(ctx context.Context, viewer social.UserID) (cache.Overlay, error) {
	limited, cancel := c.limited(ctx)
	defer cancel()
	return c.overlay(ctx, c.plain.Do(limited, c.plain.B().Hgetall().Key(c.key("p", viewer)).Build()))
}

// overlay reads the hash of an overlay, without the writes whose time is over:
// the hash ends as a whole, some time after the last of them.
func (c *Cache) overlay(ctx context.Context, r rueidis.RedisResult) (cache.Overlay, error) {
	fields, err := r.AsStrMap()
	if err := away(ctx, err); err != nil || len(fields) == 0 {
		return cache.Overlay{}, err
	}
	var o cache.Overlay
	if last := fields["last"]; len(last) == 8 {
		o.LastEvent = snowflake.ID(binary.BigEndian.Uint64([]byte(last)))
	}
	now := time.Now()
	var live []stored
	for name, s := range fields {
		if name == "last" || name == "seq" {
			continue
		}
		// What another release wrote cannot be read and is left out.
		if w, err := decodeWrite(s); err == nil && now.Before(w.until) {
			live = append(live, w)
		}
	}
	slices.SortFunc(live, func(a, b stored) int { return cmp.Compare(a.seq, b.seq) })
	for _, w := range live {
		o.Writes = append(o.Writes, w.Write)
	}
	return o, nil
}
