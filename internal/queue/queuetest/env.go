package queuetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

const (
	patience = 20 * time.Second       // until something that must come is missing
	silence  = 100 * time.Millisecond // until something that must not come is thought absent; see Harness.Quiet
	plenty   = 1000                   // a prefetch without effect
)

// Families of the cases: one with a limit, and two without.
const (
	limited = social.FamilyTweets
	free    = social.FamilyFollowers
	keyless = social.FamilyFeed
)

// env is a running case.
type env struct {
	T
	open  func() Harness
	h     Harness
	q     queue.Queue
	count int
}

// message makes a new message with an id of its own.
func (e *env) message(f social.Family, key snowflake.ID) queue.Message {
	e.count++
	types := map[social.Family]social.EventType{
		limited: social.TypeTweetPosted, free: social.TypeFollowerSet, keyless: social.TypeFanout,
	}
	m := queue.Message{Type: types[f], Family: f, Key: key}
	m.ID = fmt.Sprintf("%06d:%s", e.count, m.Type)
	m.Body = fmt.Appendf(nil, `{"v":1,"id":"%d","type":%q,"data":{}}`, e.count, m.Type)
	return m
}

func (e *env) messages(f social.Family, key snowflake.ID, n int) []queue.Message {
	ms := make([]queue.Message, n)
	for i := range ms {
		ms[i] = e.message(f, key)
	}
	return ms
}

// key returns the nth key that lives in a shard.
func (e *env) key(shard, nth int) snowflake.ID {
	for k := snowflake.ID(1); ; k++ {
		if queue.ShardOf(k, e.h.Shards) != shard {
			continue
		}
		if nth--; nth < 0 {
			return k
		}
	}
}

func (e *env) ctx() (context.Context, context.CancelFunc) {
	return context.WithTimeout(e.Context(), patience)
}

func (e *env) publish(ms ...queue.Message) {
	e.Helper()
	ctx, cancel := e.ctx()
	defer cancel()
	if err := e.q.Publish(ctx, ms...); err != nil {
		e.Fatalf("publish: %v", err)
	}
}

func (e *env) relay(ms ...queue.Message) {
	e.Helper()
	ctx, cancel := e.ctx()
	defer cancel()
	if err := e.q.Relay(ctx, ms...); err != nil {
		e.Fatalf("relay: %v", err)
	}
}

func (e *env) subscribe(f social.Family, shard, prefetch int) queue.Subscription {
	e.Helper()
	return e.subscribeAt(e.q, queue.Name{Family: f, Shard: shard}, prefetch)
}

func (e *env) subscribeAt(q queue.Queue, name queue.Name, prefetch int) queue.Subscription {
	e.Helper()
	ctx, cancel := e.ctx()
	defer cancel()
	sub, err := q.Subscribe(ctx, name, prefetch)
	if err != nil {
		e.Fatalf("subscribe to %s: %v", name, err)
	}
	e.Cleanup(func() { _ = sub.Close() })
	return sub
}

// next waits for a delivery.
func (e *env) next(sub queue.Subscription) queue.Delivery {
	e.Helper()
	return e.nextWithin(sub, patience)
}

func (e *env) nextWithin(sub queue.Subscription, limit time.Duration) queue.Delivery {
	e.Helper()
	ctx, cancel := context.WithTimeout(e.Context(), limit)
	defer cancel()
	d, err := sub.Next(ctx)
	if err != nil {
		e.Fatalf("next: %v", err)
	}
	return d
}

// expect waits for these messages, in this order.
func (e *env) expect(sub queue.Subscription, ms ...queue.Message) []queue.Delivery {
	e.Helper()
	ds := make([]queue.Delivery, len(ms))
	for i, m := range ms {
		ds[i] = e.next(sub)
		e.same(ds[i].Message, m)
		if i > 0 && ds[i].Tag <= ds[i-1].Tag {
			e.Errorf("tag %d follows tag %d", ds[i].Tag, ds[i-1].Tag)
		}
	}
	return ds
}

// same compares what arrived with what was sent. Headers may be added on the
// way (trace context), never lost or changed.
func (e *env) same(got, want queue.Message) {
	e.Helper()
	for name, value := range want.Headers {
		if got.Headers[name] != value {
			e.Fatalf("%s: header %q arrived as %q, sent %q", want.ID, name, got.Headers[name], value)
		}
	}
	got.Headers, want.Headers = nil, nil
	if diff := cmp.Diff(want, got); diff != "" {
		e.Fatalf("wrong message (-want +got):\n%s", diff)
	}
}

// nothing fails if anything is delivered.
func (e *env) nothing(sub queue.Subscription) {
	e.Helper()
	ctx, cancel := context.WithTimeout(e.Context(), e.quiet())
	defer cancel()
	if d, err := sub.Next(ctx); err == nil {
		e.Fatalf("%s was delivered, nothing should be", d.ID)
	} else if !errors.Is(err, context.DeadlineExceeded) {
		e.Fatalf("next: %v, want the deadline", err)
	}
}

func (e *env) ack(sub queue.Subscription, d queue.Delivery) {
	e.Helper()
	ctx, cancel := e.ctx()
	defer cancel()
	if err := sub.AckThrough(ctx, d); err != nil {
		e.Fatalf("ack %s: %v", d.ID, err)
	}
}

func (e *env) close(sub queue.Subscription) {
	e.Helper()
	if err := sub.Close(); err != nil {
		e.Fatalf("close: %v", err)
	}
}

// reopen closes a subscription and opens the next one.
func (e *env) reopen(sub queue.Subscription, f social.Family, shard int) queue.Subscription {
	e.Helper()
	e.close(sub)
	return e.subscribe(f, shard, plenty)
}

func (e *env) delay(r queue.Rung) time.Duration {
	if e.h.Delay != nil {
		return e.h.Delay(r)
	}
	return r.Delay()
}

// quiet is how long silence must last to mean that nothing comes.
func (e *env) quiet() time.Duration {
	if e.h.Quiet > 0 {
		return e.h.Quiet
	}
	return silence
}

// pass lets time pass.
func (e *env) pass(d time.Duration) {
	select {
	case <-time.After(d):
	case <-e.Context().Done():
		e.Fatalf("the test ended while time was to pass")
	}
}

// eventually waits for a condition that may lag.
func (e *env) eventually(what string, ok func() bool) {
	e.Helper()
	for end := time.Now().Add(patience); !ok(); e.pass(silence / 10) {
		if time.Now().After(end) {
			e.Fatalf("%s: not so after %v", what, patience)
		}
	}
}
