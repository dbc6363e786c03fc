package queuetest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

func deliveryCases() []Case {
	return []Case{
		{Name: "DeliversWhatWasPublished", run: deliversWhole},
		{Name: "OneCallKeepsItsOrder", run: oneCall},
		{Name: "OrderOfConfirms", run: orderOfConfirms},
		{Name: "OrderPerKeyUnderConcurrency", run: orderPerKey},
		{Name: "KeysGoToTheirShard", run: sharding},
		{Name: "RelayIsDelivered", run: relayDelivers},
		{Name: "NextWakes", run: nextWakes},
		{Name: "NextHonoursItsContext", run: nextContext},
		{Name: "PublishHonoursItsContext", run: publishContext},
		{Name: "PrefetchIsABound", run: prefetch},
		{Name: "ClosedSubscriptionIsDead", run: closedIsDead},
		{Name: "OneActiveConsumer", run: oneActive},
		{Name: "TakeOver", run: takeOver},
		{Name: "DepthIsTold", run: depth},
	}
}

func deliversWhole(e *env) {
	plain := e.message(limited, e.key(0, 0))
	traced := e.message(limited, e.key(0, 0))
	traced.Headers = map[string]string{
		"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "tracestate": "starling=1,b=zß",
	}
	large := e.message(limited, e.key(0, 1))
	large.Body = slices.Concat([]byte(`{"v":1,"data":"`), bytes.Repeat([]byte("x"), 200<<10), []byte(`"}`))
	sub := e.subscribe(limited, 0, plenty)
	for _, m := range []queue.Message{plain, traced, large} {
		e.publish(m)
		d := e.expect(sub, m)[0]
		if d.Attempts != 0 || d.Recovered || d.Redelivered {
			e.Errorf("a new message arrived with attempts %d, recovered %t, redelivered %t", d.Attempts, d.Recovered, d.Redelivered)
		}
	}
}

func oneCall(e *env) {
	a, b := e.messages(limited, e.key(0, 0), 20), e.messages(free, e.key(0, 1), 20)
	var mixed []queue.Message
	for i := range a {
		mixed = append(mixed, a[i], b[i])
	}
	e.publish(mixed...)
	e.publish()
	e.expect(e.subscribe(limited, 0, plenty), a...)
	e.expect(e.subscribe(free, 0, plenty), b...)
}

func orderOfConfirms(e *env) {
	sub := e.subscribe(free, 0, plenty)
	var sent []queue.Message
	for i := range 60 {
		m := e.message(free, e.key(0, i%7))
		if i%3 == 0 {
			e.relay(m)
		} else {
			e.publish(m)
		}
		sent = append(sent, m)
	}
	e.expect(sub, sent...)
}

