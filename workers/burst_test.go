package workers_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/starlinghq/starling/internal/cache"
	cachelocal "github.com/starlinghq/starling/internal/cache/local"
	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
	"github.com/starlinghq/starling/internal/timeline"
	"github.com/starlinghq/starling/workers"
	"github.com/starlinghq/starling/workers/fanout"
)

// crowd holds the followers of everybody: the author with id 1 is the celebrity,
// of the others each has one follower. Every page of the celebrity's but the
// first waits until it is let through.
type crowd struct {
	store.Relations
	open    chan struct{} // closed to let the pages through
	waiting atomic.Int64
	passed  atomic.Int64
}

const (
	celebrity     = social.UserID(1)
	crowdSize     = 35
	crowdPage     = 10
	firstFan      = social.UserID(1000) // of the celebrity
	firstFollower = social.UserID(5000) // of author n: n above this
)

// Members implements store.Relations as far as fan-out asks.
func (c *crowd) Members(ctx context.Context, _ store.Relation, owner snowflake.ID, after social.UserID, n int) ([]store.Member, error) {
	if social.UserID(owner) != celebrity {
		return []store.Member{{User: firstFollower + social.UserID(owner)}}, nil
	}
	if after != 0 {
		c.waiting.Add(1)
		select {
		case <-c.open:
		case <-ctx.Done():
			return nil, store.ErrUnavailable
		}
		c.waiting.Add(-1)
		c.passed.Add(1)
	}
	var page []store.Member
	for u := max(firstFan, after+1); u < firstFan+crowdSize && len(page) < n; u++ {
		page = append(page, store.Member{User: u})
	}
	return page, nil
}

// TestABurstHoldsUpNobody: a celebrity's tweets wait, page after page, and more
// of them than a worker ever takes in hand; small authors' tweets posted behind
// them all arrive before a single one of these pages is done.
func TestABurstHoldsUpNobody(t *testing.T) {
	t.Parallel()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		r := newRigOf(t, vfs.NewMem(), seatsShards)
		burst(t, &embedded{rig: r, there: map[string]bool{}}, r.store)
	})
	t.Run("rabbitmq", func(t *testing.T) {
		t.Parallel()
		burst(t, newRabbitMQ(t, "burst", social.Lanes()...), newRigOf(t, vfs.NewMem(), seatsShards).store)
	})
}

func burst(t *testing.T, b broker, owners workers.Register) {
	c, err := cachelocal.New(cachelocal.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	const tweets, authors = 60, 20
	for u := range social.UserID(crowdSize) {
		home(t, c, firstFan+u)
	}
	for a := range social.UserID(authors) {
		home(t, c, firstFollower+celebrity+1+a)
	}
	people := &crowd{open: make(chan struct{})}
	q, _, _ := b.join(t, -1)
	for _, f := range social.Lanes() {
		cfg := workers.Default(f, seatsShards)
		cfg.Prefetch = 8 // of each of four queues: less than the burst
		l := workers.New(cfg, q, owners, fanout.New(people, c, timeline.Policy{PageSize: crowdPage}), slog.New(slog.DiscardHandler), noop.NewTracerProvider().Tracer(""))
		running(t, l.Run)
	}
	first := snowflake.ID(time.Now().UnixNano()) // the broker may hold what an earlier test left
	post := func(id snowflake.ID, author social.UserID) {
		m, err := queue.MessageOf(social.Event{ID: id, Body: social.Fanout{Tweet: social.TweetID(id), Author: author}})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Publish(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	for i := range snowflake.ID(tweets) {
		post(first+i, celebrity)
	}
	hands := int64(workers.Default(social.FamilyFeedBulk, seatsShards).AtOnce)
	eventually(t, func() error {
		if n := people.waiting.Load(); n != hands {
			return fmt.Errorf("%d pages of the celebrity are in hand, want all %d hands full", n, hands)
		}
		return nil
	})
	for a := range social.UserID(authors) {
		post(first+tweets+snowflake.ID(a), celebrity+1+a)
	}
	for a := range social.UserID(authors) {
		arrives(t, c, firstFollower+celebrity+1+a, social.TweetID(first+tweets)+social.TweetID(a))
	}
	if n := people.passed.Load(); n > 0 {
		t.Errorf("%d pages of the celebrity were done before", n)
	}
	close(people.open)
	for u := range social.UserID(crowdSize) {
		for i := range social.TweetID(tweets) {
			arrives(t, c, firstFan+u, social.TweetID(first)+i)
		}
	}
}

// home makes an empty home timeline, so that fan-out appends to it.
func home(t *testing.T, c cache.Timelines, viewer social.UserID) {
	t.Helper()
	token, err := c.Begin(t.Context(), viewer)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := c.Put(t.Context(), viewer, token, nil, 0); !ok || err != nil {
		t.Fatalf("home timeline of %s: %t, %v", viewer, ok, err)
	}
}

// arrives waits until a tweet is in a home timeline.
func arrives(t *testing.T, c cache.Timelines, viewer social.UserID, tweet social.TweetID) {
	t.Helper()
	eventually(t, func() error {
		h, _, err := c.Home(t.Context(), viewer)
		if err != nil {
			return err
		}
		for _, e := range h.Entries {
			if e.Tweet == tweet {
				return nil
			}
		}
		return fmt.Errorf("%s is not in the home timeline of %s", tweet, viewer)
	})
}
