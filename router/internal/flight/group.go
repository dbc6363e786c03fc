package flight

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
)

// Group is work under way, by key. Its zero value is ready, and it is safe for
// concurrent use.
type Group[V any] struct {
	mu    sync.Mutex
	byKey map[string]*flight[V]
	wg    sync.WaitGroup
}

type flight[V any] struct {
	waiters int // guarded by Group.mu
	cancel  context.CancelFunc
	done    chan struct{}
	value   V
	err     error
}

// Do returns what the work under the key gives, which it starts unless it is
// under way. Everybody gets the same value: it must not be changed.
func (g *Group[V]) Do(ctx context.Context, key string, work func(ctx context.Context) (V, error)) (V, error) {
	g.mu.Lock()
	f := g.byKey[key]
	if f == nil {
		f = g.start(ctx, key, work)
	}
	f.waiters++
	g.mu.Unlock()
	defer g.leave(key, f)
	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	}
}

// start is called with the lock held.
func (g *Group[V]) start(ctx context.Context, key string, work func(ctx context.Context) (V, error)) *flight[V] {
	detached, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight[V]{cancel: cancel, done: make(chan struct{})}
	if g.byKey == nil {
		g.byKey = make(map[string]*flight[V])
	}
	g.byKey[key] = f
	g.wg.Go(func() {
		defer cancel()
		defer close(f.done)
		defer g.forget(key, f)
		defer func() {
			if p := recover(); p != nil {
				f.err = fmt.Errorf("flight: panic: %v\n%s", p, debug.Stack())
			}
		}()
		f.value, f.err = work(detached)
	})
	return f
}

func (g *Group[V]) forget(key string, f *flight[V]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.remove(key, f)
}

// remove is called with the lock held. Another flight may have the key by now.
func (g *Group[V]) remove(key string, f *flight[V]) {
	if g.byKey[key] == f {
		delete(g.byKey, key)
	}
}

func (g *Group[V]) leave(key string, f *flight[V]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if f.waiters--; f.waiters == 0 {
		f.cancel()
		g.remove(key, f)
	}
}

// Wait returns when no work is under way. Nothing may be started meanwhile.
func (g *Group[V]) Wait() { g.wg.Wait() }
