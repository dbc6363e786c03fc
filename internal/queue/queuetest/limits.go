package queuetest

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/starlinghq/starling/internal/queue"
)

func limitCases() []Case {
	return []Case{
		{Name: "FullQueueRefuses", Needs: "Limit", run: fullQueue},
		{Name: "FullQueueUnderConcurrency", Needs: "Limit", run: fullQueueConcurrent},
		{Name: "FullDiskRefusesAndPauses", Needs: "Full", run: fullDisk},
		{Name: "UnknownFamilyIsRefused", run: unknownFamily},
	}
}

// overloaded checks a refusal that must be sure.
func (e *env) overloaded(what string, err error) {
	e.Helper()
	if !errors.Is(err, queue.ErrOverloaded) || queue.MaybePublished(err) {
		e.Errorf("%s: %v, want ErrOverloaded", what, err)
	}
}

func fullQueue(e *env) {
	key := e.key(0, 0)
	var taken []queue.Message
	var refused error
	for range e.h.Limit + 50 {
		m := e.message(limited, key)
		if refused = e.q.Publish(e.Context(), m); refused != nil {
			break
		}
		taken = append(taken, m)
	}
	e.overloaded("publish over the limit", refused)
	if n := int64(len(taken)); n < e.h.Limit/2 || n > 2*e.h.Limit {
		e.Errorf("%d messages were taken, the limit is %d", n, e.h.Limit)
	}
	e.overloaded("admit over the limit", e.q.Admit(e.Context(), limited))
	// Who relays is never refused, or owners would wait for each other; and
	// other families have nothing to do with it.
	relayed := e.message(limited, key)
	e.relay(relayed)
	taken = append(taken, relayed)
	if err := e.q.Admit(e.Context(), free); err != nil {
		e.Errorf("admit of another family: %v", err)
	}
	e.publish(e.message(free, key))

	sub := e.subscribe(limited, 0, plenty)
	ds := e.expect(sub, taken...)
	e.nothing(sub) // what was refused was not taken
	e.ack(sub, ds[len(ds)-1])
	e.eventually("admitted again", func() bool { return e.q.Admit(e.Context(), limited) == nil })
	m := e.message(limited, key)
	e.publish(m)
	e.expect(sub, m)
}

func fullQueueConcurrent(e *env) {
	var taken, refused atomic.Int64
	const writers = 8
	plans := make([][]queue.Message, writers)
	for i := range plans {
		plans[i] = e.messages(limited, e.key(0, i), int(e.h.Limit))
	}
	var wg sync.WaitGroup
	for _, ms := range plans {
		wg.Go(func() {
			for _, m := range ms {
				switch err := e.q.Publish(e.Context(), m); {
				case err == nil:
					taken.Add(1)
				case errors.Is(err, queue.ErrOverloaded):
					refused.Add(1)
				default:
					e.Errorf("publish: %v", err)
				}
			}
		})
	}
	wg.Wait()
	if taken.Load() > 2*e.h.Limit || refused.Load() == 0 {
		e.Errorf("%d taken and %d refused with a limit of %d", taken.Load(), refused.Load(), e.h.Limit)
	}
	sub := e.subscribe(limited, 0, plenty)
	for range taken.Load() {
		e.next(sub)
	}
	e.nothing(sub)
}

func fullDisk(e *env) {
	ms := e.messages(free, e.key(0, 0), 3)
	e.publish(ms[:2]...)
	sub := e.subscribe(free, 0, plenty)
	d := e.expect(sub, ms[0])[0]
	e.h.Full(true)
	e.overloaded("admit on a full disk", e.q.Admit(e.Context(), limited))
	e.overloaded("publish on a full disk", e.q.Publish(e.Context(), e.message(free, e.key(0, 0))))
	e.nothing(sub) // owners pause
	// What is under way may be finished.
	e.relay(ms[2])
	e.ack(sub, d)
	e.h.Full(false)
	e.expect(sub, ms[1:]...)
	e.nothing(sub)
	m := e.message(free, e.key(0, 0))
	e.publish(m)
	e.expect(sub, m)
}

func unknownFamily(e *env) {
	m := e.message(free, e.key(0, 0))
	m.Family = "nobody"
	if err := e.q.Publish(e.Context(), m); err == nil {
		e.Errorf("a message of an unknown family was taken")
	}
	if _, err := e.q.Subscribe(e.Context(), queue.Name{Family: "nobody"}, 1); err == nil {
		e.Errorf("an unknown family was subscribed to")
	}
	if _, err := e.q.Subscribe(e.Context(), queue.Name{Family: free, Shard: e.h.Shards}, 1); err == nil {
		e.Errorf("a shard beyond the last was subscribed to")
	}
}
