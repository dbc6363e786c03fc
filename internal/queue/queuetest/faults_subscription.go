package queuetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/starlinghq/starling/internal/queue"
)

// swap hands out the second of two before the first.
type swap struct {
	queue.Subscription
	held []queue.Delivery
}

func swapping(sub queue.Subscription) queue.Subscription { return &swap{Subscription: sub} }

func (s *swap) Next(ctx context.Context) (queue.Delivery, error) {
	if len(s.held) > 0 {
		d := s.held[0]
		s.held = s.held[1:]
		return d, nil
	}
	d, err := s.Subscription.Next(ctx)
	if err != nil {
		return d, err
	}
	soon, cancel := context.WithTimeout(ctx, silence/10)
	defer cancel()
	if second, err := s.Subscription.Next(soon); err == nil {
		s.held = append(s.held, d)
		return second, nil
	}
	return d, nil
}

type greedy struct{ queue.Queue }

func noBound(q queue.Queue) queue.Queue { return greedy{q} }

func (q greedy) Subscribe(ctx context.Context, n queue.Name, _ int) (queue.Subscription, error) {
	return q.Queue.Subscribe(ctx, n, plenty)
}

// shared lets all subscribers of a queue use one subscription.
type shared struct {
	queue.Queue
	mu   sync.Mutex
	subs map[queue.Name]queue.Subscription // guarded by mu
}

func everybodyActive(q queue.Queue) queue.Queue {
	return &shared{Queue: q, subs: map[queue.Name]queue.Subscription{}}
}

func (q *shared) Subscribe(ctx context.Context, n queue.Name, _ int) (queue.Subscription, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.subs[n] == nil {
		sub, err := q.Queue.Subscribe(ctx, n, plenty)
		if err != nil {
			return nil, err
		}
		q.subs[n] = sub
	}
	return q.subs[n], nil
}

// handed remembers what was delivered and not acknowledged.
type handed struct {
	queue.Subscription
	mu  sync.Mutex
	out []queue.Delivery // guarded by mu
}

func (s *handed) Next(ctx context.Context) (queue.Delivery, error) {
	d, err := s.Subscription.Next(ctx)
	if err == nil {
		s.mu.Lock()
		s.out = append(s.out, d)
		s.mu.Unlock()
	}
	return d, err
}

func (s *handed) AckThrough(ctx context.Context, d queue.Delivery) error {
	s.mu.Lock()
	s.out = slices.DeleteFunc(s.out, func(o queue.Delivery) bool { return o.Tag <= d.Tag })
	s.mu.Unlock()
	return s.Subscription.AckThrough(ctx, d)
}

// backOfTheQueue sends what is left over behind everything else.
type backOfTheQueue struct {
	handed
	q queue.Queue
}

func redeliversLast(q queue.Queue) queue.Queue {
	return subscriber{q, func(sub queue.Subscription) queue.Subscription {
		return &backOfTheQueue{handed: handed{Subscription: sub}, q: q}
	}}
}

func (s *backOfTheQueue) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.out {
		if s.q.Relay(context.Background(), d.Message) == nil {
			_ = s.Subscription.AckThrough(context.Background(), d)
		}
	}
	s.out = nil
	return s.Subscription.Close()
}

type swallow struct{ queue.Subscription }

func swallowing(sub queue.Subscription) queue.Subscription { return swallow{sub} }

func (s swallow) Next(ctx context.Context) (queue.Delivery, error) {
	d, err := s.Subscription.Next(ctx)
	if ctx.Err() != nil {
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), silence/10)
		defer cancel()
		_, _ = s.Subscription.Next(late)
	}
	return d, err
}

type poller struct{ queue.Subscription }

func polling(sub queue.Subscription) queue.Subscription { return poller{sub} }

func (s poller) Next(ctx context.Context) (queue.Delivery, error) {
	for {
		now, cancel := context.WithTimeout(ctx, time.Microsecond)
		d, err := s.Subscription.Next(now)
		cancel()
		if err == nil || errors.Is(err, queue.ErrClosed) {
			return d, err
		}
		select {
		case <-time.After(patience / 2):
		case <-ctx.Done():
			return d, ctx.Err()
		}
	}
}

