package cachelocal

import (
	"context"
	"fmt"
	"time"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
)

// Config bounds the cache.
type Config struct {
	ObjectBytes uint64           // approximate size of all objects; 0 is 48 MiB
	Now         func() time.Time // nil is time.Now
}

const defaultObjectBytes = 48 << 20

// Cache implements cache.Cache in this process.
type Cache struct {
	*objects
	*timelines
	*pending
}

var _ cache.Cache = (*Cache)(nil)

// New returns an empty cache. Close it when it is no longer used.
func New(cfg Config) (*Cache, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.ObjectBytes == 0 {
		cfg.ObjectBytes = defaultObjectBytes
	}
	o, err := newObjects(cfg)
	if err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	return &Cache{objects: o, timelines: newTimelines(cfg.Now), pending: newPending(cfg.Now)}, nil
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

// Close stops what runs in the background.
func (c *Cache) Close() { c.objects.close() }
