package app_test

import (
	"context"
	"slices"
	"sync"

	"github.com/starlinghq/starling/internal/app"
	"github.com/starlinghq/starling/internal/app/apptest"
	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// plant is where tests plant faults in the engines of a running product. The
// zero plant changes nothing.
type plant struct {
	mu sync.Mutex
	// Each is asked before a call, and its error is the call's. It may panic.
	tweets    func(ids []social.TweetID) error        // reads of tweets
	putTweet  func(t social.Tweet) error              // the owner's write of a tweet
	publish   func(ms []queue.Message) error          // of mutations
	authorLog func(logs [][]social.LogEntry)          // may change what is read
	counts    func(r store.Relation, c []store.Count) // may change what is read
	paused    chan struct{}                           // deliveries wait until it is closed; nil is not paused
	parts     app.Parts                               // as the roles see them
}

// opener opens a product with the plant in it.
func (p *plant) opener() apptest.Opener {
	return app.OpenWith(func(parts *app.Parts) {
		parts.Store = plantedStore{parts.Store, p}
		parts.Queue = plantedQueue{parts.Queue, p}
		p.set(func() { p.parts = *parts })
	})
}

// set changes the plant while the product runs.
func (p *plant) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

// pause holds back what workers are handed from now on, until resume.
func (p *plant) pause() { p.set(func() { p.paused = make(chan struct{}) }) }

func (p *plant) resume() {
	p.set(func() {
		if p.paused != nil {
			close(p.paused)
			p.paused = nil
		}
	})
}

// planted reads one hook.
func planted[T any](p *plant, get func(*plant) T) T {
	p.mu.Lock()
	defer p.mu.Unlock()
	return get(p)
}

type plantedStore struct {
	store.Store
	p *plant
}

func (s plantedStore) Tweets(ctx context.Context, ids []social.TweetID) ([]*social.Tweet, error) {
	if f := planted(s.p, func(p *plant) func([]social.TweetID) error { return p.tweets }); f != nil {
		if err := f(ids); err != nil {
			return nil, err
		}
	}
	return s.Store.Tweets(ctx, ids)
}

func (s plantedStore) PutTweet(ctx context.Context, f store.Fence, t social.Tweet) error {
	if hook := planted(s.p, func(p *plant) func(social.Tweet) error { return p.putTweet }); hook != nil {
		if err := hook(t); err != nil {
			return err
		}
	}
	return s.Store.PutTweet(ctx, f, t)
}

func (s plantedStore) AuthorLogs(ctx context.Context, authors []social.UserID, before social.TweetID, n int) ([][]social.LogEntry, error) {
	logs, err := s.Store.AuthorLogs(ctx, authors, before, n)
	if f := planted(s.p, func(p *plant) func([][]social.LogEntry) { return p.authorLog }); f != nil && err == nil {
		logs = slices.Clone(logs)
		f(logs)
	}
	return logs, err
}

func (s plantedStore) Counts(ctx context.Context, r store.Relation, owners []snowflake.ID) ([]store.Count, error) {
	counts, err := s.Store.Counts(ctx, r, owners)
	if f := planted(s.p, func(p *plant) func(store.Relation, []store.Count) { return p.counts }); f != nil && err == nil {
		counts = slices.Clone(counts)
		f(r, counts)
	}
	return counts, err
}

type plantedQueue struct {
	queue.Queue
	p *plant
}

func (q plantedQueue) Publish(ctx context.Context, ms ...queue.Message) error {
	if f := planted(q.p, func(p *plant) func([]queue.Message) error { return p.publish }); f != nil {
		if err := f(ms); err != nil {
			return err
		}
	}
	return q.Queue.Publish(ctx, ms...)
}

func (q plantedQueue) Subscribe(ctx context.Context, n queue.Name, prefetch int) (queue.Subscription, error) {
	sub, err := q.Queue.Subscribe(ctx, n, prefetch)
	return plantedSubscription{sub, q.p}, err
}

type plantedSubscription struct {
	queue.Subscription
	p *plant
}

// Retry rests every failure on the first rung, or tests would take minutes.
func (q plantedQueue) Retry(ctx context.Context, d queue.Delivery, _ queue.Rung, attempts int) error {
	return q.Queue.Retry(ctx, d, queue.Rung1s, attempts)
}

// Next holds a delivery back while the plant is paused.
func (s plantedSubscription) Next(ctx context.Context) (queue.Delivery, error) {
	d, err := s.Subscription.Next(ctx)
	if err != nil {
		return d, err
	}
	if paused := planted(s.p, func(p *plant) chan struct{} { return p.paused }); paused != nil {
		select {
		case <-paused:
		case <-ctx.Done():
			return queue.Delivery{}, ctx.Err()
		}
	}
	return d, nil
}
