package router

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/starlinghq/starling/router/internal/execute"
)

// planning lets equal operations be planned once. A planning belongs to none
// of those who wait for it, and leaves the queue with the last of them; one
// that runs cannot be stopped, and its plan is kept.
type planning struct {
	mu    sync.Mutex
	byKey map[string]*planningFlight
	wg    sync.WaitGroup
}

type planningFlight struct {
	waiters int // guarded by planning.mu
	cancel  context.CancelFunc
	done    chan struct{}
	plan    *execute.Plan
	err     error
}

func (s *planning) do(ctx context.Context, key string, plan func(ctx context.Context) (*execute.Plan, error)) (*execute.Plan, error) {
	s.mu.Lock()
	f := s.byKey[key]
	if f == nil {
		f = s.start(ctx, key, plan)
	}
	f.waiters++
	s.mu.Unlock()
	defer s.leave(key, f)
	select {
	case <-f.done:
		return f.plan, f.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// start is called with the lock held.
func (s *planning) start(ctx context.Context, key string, plan func(ctx context.Context) (*execute.Plan, error)) *planningFlight {
	detached, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &planningFlight{cancel: cancel, done: make(chan struct{})}
	if s.byKey == nil {
		s.byKey = make(map[string]*planningFlight)
	}
	s.byKey[key] = f
	s.wg.Go(func() {
		defer cancel()
		defer close(f.done)
		defer s.forget(key, f)
		defer func() {
			if p := recover(); p != nil {
				f.err = fmt.Errorf("router: plan: panic: %v\n%s", p, debug.Stack())
			}
		}()
		f.plan, f.err = plan(detached)
	})
	return f
}

func (s *planning) forget(key string, f *planningFlight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byKey[key] == f {
		delete(s.byKey, key)
	}
}

func (s *planning) leave(key string, f *planningFlight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.waiters--
	if f.waiters > 0 {
		return
	}
	f.cancel()
	if s.byKey[key] == f {
		delete(s.byKey, key)
	}
}

// wait returns when no planning is under way.
func (s *planning) wait() { s.wg.Wait() }
