package cacheredis

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/redis/rueidis"

	"github.com/starlinghq/starling/internal/cache"
)

// name returns the keys of an object and of its fill token, in one slot.
func name(k cache.Key) (object, token string) {
	tag := "{" + strconv.Itoa(int(k.Kind)) + ":" + strconv.FormatInt(int64(k.ID), 36) + ":" + strconv.FormatInt(int64(k.Sub), 36) + "}"
	return "o:" + tag, "t:" + tag
}

func both(k cache.Key) []string {
	object, token := name(k)
	return []string{object, token}
}

// tracked tells which kinds are worth a copy in the process: those read more
// often than written. A single row is read by one viewer.
func tracked(k cache.Kind) bool { return k != cache.KindFollowee && k != cache.KindLiker }

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// Get implements cache.Objects.
func (c *Cache) Get(ctx context.Context, keys []cache.Key) ([]cache.Lookup, error) {
	limited, cancel := c.limited(ctx)
	defer cancel()
	out := make([]cache.Lookup, len(keys))
	var look []rueidis.CacheableTTL
	var at, missed []int
	for i, k := range keys {
		if !tracked(k.Kind) {
			missed = append(missed, i)
			continue
		}
		object, _ := name(k)
		look = append(look, rueidis.CT(c.tracked.B().Get().Key(object).Cache(), cache.ObjectTTL))
		at = append(at, i)
	}
	for j, r := range c.tracked.DoMultiCache(limited, look...) {
		i := at[j]
		s, err := r.ToString()
		if rueidis.IsRedisNil(err) {
			missed = append(missed, i)
			continue
		}
		if err != nil {
			return nil, away(ctx, err)
		}
		if v, err := decode(keys[i].Kind, s); err == nil {
			out[i] = cache.Lookup{Found: true, Value: v}
		} else {
			missed = append(missed, i)
		}
	}
	return out, c.miss(ctx, limited, keys, missed, out)
}

// GetFresh implements cache.Objects.
func (c *Cache) GetFresh(ctx context.Context, keys []cache.Key) ([]cache.Lookup, error) {
	limited, cancel := c.limited(ctx)
	defer cancel()
	out := make([]cache.Lookup, len(keys))
	all := make([]int, len(keys))
	for i := range keys {
		all[i] = i
	}
	return out, c.miss(ctx, limited, keys, all, out)
}

// miss reads keys from Redis itself: the object, or a token to fill it with.
func (c *Cache) miss(ctx, limited context.Context, keys []cache.Key, at []int, out []cache.Lookup) error {
	if len(at) == 0 {
		return nil
	}
	calls := make([]call, len(at))
	for j, i := range at {
		fresh := strconv.FormatUint(rand.Uint64()|1, 10)
		calls[j] = call{both(keys[i]), []string{fresh, millis(cache.FillTTL)}}
	}
	for j, r := range c.scripts.miss.run(limited, c.plain, false, calls...) {
		answer, err := r.ToArray()
		if err != nil {
			return away(ctx, err)
		}
		l, err := lookupOf(keys[at[j]].Kind, answer)
		if err != nil {
			return fmt.Errorf("cacheredis: reading %v: %w", keys[at[j]], err)
		}
		out[at[j]] = l
	}
	return nil
}

func lookupOf(k cache.Kind, answer []rueidis.RedisMessage) (cache.Lookup, error) {
	if len(answer) != 2 {
		return cache.Lookup{}, errFormat
	}
	found, err := answer[0].AsInt64()
	if err != nil {
		return cache.Lookup{}, err
	}
	s, err := answer[1].ToString()
	if err != nil {
		return cache.Lookup{}, err
	}
	if found == 0 {
		t, err := strconv.ParseUint(s, 10, 64)
		return cache.Lookup{Token: cache.FillToken(t)}, err
	}
	v, err := decode(k, s)
	if errors.Is(err, errFormat) {
		return cache.Lookup{}, nil // written by another release: a miss that is not filled
	}
	return cache.Lookup{Found: true, Value: v}, err
}

// PutIfNewer implements cache.Objects.
func (c *Cache) PutIfNewer(ctx context.Context, objects ...cache.Object) error {
	calls := make([]call, len(objects))
	for i, o := range objects {
		value, err := encode(o)
		if err != nil {
			return err
		}
		calls[i] = call{both(o.Key), []string{value, millis(cache.ObjectTTL)}}
	}
	return c.change(ctx, c.scripts.put, calls)
}

// Fill implements cache.Objects. It waits for no invalidation: all that this
// process may hold of a filled key is that it was missed, which is looked at
// again.
func (c *Cache) Fill(ctx context.Context, fills ...cache.Fill) error {
	if len(fills) == 0 {
		return nil
	}
	calls := make([]call, len(fills))
	for i, f := range fills {
		value, err := encode(f.Object)
		if err != nil {
			return err
		}
		calls[i] = call{both(f.Object.Key), []string{value, millis(cache.ObjectTTL), strconv.FormatUint(uint64(f.Token), 10)}}
	}
	limited, cancel := c.limited(ctx)
	defer cancel()
	return away(ctx, failures(c.scripts.fill.run(limited, c.plain, false, calls...)))
}

// Delete implements cache.Objects.
func (c *Cache) Delete(ctx context.Context, keys ...cache.Key) error {
	calls := make([]call, len(keys))
	for i, k := range keys {
		calls[i] = call{keys: both(k)}
	}
	return c.change(ctx, c.scripts.del, calls)
}

// change runs a script for several objects in one round trip, and returns when
// this process no longer holds copies of what they were: the connection has
// answered something behind each.
func (c *Cache) change(ctx context.Context, s script, calls []call) error {
	if len(calls) == 0 {
		return nil
	}
	limited, cancel := c.limited(ctx)
	defer cancel()
	return away(ctx, failures(s.run(limited, c.tracked, true, calls...)))
}

// failures joins what went wrong.
func failures(rs []rueidis.RedisResult) error {
	var errs []error
	for _, r := range rs {
		errs = append(errs, r.Error())
	}
	return errors.Join(errs...)
}