type unclosable struct{ queue.Subscription }

func endless(sub queue.Subscription) queue.Subscription { return unclosable{sub} }

func (unclosable) Close() error { return nil }

type ackIgnorer struct{ queue.Subscription }

func acksNothing(sub queue.Subscription) queue.Subscription { return ackIgnorer{sub} }

func (ackIgnorer) AckThrough(context.Context, queue.Delivery) error { return nil }

type ackAll struct{ handed }

func acksAll(sub queue.Subscription) queue.Subscription { return &ackAll{handed{Subscription: sub}} }

func (s *ackAll) AckThrough(ctx context.Context, d queue.Delivery) error {
	s.mu.Lock()
	if n := len(s.out); n > 0 {
		d = s.out[n-1]
	}
	s.mu.Unlock()
	return s.handed.AckThrough(ctx, d)
}

// ackOnce refuses what was acknowledged before, as a broker that closes the
// channel of a client who repeats himself.
type ackOnce struct{ handed }

func acksOnce(sub queue.Subscription) queue.Subscription {
	return &ackOnce{handed{Subscription: sub}}
}

func (s *ackOnce) AckThrough(ctx context.Context, d queue.Delivery) error {
	s.mu.Lock()
	known := slices.ContainsFunc(s.out, func(o queue.Delivery) bool { return o.Tag == d.Tag })
	s.mu.Unlock()
	if !known {
		return queue.ErrClosed
	}
	return s.handed.AckThrough(ctx, d)
}

type deadAcker struct{ queue.Subscription }

func acksDead(sub queue.Subscription) queue.Subscription { return deadAcker{sub} }

func (s deadAcker) AckThrough(ctx context.Context, d queue.Delivery) error {
	if err := s.Subscription.AckThrough(ctx, d); !errors.Is(err, queue.ErrClosed) {
		return err
	}
	return nil
}

// across acknowledges by position: a late acknowledgement reaches whatever the
// next subscription was handed under the same number, as it does with a client
// library that reconnects behind its user's back.
type across struct {
	queue.Queue
	mu   sync.Mutex
	live map[queue.Name]*handed // guarded by mu
}

type acrossSub struct {
	*handed
	q     *across
	name  queue.Name
	first uint64 // tag of the first delivery; guarded by q.mu
}

func acksAcross(q queue.Queue) queue.Queue {
	return &across{Queue: q, live: map[queue.Name]*handed{}}
}

func (q *across) Subscribe(ctx context.Context, n queue.Name, prefetch int) (queue.Subscription, error) {
	sub, err := q.Queue.Subscribe(ctx, n, prefetch)
	if err != nil {
		return nil, err
	}
	s := &acrossSub{handed: &handed{Subscription: sub}, q: q, name: n}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.live[n] = s.handed
	return s, nil
}

func (s *acrossSub) Next(ctx context.Context) (queue.Delivery, error) {
	d, err := s.handed.Next(ctx)
	if err == nil {
		s.q.mu.Lock()
		defer s.q.mu.Unlock()
		if s.first == 0 {
			s.first = d.Tag
		}
	}
	return d, err
}

func (s *acrossSub) AckThrough(ctx context.Context, d queue.Delivery) error {
	s.q.mu.Lock()
	live, position := s.q.live[s.name], int(d.Tag-s.first)
	s.q.mu.Unlock()
	live.mu.Lock()
	reached := queue.Delivery{}
	if position < len(live.out) {
		reached = live.out[position]
	}
	live.mu.Unlock()
	err := s.handed.AckThrough(ctx, d)
	if err != nil && reached.Tag != 0 {
		return errors.Join(err, live.AckThrough(ctx, reached))
	}
	return err
}

type unmark struct{ queue.Subscription }

func unmarked(sub queue.Subscription) queue.Subscription { return unmark{sub} }

func (s unmark) Next(ctx context.Context) (queue.Delivery, error) {
	d, err := s.Subscription.Next(ctx)
	d.Recovered = false
	return d, err
}
