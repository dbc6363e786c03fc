package snowflake

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// reserve makes the lease reach the millisecond ms (0: just hold one). Many may call it; one at a time talks to the table,
// and the others find it done.
func (g *Generator) reserve(ctx context.Context, ms Millis) error {
	release, err := g.takeTurn(ctx)
	if err != nil {
		return err
	}
	defer release()

	lease, held := g.current()
	if held && ms <= lease.Until {
		return nil
	}
	if held {
		err := g.extend(ctx, lease, ms)
		if !errors.Is(err, ErrLeaseLost) {
			return err
		}
	}
	return g.take(ctx)
}

// keep moves the reservation forward where it is short: what Run does.
func (g *Generator) keep(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	lease, held := g.current()
	if !held {
		return g.reserve(ctx, 0)
	}
	return g.reserve(ctx, lease.Until+1)
}

// short says whether less than half of a step is left.
func (g *Generator) short() bool {
	lease, held := g.current()
	return !held || lease.Until-g.wall() <= Millis(MaxStep.Milliseconds())/2
}

// busy tells whether anything was minted of late.
func (g *Generator) busy() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.wall()-g.last < Millis(keptFor.Milliseconds())
}

// extend moves the reservation of the held lease to MaxStep ahead of the wall clock, or as far as ms needs. The turn is held.
func (g *Generator) extend(ctx context.Context, lease Lease, ms Millis) error {
	until := max(g.wall()+Millis(MaxStep.Milliseconds()), ms)
	if until == ms {
		until += Millis(headroom.Milliseconds())
	}
	next, err := g.leases.Extend(ctx, lease, until)
	switch {
	case errors.Is(err, ErrLeaseLost):
		g.lost.Add(1)
		g.log.WarnContext(ctx, "node lease lost, taking another number", "node", lease.Node)
		g.drop()
		return err
	case err != nil:
		g.failed.Add(1)
		return fmt.Errorf("snowflake: extend the lease of node %d: %w: %w", lease.Node, ErrUnavailable, err)
	}
	g.extended.Add(1)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lease.Until = max(lease.Until, next.Until)
	return nil
}

// take takes a node number and waits while it begins too far ahead. The turn is held.
func (g *Generator) take(ctx context.Context) error {
	lease, err := g.free(ctx)
	if err != nil {
		return err
	}
	for {
		ahead := time.Duration(lease.From-g.wall()) * time.Millisecond
		if ahead <= MaxStep {
			break
		}
		if err := g.sleep(ctx, min(ahead-MaxStep, retryEvery)); err != nil {
			return err
		}
	}
	g.adopt(lease)
	g.log.DebugContext(ctx, "node lease taken", "node", lease.Node)
	return nil
}

// free asks the table for a number until it has one, nodeWait at most.
func (g *Generator) free(ctx context.Context) (Lease, error) {
	for waited := time.Duration(0); ; waited += retryEvery {
		now := g.wall()
		lease, err := g.leases.Take(ctx, now, now+Millis(MaxStep.Milliseconds()))
		if err == nil {
			lease.From = max(lease.From, now)
			return lease, nil
		}
		if !errors.Is(err, ErrNoNode) || waited >= nodeWait {
			g.failed.Add(1)
			return Lease{}, fmt.Errorf("snowflake: take a node number: %w: %w", ErrUnavailable, err)
		}
		if err := g.sleep(ctx, retryEvery); err != nil {
			return Lease{}, err
		}
	}
}

// adopt begins to mint under the lease. Ids of one process rise over a change of number, so it begins above the last id.
func (g *Generator) adopt(lease Lease) {
	g.mu.Lock()
	defer g.mu.Unlock()
	lease.From = max(lease.From, g.last+1)
	g.lease, g.held = lease, true
}

func (g *Generator) drop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lease, g.held = Lease{}, false
}

func (g *Generator) current() (Lease, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.lease, g.held
}

func (g *Generator) takeTurn(ctx context.Context) (release func(), err error) {
	select {
	case g.turn <- struct{}{}:
		return func() { <-g.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
