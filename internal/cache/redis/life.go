package cacheredis

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// A cache may be lost, never be old. A server that was restarted from a dump,
// or a replica that was promoted, holds what it missed the deletes of. So the
// server's run id is kept with the data: where the two differ the data is of
// an earlier life, and goes.

const (
	lifeKey  = "starling:life"
	lifeLook = time.Second
)

// Run looks after the server's life until ctx ends.
func (c *Cache) Run(ctx context.Context) error {
	tick := time.NewTicker(lifeLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := c.checkLife(ctx); err != nil && ctx.Err() == nil {
				c.log.WarnContext(ctx, "the cache is away", "error", err)
			}
		}
	}
}

// checkLife flushes data of an earlier life.
func (c *Cache) checkLife(ctx context.Context) error {
	limited, cancel := c.limited(ctx)
	defer cancel()
	run, err := c.runID(limited)
	if err != nil {
		return away(ctx, err)
	}
	held, err := c.plain.Do(limited, c.plain.B().Get().Key(lifeKey).Build()).ToString()
	if err := away(ctx, err); err != nil {
		return err
	}
	if held == run {
		return nil
	}
	c.log.InfoContext(ctx, "flushing what the cache holds of an earlier life", "run", run)
	return c.Flush(ctx)
}

// markLife notes whose data this is from now on.
func (c *Cache) markLife(ctx context.Context) error {
	run, err := c.runID(ctx)
	if err != nil {
		return err
	}
	return c.plain.Do(ctx, c.plain.B().Set().Key(lifeKey).Value(run).Build()).Error()
}

func (c *Cache) runID(ctx context.Context) (string, error) {
	info, err := c.plain.Do(ctx, c.plain.B().Info().Section("server").Build()).ToString()
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(info) {
		if id, ok := strings.CutPrefix(line, "run_id:"); ok {
			return strings.TrimSpace(id), nil
		}
	}
	return "", fmt.Errorf("cacheredis: INFO has no run_id")
}
