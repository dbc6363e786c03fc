package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/starlinghq/starling/internal/importer"
)

// aways are the scenarios of servers that are gone for a while.
func aways() []scenario {
	return []scenario{
		{name: "redis-flushed", about: `Redis loses everything while people read: feeds are right on the next page`, run: redisFlushed},
		{name: "broker-away", about: `the broker is away: mutations answer OVERLOADED in under 2 s, reads go on, memory stays bounded`, run: brokerAway},
		{name: "cassandra-away", about: `Cassandra is away: what is cached is served, the rest has its code, nothing is parked`, run: cassandraAway},
	}
}

// redisFlushed flushes during the import, then between pages.
func redisFlushed(ctx context.Context, w *world) error {
	h := w.importing(ctx)
	for range 3 {
		if err := pause(ctx, w.between(2000, 5000)); err != nil {
			return err
		}
		if err := flush(ctx, w.servers.Endpoint(redis)); err != nil {
			return err
		}
		w.say("flushed at %s", h.at())
	}
	if err := w.exact(ctx, h); err != nil {
		return err
	}
	if err := w.flushBetweenPages(ctx, h); err != nil {
		return err
	}
	if err := flush(ctx, w.servers.Endpoint(redis)); err != nil {
		return err
	}
	h.options.Settle = time.Nanosecond // the first look counts
	entries, err := h.verify(ctx)
	if err != nil {
		return fmt.Errorf("at once after a flush: %w", err)
	}
	w.say("flushed once more: at once exact again, %d entries", entries)
	return nil
}

// flushBetweenPages reads the same feeds with and without flushes between pages.
func (w *world) flushBetweenPages(ctx context.Context, h *history) error {
	plan := importer.GeneratePlan(w.people, h.first)
	pages := 0
	for i := range 10 {
		a := plan.Accounts[w.rnd.IntN(len(plan.Accounts))]
		m, err := logIn(ctx, w.graph(i%2), a.Handle, a.Password)
		if err != nil {
			return err
		}
		want, err := w.as(m, 0).feed(ctx, 20, func() error { return nil })
		if err != nil {
			return err
		}
		got, err := w.as(m, i%2).feed(ctx, 20, func() error {
			pages++
			return flush(ctx, w.servers.Endpoint(redis))
		})
		if err != nil {
			return err
		}
		if !slices.Equal(got, want) {
			return fmt.Errorf("the feed of %s has %d entries with flushes between its pages, %d without", a.Handle, len(got), len(want))
		}
	}
	w.say("flushed between %d pages of 10 feeds: each page went on as if nothing had been", pages)
	return nil
}

const (
	outage   = 15 * time.Second
	inTime   = 2 * time.Second
	moreThan = 64 << 20 // bytes that a process may grow by in an outage
)

// tally counts answers by code.
type tally struct {
	mu      sync.Mutex
	codes   map[string]int           // guarded by mu; "" counts what went well
	slowest map[string]time.Duration // guarded by mu
}

func newTally() *tally {
	return &tally{codes: map[string]int{}, slowest: map[string]time.Duration{}}
}

func (t *tally) add(code string, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.codes[code]++
	t.slowest[code] = max(t.slowest[code], took)
}

// String lists codes with how often and how late they came at most.
func (t *tally) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := ""
	for _, c := range slices.Sorted(maps.Keys(t.codes)) {
		name := c
		if c == "" {
			name = "answered"
		}
		out += fmt.Sprintf("%d %s (slowest %s), ", t.codes[c], name, t.slowest[c].Round(time.Millisecond))
	}
	if out == "" {
		return "none"
	}
	return out[:len(out)-2]
}

// only fails where there were other codes than those, or later ones.
func (t *tally) only(within time.Duration, codes ...string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	var errs []error
	for code, n := range t.codes {
		if !slices.Contains(codes, code) {
			errs = append(errs, fmt.Errorf("%d answers with %q", n, code))
		}
		if t.slowest[code] > within {
			errs = append(errs, fmt.Errorf("an answer with %q took %s", code, t.slowest[code]))
		}
	}
	return errors.Join(errs...)
}

