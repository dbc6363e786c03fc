package workers

import (
	"context"
	"sync"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/snowflake"
)

// lanes runs the deliveries of each key one after another, those of different
// keys beside each other. How many run at once is bounded by the prefetch of
// the subscription they come from.
type lanes struct {
	run func(queue.Delivery)

	mu    sync.Mutex
	queue map[snowflake.ID][]queue.Delivery // guarded by mu; present while a lane runs
	wg    sync.WaitGroup
}

func newLanes(run func(queue.Delivery)) *lanes {
	return &lanes{run: run, queue: map[snowflake.ID][]queue.Delivery{}}
}

// add queues a delivery behind those of its key. Key 0 asks for no order.
func (l *lanes) add(d queue.Delivery) {
	if d.Key == 0 {
		l.wg.Add(1)
		go func() {
			defer l.wg.Done()
			l.run(d)
		}()
		return
	}
	l.mu.Lock()
	waiting, running := l.queue[d.Key]
	if running {
		l.queue[d.Key] = append(waiting, d)
		l.mu.Unlock()
		return
	}
	l.queue[d.Key] = nil
	l.mu.Unlock()
	l.wg.Add(1)
	go func() {
		defer l.wg.Done()
		for next, ok := d, true; ok; next, ok = l.next(d.Key) {
			l.run(next)
		}
	}()
}

// next takes the next delivery of a key, or ends its lane.
func (l *lanes) next(key snowflake.ID) (queue.Delivery, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	waiting := l.queue[key]
	if len(waiting) == 0 {
		delete(l.queue, key)
		return queue.Delivery{}, false
	}
	l.queue[key] = waiting[1:]
	return waiting[0], true
}

// wait returns when every lane has ended.
func (l *lanes) wait() { l.wg.Wait() }

// prefix acknowledges deliveries up to the first that is not finished.
type prefix struct {
	sub queue.Subscription

	mu      sync.Mutex
	open    []slot // guarded by mu; in the order of delivery
	base    uint64 // guarded by mu; how many slots were removed
	at      map[uint64]uint64
	acking  bool // guarded by mu; one acknowledgement at a time, in order
	settled queue.Delivery
	pending bool // guarded by mu; settled is not acknowledged yet
}

type slot struct {
	d        queue.Delivery
	finished bool
}

func newPrefix(sub queue.Subscription) *prefix {
	return &prefix{sub: sub, at: map[uint64]uint64{}}
}

func (p *prefix) add(d queue.Delivery) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at[d.Tag] = p.base + uint64(len(p.open))
	p.open = append(p.open, slot{d: d})
}

// done marks d finished and acknowledges the prefix if it grew. Whoever finds
// an acknowledgement under way leaves his own to it.
func (p *prefix) done(ctx context.Context, d queue.Delivery) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[p.at[d.Tag]-p.base].finished = true
	delete(p.at, d.Tag)
	for len(p.open) > 0 && p.open[0].finished {
		p.settled, p.pending = p.open[0].d, true
		p.open = p.open[1:]
		p.base++
	}
	if p.acking {
		return nil
	}
	for p.pending {
		upTo := p.settled
		p.pending, p.acking = false, true
		p.mu.Unlock()
		// What was applied is acknowledged even while the loop drains.
		err := p.sub.AckThrough(context.WithoutCancel(ctx), upTo)
		p.mu.Lock()
		p.acking = false
		if err != nil {
			return err
		}
	}
	return nil
}
