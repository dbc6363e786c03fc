package commit

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

var (
	// ErrOverloaded says that the mutation was surely not accepted.
	ErrOverloaded = errors.New("overloaded")
	// ErrUnsure says that the mutation may be applied all the same.
	ErrUnsure = errors.New("the outcome is not known")
	// ErrKeyReused says that the idempotency key stands for another input.
	ErrKeyReused = errors.New("this idempotency key was used with another input")
)

// Minter makes ids; *snowflake.Generator is one.
type Minter interface {
	Mint(ctx context.Context, parents ...snowflake.ID) (snowflake.ID, error)
}

// Committer commits the mutations of one subgraph. It is safe for concurrent use.
type Committer struct {
	Minter  Minter
	Queue   queue.Publisher
	Claims  store.Claims
	Pending cache.Pending
	Objects cache.Objects
	Log     *slog.Logger
}

// Mutation is what a resolver asks for.
type Mutation struct {
	Name    string         // the mutation's field, part of the key's hash
	Actor   social.UserID  // zero for a sign-up
	Family  social.Family  // whose queue must have room
	Parents []snowflake.ID // what was found and must lie before the event
	// Key is the client's idempotency key; Input is hashed with Name under it,
	// and Applied tells whether the owner has come to an event already.
	Key     string
	Input   any
	Applied func(context.Context, social.Event) (bool, error)
	// Body makes the event's body when its id is known.
	Body func(id snowflake.ID) social.Body
	// Write and Objects are what the cache is told once the event is confirmed:
	// the actor's overlay entry, and objects that everybody may see at once.
	Write   func(social.Event) cache.Write
	Objects func(social.Event) []cache.Object
}

// Commit publishes the event of a mutation and returns it.
func (c *Committer) Commit(ctx context.Context, m Mutation) (social.Event, error) {
	if err := c.Admit(ctx, m.Family); err != nil {
		return social.Event{}, err
	}
	id, err := c.mint(ctx, m)
	if err != nil {
		return social.Event{}, err
	}
	ev := social.Event{ID: id, Body: m.Body(id)}
	if m.Key != "" {
		held, won, err := c.claim(ctx, m, ev)
		if err != nil {
			return social.Event{}, err
		}
		if !won {
			return held, c.repeat(ctx, m, held)
		}
	}
	return ev, c.accept(ctx, m, ev)
}

// Admit refuses with [ErrOverloaded] where the family's queue would. Commit
// asks by itself; it is exported for who claims something before he publishes.
func (c *Committer) Admit(ctx context.Context, f social.Family) error {
	if err := c.Queue.Admit(ctx, f); err != nil {
		return fmt.Errorf("%w: %w", ErrOverloaded, err)
	}
	return nil
}

// accept publishes an event and tells the cache.
func (c *Committer) accept(ctx context.Context, m Mutation, ev social.Event) error {
	if err := c.Publish(ctx, ev); err != nil {
		return err
	}
	c.remember(ctx, m, ev)
	return nil
}

// repeat answers for the event that an idempotency key stands for. Where its
// owner has not come to it, nobody knows whether it was ever published, so it
// is published again.
func (c *Committer) repeat(ctx context.Context, m Mutation, ev social.Event) error {
	applied, err := m.Applied(ctx, ev)
	if err != nil {
		return err
	}
	if !applied {
		return c.accept(ctx, m, ev)
	}
	if err := c.Claims.Settle(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrUnsure, err)
	}
	return nil
}

// mint makes an id after the parents and after the actor's own last event, so
// that what one session does keeps its order over all instances.
func (c *Committer) mint(ctx context.Context, m Mutation) (snowflake.ID, error) {
	parents := m.Parents
	if m.Actor != 0 {
		own, err := c.Pending.Overlay(ctx, m.Actor)
		if err != nil && !errors.Is(err, cache.ErrUnavailable) {
			return 0, fmt.Errorf("reading the pending overlay: %w", err)
		}
		parents = append(parents[:len(parents):len(parents)], own.LastEvent)
	}
	id, err := c.Minter.Mint(ctx, parents...)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrOverloaded, err)
	}
	return id, nil
}