// circle is a crowd in which everybody follows everybody, has posted, and has
// read his feed.
func (w *world) circle(ctx context.Context, n int) ([]member, error) {
	ms, err := w.crowd(ctx, n)
	if err != nil {
		return nil, err
	}
	for _, m := range ms {
		for _, other := range ms {
			if m == other {
				continue
			}
			var p payload
			if err := w.as(m, 0).get(ctx, settled, "follow", &p, follow, input(map[string]any{"userId": other.id})); err != nil {
				return nil, err
			}
		}
		var p payload
		if err := w.as(m, 1).get(ctx, settled, "postTweet", &p, post, input(map[string]any{"text": "first of " + m.handle})); err != nil {
			return nil, err
		}
	}
	return ms, eventually(ctx, settled, func() error {
		for _, m := range ms {
			for i := range 2 {
				got, err := w.as(m, i).feed(ctx, 20, func() error { return nil })
				if err != nil || len(got) != n {
					return fmt.Errorf("the feed of %s has %d entries, want %d: %w", m.handle, len(got), n, err)
				}
			}
		}
		return nil
	})
}

// brokerAway posts and reads while the broker is away.
func brokerAway(ctx context.Context, w *world) error {
	ms, err := w.circle(ctx, 8)
	if err != nil {
		return err
	}
	h := w.importing(ctx)
	if err := pause(ctx, 3*time.Second); err != nil {
		return err
	}
	before, err := w.memory()
	if err != nil {
		return err
	}
	if err := w.servers.Kill(ctx, broker); err != nil {
		return err
	}
	w.say("killed the broker at %s", h.at())
	mutations, reads, most := newTally(), newTally(), before
	err = w.load(ctx, ms, outage, func(ctx context.Context, m member, i int) error {
		a, err := w.as(m, i%2).do(ctx, post, input(map[string]any{"text": fmt.Sprintf("lost %d", i)}))
		if err != nil {
			return err
		}
		mutations.add(a.code(), a.took)
		r, err := w.as(m, i%2).do(ctx, readFeed, map[string]any{"first": 20})
		reads.add(r.code(), r.took)
		return err
	}, func() error {
		now, err := w.memory()
		most = larger(most, now)
		return err
	})
	if err != nil {
		return err
	}
	name, grown := mostGrown(before, most)
	w.say("in %s: mutations: %s; reads: %s; %s grew most, by %d MiB to %d MiB", outage, mutations, reads, name, grown>>20, most[name]>>20)
	if err := errors.Join(mutations.only(inTime, "OVERLOADED"), reads.only(inTime, "")); err != nil {
		return err
	}
	if grown > moreThan {
		return fmt.Errorf("%s grew by %d MiB", name, grown>>20)
	}
	if err := w.back(ctx, broker, "the broker", ms); err != nil {
		return err
	}
	if err := w.exact(ctx, h); err != nil {
		return err
	}
	return w.wrote(ctx, ms, func(m member) []string { return []string{"first of " + m.handle, "second of " + m.handle} })
}

// wrote compares what everybody has posted with what was accepted.
func (w *world) wrote(ctx context.Context, ms []member, want func(member) []string) error {
	return eventually(ctx, settled, func() error {
		for _, m := range ms {
			got, err := w.as(member{}, 0).tweets(ctx, m.id)
			if err != nil {
				return err
			}
			if have := texts(got); !slices.Equal(have, want(m)) {
				return fmt.Errorf("%s has posted %q, accepted were %q", m.handle, have, want(m))
			}
		}
		return nil
	})
}

