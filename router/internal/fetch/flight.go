package fetch

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// flights lets equal calls share one answer. A flight is detached from the
// clients that wait for it: it runs on while one of them is left, and ends
// with the last one.
type flights struct {
	mu    sync.Mutex
	byKey map[string]*flight // full text, never a hash of what clients chose
	wg    sync.WaitGroup
}

type flight struct {
	waiters int // guarded by flights.mu
	cancel  context.CancelFunc
	done    chan struct{}
	answer  *reply
	err     error
}

// flightKey is everything that may make a difference to the answer.
func flightKey(subgraph, identity string, header http.Header, body []byte) string {
	var b strings.Builder
	b.WriteString(subgraph)
	b.WriteByte(0)
	b.WriteString(identity)
	b.WriteByte(0)
	names := make([]string, 0, len(header))
	for name := range header {
		if !slices.Contains(traceHeaders, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		for _, v := range header[name] {
			b.WriteString(name)
			b.WriteByte(0)
			b.WriteString(v)
			b.WriteByte(0)
		}
	}
	b.WriteByte(0)
	b.Write(body)
	return b.String()
}

// do returns the answer of the call under the key, which it starts unless it
// is under way. The call must not panic.
func (f *flights) do(ctx context.Context, key string, call func(ctx context.Context) (*reply, error)) (*reply, error) {
	f.mu.Lock()
	fl := f.byKey[key]
	if fl == nil {
		fl = f.start(ctx, key, call)
	}
	fl.waiters++
	f.mu.Unlock()
	defer f.leave(key, fl)
	select {
	case <-fl.done:
		return fl.answer, fl.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// start is called with the lock held.
func (f *flights) start(ctx context.Context, key string, call func(ctx context.Context) (*reply, error)) *flight {
	// Values stay (the trace), the end of the first client's request does not.
	detached, cancel := context.WithCancel(context.WithoutCancel(ctx))
	fl := &flight{cancel: cancel, done: make(chan struct{})}
	if f.byKey == nil {
		f.byKey = make(map[string]*flight)
	}
	f.byKey[key] = fl
	f.wg.Go(func() {
		defer close(fl.done)
		defer f.forget(key, fl)
		fl.answer, fl.err = call(detached)
	})
	return fl
}

func (f *flights) forget(key string, fl *flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.byKey[key] == fl {
		delete(f.byKey, key)
	}
}

// leave ends the flight with its last waiter.
func (f *flights) leave(key string, fl *flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fl.waiters--
	if fl.waiters > 0 {
		return
	}
	fl.cancel()
	if f.byKey[key] == fl {
		delete(f.byKey, key)
	}
}

func (f *flights) wait() { f.wg.Wait() }
