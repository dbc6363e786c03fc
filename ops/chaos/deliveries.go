package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/starlinghq/starling/ops/chaos/fleet"
	"github.com/starlinghq/starling/ops/chaos/wire"
)

// deliveries are the scenarios between broker and owner.
func deliveries() []scenario {
	return []scenario{
		{name: "threefold", about: `every message is delivered three times: counts equal sets`, run: threefold},
		{
			name: "half-done", about: `owners die between the row that they have written and the command that follows from it:
				followers get it all the same`,
			prepare: proxied("owner-tweets-1", "owner-tweets-2", "owner-users-1", "owner-users-2"), run: halfDone,
		},
	}
}

// threefold publishes every message twice more while a history is imported and
// a crowd changes its mind.
func threefold(ctx context.Context, w *world) error {
	tap, err := wire.Open(w.servers.Endpoint(broker), w.Prefix(), shards, 2)
	if err != nil {
		return err
	}
	w.ends = append(w.ends, tap.Close)
	h := w.importing(ctx)
	r, err := w.newFlips(ctx, 10)
	if err != nil {
		return err
	}
	if err := errors.Join(r.race(ctx, 10*time.Second), r.sequence(ctx, 10*time.Second)); err != nil {
		return err
	}
	if err := w.exact(ctx, h); err != nil {
		return err
	}
	if err := r.agree(ctx, tap); err != nil {
		return err
	}
	events, again, err := tap.Heard()
	w.say("%d messages, published another %d times; %d flips of a crowd agree", len(events), again, r.flips)
	return err
}

// proxied lets single processes speak to the broker through a proxy.
func proxied(names ...string) func(*world, *fleet.Config) error {
	return func(w *world, c *fleet.Config) error {
		credentials, address, ok := strings.Cut(c.RabbitMQ, "@")
		if !ok {
			return fmt.Errorf("the broker's address %s has no account", c.RabbitMQ)
		}
		p, err := wire.NewProxy(address)
		if err != nil {
			return err
		}
		w.ends = append(w.ends, p.Close)
		w.proxy = p
		for _, name := range names {
			c.Env[name] = map[string]string{"STARLING_RABBITMQ_URLS": credentials + "@" + p.Addr()}
		}
		return nil
	}
}

// halfDone holds back what owners send to the broker, so that rows are written
// and nothing follows; then the owners are killed.
func halfDone(ctx context.Context, w *world) error {
	ms, err := w.circle(ctx, 6)
	if err != nil {
		return err
	}
	fans, err := w.crowd(ctx, 3)
	if err != nil {
		return err
	}
	for round := range 5 {
		if err := w.halve(ctx, ms, fans[round%len(fans)], ms[round%len(ms)], round); err != nil {
			return fmt.Errorf("round %d: %w", round+1, err)
		}
	}
	return nil
}

// halve kills the owners half-way through a tweet by author and a follow of
// him by fan.
func (w *world) halve(ctx context.Context, ms []member, fan, author member, round int) error {
	text := fmt.Sprintf("half-done %d", round)
	w.proxy.Hold()
	var p payload
	if err := w.as(author, 0).get(ctx, settled, "postTweet", &p, post, input(map[string]any{"text": text})); err != nil {
		return err
	}
	if err := w.as(fan, 1).get(ctx, settled, "follow", &p, follow, input(map[string]any{"userId": author.id})); err != nil {
		return err
	}
	if err := w.rowsWritten(ctx, fan, author, text); err != nil {
		return err
	}
	if has, err := w.followers(ctx, author, fan); err != nil || has {
		return fmt.Errorf("the follow has both directions, so nothing was held back: %w", err)
	}
	owners := append(w.Of("owner-tweets"), w.Of("owner-users")...)
	for _, o := range owners {
		o.Kill()
	}
	w.proxy.Release()
	w.say("round %d: rows of a tweet and a follow are there, nothing follows from them; killed their owners", round+1)
	for _, o := range owners {
		if err := o.Start(ctx); err != nil {
			return err
		}
	}
	return eventually(ctx, settled, func() error {
		for _, m := range append([]member{fan}, ms...) {
			feed, err := w.as(m, 0).feed(ctx, 20, func() error { return nil })
			if err != nil {
				return err
			}
			n := 0
			for _, t := range feed {
				if t.Text == text {
					n++
				}
			}
			if n != 1 {
				return fmt.Errorf("the feed of %s has the tweet %d times", m.handle, n)
			}
		}
		if has, err := w.followers(ctx, author, fan); err != nil || !has {
			return fmt.Errorf("%s is no follower of %s: %w", fan.handle, author.handle, err)
		}
		return nil
	})
}

// rowsWritten waits until the owners have written their rows: nobody, who has
// no overlay, sees them.
func (w *world) rowsWritten(ctx context.Context, fan, author member, text string) error {
	return eventually(ctx, 8*time.Second, func() error {
		list, err := w.as(member{}, 0).tweets(ctx, author.id)
		if err != nil {
			return err
		}
		if len(list) == 0 || list[0].Text != text {
			return errors.New("the tweet is in no list of its author")
		}
		var u struct{ Followees idList }
		err = w.as(member{}, 0).get(ctx, settled, "user", &u, `query($id: ID!) { user(id: $id) { followees(first: 100) { edges { node { id } } } } }`, map[string]any{"id": fan.id})
		if err != nil {
			return err
		}
		for _, id := range u.Followees.ids() {
			if id == author.id {
				return nil
			}
		}
		return errors.New("the follow is in no list of the follower")
	})
}

// followers tells whether fan is among the followers of author.
func (w *world) followers(ctx context.Context, author, fan member) (bool, error) {
	var u struct{ Followers idList }
	err := w.as(member{}, 0).get(ctx, settled, "user", &u, `query($id: ID!) { user(id: $id) { followers(first: 100) { edges { node { id } } } } }`, map[string]any{"id": author.id})
	for _, id := range u.Followers.ids() {
		if id == fan.id {
			return true, err
		}
	}
	return false, err
}