// load lets every member act again and again for a time; beside it watch is
// called now and then.
func (w *world) load(ctx context.Context, ms []member, d time.Duration, act func(ctx context.Context, m member, i int) error, watch func() error) error {
	until := time.Now().Add(d)
	var wg sync.WaitGroup
	errs := make([]error, len(ms)+1)
	for n, m := range ms {
		wg.Go(func() {
			for i := 0; time.Now().Before(until) && errs[n] == nil && ctx.Err() == nil; i++ {
				errs[n] = act(ctx, m, i)
			}
		})
	}
	for time.Now().Before(until) && errs[len(ms)] == nil && ctx.Err() == nil {
		errs[len(ms)] = errors.Join(watch(), pause(ctx, 500*time.Millisecond))
	}
	wg.Wait()
	return errors.Join(errs...)
}

// memory returns what every process holds.
func (w *world) memory() (map[string]int64, error) {
	out := map[string]int64{}
	for _, p := range w.All() {
		m, err := p.Memory()
		if err != nil {
			return nil, err
		}
		out[p.Name] = m
	}
	return out, nil
}

func larger(a, b map[string]int64) map[string]int64 {
	out := maps.Clone(a)
	for name, m := range b {
		out[name] = max(out[name], m)
	}
	return out
}

func mostGrown(before, most map[string]int64) (name string, by int64) {
	for n, m := range most {
		if d := m - before[n]; name == "" || d > by {
			name, by = n, d
		}
	}
	return name, by
}

// cassandraAway reads what is cached and what is not.
func cassandraAway(ctx context.Context, w *world) error {
	ms, err := w.circle(ctx, 8)
	if err != nil {
		return err
	}
	strangers, err := w.crowd(ctx, 4)
	if err != nil {
		return err
	}
	h := w.importing(ctx)
	if err := pause(ctx, 3*time.Second); err != nil {
		return err
	}
	if err := w.servers.Kill(ctx, cassandra); err != nil {
		return err
	}
	w.say("killed Cassandra at %s", h.at())
	cached, rest, mutations := newTally(), newTally(), newTally()
	err = w.load(ctx, ms, outage, func(ctx context.Context, m member, i int) error {
		r, err := w.as(m, i%2).do(ctx, readFeed, map[string]any{"first": 20})
		if err != nil {
			return err
		}
		cached.add(r.code(), r.took)
		s := strangers[i%len(strangers)]
		if r, err = w.as(m, i%2).do(ctx, readTweets, map[string]any{"id": s.id}); err != nil {
			return err
		}
		rest.add(r.code(), r.took)
		a, err := w.as(m, i%2).do(ctx, post, input(map[string]any{"text": fmt.Sprintf("lost %d", i), "idempotencyKey": fmt.Sprintf("away %d", i)}))
		mutations.add(a.code(), a.took)
		return err
	}, func() error { return nil })
	if err != nil {
		return err
	}
	w.say("in %s: feeds that were read before: %s; lists that were not: %s; mutations with a key: %s", outage, cached, rest, mutations)
	err = errors.Join(
		cached.only(inTime, ""),
		rest.only(5*time.Second, "OVERLOADED", "TIMEOUT", "DOWNSTREAM_SERVICE_ERROR"),
		mutations.only(5*time.Second, "OVERLOADED", "TIMEOUT"),
	)
	if err != nil {
		return err
	}
	if err := w.back(ctx, cassandra, "Cassandra", ms); err != nil {
		return err
	}
	return w.exact(ctx, h)
}

// back starts a server again and waits until everybody has posted once more.
func (w *world) back(ctx context.Context, server, name string, ms []member) error {
	if err := w.servers.Up(ctx, server); err != nil {
		return err
	}
	began := time.Now()
	for _, m := range ms {
		var p payload
		if err := w.as(m, 0).get(ctx, settled, "postTweet", &p, post, input(map[string]any{"text": "second of " + m.handle})); err != nil {
			return err
		}
	}
	w.say("%s is back; mutations are accepted again after %s", name, time.Since(began).Round(100*time.Millisecond))
	return nil
}