func orderPerKey(e *env) {
	const writers, each = 16, 25
	sub := e.subscribe(free, 0, plenty)
	plans := make([][]queue.Message, writers)
	for i := range plans {
		plans[i] = e.messages(free, e.key(0, i), each)
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	for _, ms := range plans {
		wg.Go(func() {
			for _, m := range ms {
				if err := e.q.Publish(e.Context(), m); err != nil {
					e.Errorf("publish: %v", err)
				}
			}
		})
	}
	seen := map[snowflake.ID]int{}
	for range writers * each {
		d := e.next(sub)
		plan := plans[slices.IndexFunc(plans, func(ms []queue.Message) bool { return ms[0].Key == d.Key })]
		if want := plan[seen[d.Key]].ID; d.ID != want {
			e.Fatalf("key %d: %s arrived, %s is the next", d.Key, d.ID, want)
		}
		seen[d.Key]++
		e.ack(sub, d)
	}
	e.nothing(sub)
}

func sharding(e *env) {
	var subs []queue.Subscription
	for shard := range e.h.Shards {
		subs = append(subs, e.subscribe(free, shard, plenty))
	}
	for shard, sub := range subs {
		m := e.message(free, e.key(shard, 3))
		e.publish(m)
		e.ack(sub, e.expect(sub, m)[0])
	}
	var spread []queue.Subscription
	for shard := range e.h.Shards {
		spread = append(spread, e.subscribe(keyless, shard, plenty))
	}
	for range 3 * e.h.Shards {
		m := e.message(keyless, 0)
		e.publish(m)
		e.expect(spread[queue.QueueOf(m, e.h.Shards).Shard], m)
	}
}

func relayDelivers(e *env) {
	sub := e.subscribe(free, 0, plenty)
	ms := e.messages(free, e.key(0, 0), 5)
	e.relay(ms[:3]...)
	e.relay(ms[3:]...)
	e.expect(sub, ms...)
	e.nothing(sub)
}

// nextWakes publishes while somebody waits: he must hear of it soon, and of
// everything.
func nextWakes(e *env) {
	sub := e.subscribe(free, 0, plenty)
	for range 20 {
		got := make(chan error, 1)
		var d queue.Delivery
		go func() {
			ctx, cancel := e.ctx()
			defer cancel()
			var err error
			d, err = sub.Next(ctx)
			got <- err
		}()
		e.pass(time.Millisecond)
		m := e.message(free, e.key(0, 0))
		e.publish(m)
		begin := time.Now()
		if err := <-got; err != nil {
			e.Fatalf("next: %v", err)
		}
		if waited := time.Since(begin); waited > patience/4 {
			e.Errorf("woken after %v", waited)
		}
		e.same(d.Message, m)
		e.ack(sub, d)
	}
}

func nextContext(e *env) {
	sub := e.subscribe(free, 0, plenty)
	for range 5 {
		e.nothing(sub)
	}
	ctx, cancel := context.WithCancel(e.Context())
	cancel()
	m := e.message(free, e.key(0, 0))
	e.publish(m)
	if d, err := sub.Next(ctx); err == nil {
		e.same(d.Message, m) // it was there already, which is no fault
		return
	} else if !errors.Is(err, context.Canceled) {
		e.Errorf("next with a cancelled context: %v", err)
	}
	e.expect(sub, m) // the wait that was given up took nothing along
}

func publishContext(e *env) {
	ctx, cancel := context.WithCancel(e.Context())
	cancel()
	done := make(chan error, 1)
	m := e.message(free, e.key(0, 0))
	go func() { done <- e.q.Publish(ctx, m) }()
	select {
	case err := <-done:
		if err == nil || errors.Is(err, queue.ErrOverloaded) {
			e.Errorf("publish with a cancelled context: %v", err)
		}
	case <-time.After(patience):
		e.Fatalf("publish ignores its context")
	}
}

func prefetch(e *env) {
	const bound = 3
	ms := e.messages(free, e.key(0, 0), 8)
	e.publish(ms...)
	sub := e.subscribe(free, 0, bound)
	ds := e.expect(sub, ms[:bound]...)
	e.nothing(sub)
	e.ack(sub, ds[0])
	more := e.expect(sub, ms[bound])
	e.nothing(sub)
	e.ack(sub, more[0])
	e.expect(sub, ms[bound+1:bound+4]...)
	e.nothing(sub)
}

func closedIsDead(e *env) {
	sub := e.subscribe(free, 0, plenty)
	waiting := make(chan error, 1)
	go func() {
		_, err := sub.Next(e.Context())
		waiting <- err
	}()
	e.pass(silence / 10)
	e.close(sub)
	select {
	case err := <-waiting:
		if !errors.Is(err, queue.ErrClosed) {
			e.Errorf("a waiting Next ended with %v, want ErrClosed", err)
		}
	case <-time.After(patience):
		e.Fatalf("Close does not wake Next")
	}
	e.publish(e.message(free, e.key(0, 0)))
	if _, err := sub.Next(e.Context()); !errors.Is(err, queue.ErrClosed) {
		e.Errorf("Next after Close: %v, want ErrClosed", err)
	}
	e.close(sub)
}

func oneActive(e *env) {
	name := queue.Name{Family: free}
	ms := e.messages(free, e.key(0, 0), 4)
	first := e.subscribe(free, 0, 2)
	second := e.subscribeAt(e.peer(), name, plenty)
	e.publish(ms...)
	e.expect(first, ms[:2]...) // the first is full now, which is no reason to go elsewhere
	e.nothing(second)
	// The stand-by may leave without disturbing anybody.
	e.close(second)
	e.nothing(first)
}

func (e *env) peer() queue.Queue {
	if e.h.Peer != nil {
		return e.h.Peer
	}
	return e.q
}

func takeOver(e *env) {
	name := queue.Name{Family: free}
	ms := e.messages(free, e.key(0, 0), 6)
	first := e.subscribe(free, 0, plenty)
	second := e.subscribeAt(e.peer(), name, plenty)
	third := e.subscribe(free, 0, plenty)
	e.publish(ms...)
	ds := e.expect(first, ms...)
	e.ack(first, ds[1])
	got := make(chan queue.Delivery, 1)
	go func() { // waits since before it is active
		ctx, cancel := e.ctx()
		defer cancel()
		if d, err := second.Next(ctx); err == nil {
			got <- d
		}
		close(got)
	}()
	e.pass(e.quiet())
	e.close(first)
	d, ok := <-got
	if !ok {
		e.Fatalf("the stand-by did not take over")
	}
	e.same(d.Message, ms[2])
	ds = e.expect(second, ms[3:]...)
	e.nothing(third)
	e.ack(second, ds[1]) // ms[4]
	e.close(second)
	e.expect(third, ms[5])
}

func depth(e *env) {
	e.publish(e.messages(free, e.key(0, 0), 3)...)
	e.relay(e.message(free, e.key(1, 0)))
	sub := e.subscribe(free, 0, plenty)
	d := e.next(sub)
	e.eventually("3 and 1 are ready, 1 of them handed out", func() bool { return e.depths(free, 0).Ready == 3 && e.depths(free, 1).Ready == 1 })
	if err := e.q.Retry(e.Context(), d, queue.Rung60s, 1); err != nil {
		e.Fatalf("retry: %v", err)
	}
	e.ack(sub, d)
	e.eventually("2 are ready", func() bool { return e.depths(free, 0).Ready == 2 })
	e.eventually("1 rests", func() bool { return e.resting() == 1 })
}

func (e *env) depths(f social.Family, shard int) queue.Depth {
	e.Helper()
	for _, d := range e.allDepths() {
		if d.Name == (queue.Name{Family: f, Shard: shard}) {
			return d
		}
	}
	e.Fatalf("no depth is told for %s.%02d", f, shard)
	return queue.Depth{}
}

func (e *env) allDepths() []queue.Depth {
	e.Helper()
	ctx, cancel := e.ctx()
	defer cancel()
	all, err := e.q.Depths(ctx)
	if err != nil {
		e.Fatalf("depths: %v", err)
	}
	return all
}

// resting sums over all queues: a broker's retry queues are common to them.
func (e *env) resting() (n int64) {
	for _, d := range e.allDepths() {
		n += d.Resting
	}
	return n
}
