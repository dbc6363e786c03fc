package cachelocal

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
)

// Config bounds the cache. All sizes are approximate; zero is the default.
type Config struct {
	ObjectBytes   int64            // of all objects; default 48 MiB
	TimelineBytes int64            // of all home timelines; default 64 MiB
	PendingBytes  int64            // of all overlays; default 16 MiB
	Now           func() time.Time // nil is time.Now
}

func (c Config) withDefaults() Config {
	const mib = 1 << 20
	c.ObjectBytes = cmp.Or(c.ObjectBytes, 48*mib)
	c.TimelineBytes = cmp.Or(c.TimelineBytes, 64*mib)
	c.PendingBytes = cmp.Or(c.PendingBytes, 16*mib)
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Cache implements cache.Cache in this process.
type Cache struct {
	*objects
	*timelines
	*pending
}

var _ cache.Cache = (*Cache)(nil)

// New returns an empty cache.
func New(cfg Config) (*Cache, error) {
	cfg = cfg.withDefaults()
	o, err := newObjects(cfg)
	if err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	return &Cache{objects: o, timelines: newTimelines(cfg), pending: newPending(cfg)}, nil
}

// Home returns a viewer's home timeline and pending overlay.
func (c *Cache) Home(ctx context.Context, viewer social.UserID) (cache.Timeline, cache.Overlay, error) {
	o, err := c.Overlay(ctx, viewer)
	if err != nil {
		return cache.Timeline{}, o, err
	}
	return c.timelines.get(viewer), o, nil
}

// Flush forgets everything.
func (c *Cache) Flush(context.Context) error {
	c.objects.flush()
	c.timelines.flush()
	c.pending.flush()
	return nil
}

// Close frees the memory. Nothing runs in the background.
func (c *Cache) Close() { c.objects.entries.InvalidateAll() }
