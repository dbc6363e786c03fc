package main

import (
	"context"
	"strings"
	"time"

	"github.com/starlinghq/starling/ops/chaos/fleet"
)

// kills are the scenarios of kill -9.
func kills() []scenario {
	return []scenario{
		{name: "kill-roles", about: `kill -9 and restart of one of each kind of role, one after another`, run: killRoles},
		{name: "kill-servers", about: `kill -9 and restart of the broker, Redis and Cassandra, one after another`, run: killServers},
		{name: "kill-pairs", about: `two processes or servers at a time are killed and started again, in a random sequence`, run: killPairs},
		{name: "stopped-owners", about: `one owner of each family is stopped by SIGSTOP for longer than the take-over takes,
			and goes on: the stale owner changes nothing`, run: stoppedOwners},
	}
}

func killRoles(ctx context.Context, w *world) error {
	h := w.importing(ctx)
	if err := w.killEachRole(ctx, h); err != nil {
		return err
	}
	return w.exact(ctx, h)
}

// killEachRole kills one process of each role.
func (w *world) killEachRole(ctx context.Context, h *history) error {
	for _, kind := range w.Kinds() {
		all := w.Of(kind)
		if err := w.killOne(ctx, h, all[w.rnd.IntN(len(all))]); err != nil {
			return err
		}
	}
	return nil
}

func killServers(ctx context.Context, w *world) error {
	h := w.importing(ctx)
	if err := w.killEachServer(ctx, h); err != nil {
		return err
	}
	return w.exact(ctx, h)
}

// killEachServer kills one server after the other.
func (w *world) killEachServer(ctx context.Context, h *history) error {
	for _, part := range parts() {
		if err := pause(ctx, w.between(2000, 5000)); err != nil {
			return err
		}
		if err := w.servers.Kill(ctx, part); err != nil {
			return err
		}
		w.say("killed %s at %s", part, h.at())
		if err := pause(ctx, w.between(500, 4000)); err != nil {
			return err
		}
		if err := w.servers.Up(ctx, part); err != nil {
			return err
		}
		w.say("%s is back at %s", part, h.at())
		if err := h.failed(); err != nil {
			return err
		}
	}
	return nil
}

// killPairs kills two of everything that runs, round after round. It does not
// wait until all is well between two rounds.
func killPairs(ctx context.Context, w *world) error {
	h := w.importing(ctx)
	var targets []target
	for _, part := range parts() {
		targets = append(targets, w.serverTarget(part))
	}
	for _, p := range w.All() {
		targets = append(targets, processTarget(p))
	}
	for round := range w.rounds {
		w.rnd.Shuffle(len(targets), func(i, j int) { targets[i], targets[j] = targets[j], targets[i] })
		pair := targets[:2]
		if err := pause(ctx, w.between(200, 2500)); err != nil {
			return err
		}
		for _, t := range pair {
			if err := t.kill(ctx); err != nil {
				return err
			}
		}
		w.say("round %d: killed %s and %s at %s", round+1, pair[0].name, pair[1].name, h.at())
		for _, t := range pair {
			if err := pause(ctx, w.between(0, 1500)); err != nil {
				return err
			}
			if err := t.up(ctx); err != nil {
				return err
			}
		}
		if err := h.failed(); err != nil {
			return err
		}
	}
	return w.exact(ctx, h)
}

// target is something that can be killed and started again.
type target struct {
	name     string
	kill, up func(context.Context) error
}

func (w *world) serverTarget(part string) target {
	return target{
		part,
		func(ctx context.Context) error { return w.servers.Kill(ctx, part) },
		func(ctx context.Context) error { return w.servers.Up(ctx, part) },
	}
}

// processTarget begins to start the process again, ready or not: what it needs
// may be dead as well.
func processTarget(p *fleet.Process) target {
	return target{
		p.Name,
		func(context.Context) error { p.Kill(); return nil },
		func(context.Context) error { p.Begin(); return nil },
	}
}

// takeOver is longer than a broker takes to give a silent owner up (two
// heartbeats of 5 s) and another owner to begin.
const takeOver = 25 * time.Second

// stoppedOwners stops owners in the middle of their work.
func stoppedOwners(ctx context.Context, w *world) error {
	h := w.importing(ctx)
	if err := pause(ctx, w.between(3000, 6000)); err != nil {
		return err
	}
	var stopped []*fleet.Process
	for _, kind := range w.Kinds() {
		if strings.HasPrefix(kind, "owner-") {
			all := w.Of(kind)
			stopped = append(stopped, all[w.rnd.IntN(len(all))])
		}
	}
	for _, p := range stopped {
		p.Pause()
		w.say("stopped %s at %s", p.Name, h.at())
	}
	if err := pause(ctx, takeOver); err != nil {
		return err
	}
	for _, p := range stopped {
		p.Resume()
	}
	w.say("all go on at %s", h.at())
	if err := pause(ctx, 5*time.Second); err != nil {
		return err
	}
	for _, p := range stopped {
		log, err := p.Log()
		if err != nil {
			return err
		}
		w.say("%s began %d subscriptions anew", p.Name, strings.Count(log, "consuming again"))
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
