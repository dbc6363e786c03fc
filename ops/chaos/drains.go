package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/starlinghq/starling/ops/chaos/fleet"
)

// drains are the scenarios of restarts in good order.
func drains() []scenario {
	return []scenario{{
		name: "rolling", about: `clean stop and start of every process under load, one at a time: no request that was accepted
			fails, nothing is redelivered that was acknowledged`,
		prepare: func(w *world, c *fleet.Config) error {
			return proxied(
				"owner-users-1", "owner-users-2", "owner-followers-1", "owner-followers-2", "owner-tweets-1", "owner-tweets-2",
				"owner-engagement-1", "owner-engagement-2", "fanout-1", "fanout-2",
			)(w, c)
		},
		run: rolling,
	}}
}

// rolling restarts one process after the other while a crowd acts.
func rolling(ctx context.Context, w *world) error {
	ms, err := w.circle(ctx, 8)
	if err != nil {
		return err
	}
	l := &clients{w: w, ms: ms, answers: newTally(), accepted: map[string][]string{}}
	for _, m := range ms {
		l.accepted[m.id] = []string{"first of " + m.handle}
	}
	loadCtx, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.run(loadCtx)
	}()
	restarts := l.restartAll(ctx)
	stop()
	<-done
	seen := w.proxy.Witness().Summary()
	w.say("answers: %s; %d connections were refused and tried at the other router", l.answers, l.refused.Load())
	w.say("%d deliveries to workers, %d messages acknowledged, %d returned before that, %d redelivered after; %d commands were published anew by an owner",
		seen.Deliveries, seen.Acked, seen.Returned, len(seen.Again), seen.Anew)
	errs := append([]error{restarts, l.answers.only(10*time.Second, "", "OVERLOADED")}, l.failures...)
	if len(seen.Again) > 0 {
		errs = append(errs, fmt.Errorf("%d messages were redelivered after they were acknowledged: %v", len(seen.Again), seen.Again[:min(3, len(seen.Again))]))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return w.wrote(ctx, ms, func(m member) []string {
		slices.Sort(l.accepted[m.id])
		return l.accepted[m.id]
	})
}

// clients is the load: every member posts, likes and reads.
type clients struct {
	w       *world
	ms      []member
	answers *tally
	refused atomic.Int64
	rests   [2]atomic.Int64 // until when a router is left alone, in Unix milliseconds

	mu       sync.Mutex
	accepted map[string][]string // guarded by mu: texts of tweets by author
	failures []error             // guarded by mu
}

// restartAll stops and starts every process.
func (l *clients) restartAll(ctx context.Context) error {
	var errs []error
	for _, p := range l.w.All() {
		if err := pause(ctx, l.w.between(300, 1000)); err != nil {
			return err
		}
		if err := p.Stop(); err != nil {
			errs = append(errs, err)
		}
		if err := pause(ctx, l.w.between(100, 500)); err != nil {
			return err
		}
		if err := p.Start(ctx); err != nil {
			return errors.Join(append(errs, err)...)
		}
		l.mu.Lock()
		failed := len(l.failures)
		l.mu.Unlock()
		l.w.say("restarted %s; failures so far: %d; answers: %s", p.Name, failed, l.answers)
	}
	return errors.Join(errs...)
}

func (l *clients) run(ctx context.Context) {
	var wg sync.WaitGroup
	for n, m := range l.ms {
		wg.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				if err := l.act(ctx, m, l.ms[(n+i)%len(l.ms)], i); err != nil {
					l.mu.Lock()
					l.failures = append(l.failures, err)
					l.mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
}

// act is one round of a member: a tweet, a like, a page of the feed. What was
// sent is waited for even when the load ends.
func (l *clients) act(ctx context.Context, m, other member, i int) error {
	ctx = context.WithoutCancel(ctx)
	text := fmt.Sprintf("tweet %d of %s", i, m.handle)
	a, err := l.ask(ctx, m, i, post, input(map[string]any{"text": text}))
	if err != nil {
		return err
	}
	tweet := ""
	if a.code() == "" {
		p, err := payloadOf(a, "postTweet")
		if err != nil {
			return err
		}
		tweet = p.Tweet.ID
		l.mu.Lock()
		l.accepted[m.id] = append(l.accepted[m.id], text)
		l.mu.Unlock()
	}
	if tweet != "" {
		if _, err := l.ask(ctx, other, i+1, like, input(map[string]any{"tweetId": tweet})); err != nil {
			return err
		}
	}
	if _, err = l.ask(ctx, m, i, readFeed, map[string]any{"first": 20}); err != nil {
		return err
	}
	return pause(ctx, 50*time.Millisecond) // load, not overload
}

// ask does as a balancer does: a router that ends its connections is left alone
// for a while, and where nobody listens the other one is asked: such a request
// was not accepted by anybody.
func (l *clients) ask(ctx context.Context, m member, router int, query string, variables map[string]any) (answer, error) {
	var err error
	if router %= 2; time.Now().UnixMilli() < l.rests[router].Load() {
		router = 1 - router
	}
	for try := range 2 {
		var a answer
		at := (router + try) % 2
		a, err = l.w.as(m, at).do(ctx, query, variables)
		if err == nil {
			if a.leaves {
				l.rests[at].Store(time.Now().Add(time.Second).UnixMilli())
				httpClient.CloseIdleConnections()
			}
			l.answers.add(a.code(), a.took)
			if code := a.code(); code != "" && code != "OVERLOADED" {
				l.w.say("%s at %v: %s", code, a.Errors[0].Path, a.Errors[0].Message)
			}
			return a, nil
		}
		var dial *net.OpError
		if !errors.As(err, &dial) || dial.Op != "dial" || !errors.Is(err, syscall.ECONNREFUSED) {
			return answer{}, err
		}
		l.refused.Add(1)
	}
	return answer{}, err
}
