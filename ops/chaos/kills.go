package main

import (
	"context"
	"time"

	"github.com/starlinghq/starling/ops/chaos/fleet"
)

// kills are the scenarios of kill -9.
func kills() []scenario {
	return []scenario{
		{name: "kill-roles", about: `kill -9 and restart of one of each kind of role, one after another`, run: killRoles},
	}
}

// killRoles kills one process of each role.
func killRoles(ctx context.Context, w *world) error {
	h := w.importing(ctx)
	for _, kind := range w.Kinds() {
		all := w.Of(kind)
		if err := w.killOne(ctx, h, all[w.rnd.IntN(len(all))]); err != nil {
			return err
		}
	}
	return w.exact(ctx, h)
}

// killOne kills a process some time from now and starts it again some time
// later.
func (w *world) killOne(ctx context.Context, h *history, p *fleet.Process) error {
	if err := pause(ctx, w.between(500, 1500)); err != nil {
		return err
	}
	p.Kill()
	w.say("killed %s at %s", p.Name, h.at())
	if err := pause(ctx, w.between(100, 1500)); err != nil {
		return err
	}
	if err := h.failed(); err != nil {
		return err
	}
	return p.Start(ctx)
}

// between draws a time in milliseconds.
func (w *world) between(low, high int) time.Duration {
	return time.Duration(low+w.rnd.IntN(high-low)) * time.Millisecond
}
