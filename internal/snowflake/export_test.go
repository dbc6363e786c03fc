package snowflake

import (
	"context"
	"time"
)

// SetSleep replaces waiting, for a model whose time is its own.
func (g *Generator) SetSleep(f func(context.Context, time.Duration) error) { g.sleep = f }

// Keep is one round of Run.
func (g *Generator) Keep(ctx context.Context) error {
	if !g.short() {
		return nil
	}
	return g.keep(ctx)
}