// claim takes the key for ev. Where somebody holds it already it returns his
// event.
func (c *Committer) claim(ctx context.Context, m Mutation, ev social.Event) (held social.Event, won bool, err error) {
	b, err := social.Encode(ev)
	if err != nil {
		return social.Event{}, false, err
	}
	hash, err := inputHash(m.Name, m.Input)
	if err != nil {
		return social.Event{}, false, err
	}
	holder, won, err := c.Claims.ClaimKey(ctx, m.Actor, m.Key, store.Claim{Event: b, InputHash: hash})
	if err != nil {
		return social.Event{}, false, fmt.Errorf("%w: claiming the idempotency key: %w", ErrOverloaded, err)
	}
	if won {
		return ev, true, nil
	}
	if holder.InputHash != hash {
		return social.Event{}, false, ErrKeyReused
	}
	if held, err = social.Decode(holder.Event); err != nil {
		return social.Event{}, false, fmt.Errorf("reading the event of an idempotency key: %w", err)
	}
	return held, false, nil
}

// Held returns the event that an idempotency key stands for, if it stands for
// this mutation and input. A resolver asks before it refuses an input: what was
// accepted once is answered again, even if it could not be accepted now.
func (c *Committer) Held(ctx context.Context, m Mutation) (social.Event, bool, error) {
	if m.Key == "" {
		return social.Event{}, false, nil
	}
	holder, err := c.Claims.Key(ctx, m.Actor, m.Key)
	if errors.Is(err, store.ErrNotFound) {
		return social.Event{}, false, nil
	}
	if err != nil {
		return social.Event{}, false, fmt.Errorf("%w: reading the idempotency key: %w", ErrOverloaded, err)
	}
	hash, err := inputHash(m.Name, m.Input)
	if err != nil || holder.InputHash != hash {
		return social.Event{}, false, err
	}
	ev, err := social.Decode(holder.Event)
	if err != nil {
		return social.Event{}, false, fmt.Errorf("reading the event of an idempotency key: %w", err)
	}
	return ev, true, c.repeat(ctx, m, ev)
}

func inputHash(name string, input any) ([32]byte, error) {
	b, err := json.Marshal(input)
	if err != nil {
		return [32]byte{}, fmt.Errorf("hashing the input of %s: %w", name, err)
	}
	return sha256.Sum256(append([]byte(name+"\x00"), b...)), nil
}

// Publish sends one event and waits for its confirmation. Commit does it by
// itself; it is exported for events that heal what a crash left undone.
func (c *Committer) Publish(ctx context.Context, ev social.Event) error {
	m, err := queue.MessageOf(ev)
	if err != nil {
		return err
	}
	if err := c.Queue.Publish(ctx, m); err != nil {
		return refused(err)
	}
	return nil
}

func refused(err error) error {
	if queue.MaybePublished(err) {
		return fmt.Errorf("%w: %w", ErrUnsure, err)
	}
	return fmt.Errorf("%w: %w", ErrOverloaded, err)
}

// remember tells the cache what was accepted. The event is safe already, so a
// cache that cannot take it costs its author a stale read and nothing else.
func (c *Committer) remember(ctx context.Context, m Mutation, ev social.Event) {
	if m.Objects != nil {
		c.Show(ctx, m.Objects(ev)...)
	}
	if m.Write != nil {
		if err := c.Pending.Record(ctx, m.Actor, m.Write(ev)); err != nil {
			c.Log.WarnContext(ctx, "accepted write not in the overlay", "event", ev.ID, "error", err)
		}
	}
}

// Show puts objects that were accepted into the cache, for everybody to see
// before the owner has written them.
func (c *Committer) Show(ctx context.Context, objects ...cache.Object) {
	if err := c.Objects.PutIfNewer(ctx, objects...); err != nil {
		c.Log.WarnContext(ctx, "accepted object not cached", "key", objects[0].Key, "error", err)
	}
}
