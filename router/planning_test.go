package router

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/starlinghq/starling/router/internal/execute"
)

// TestPlanningIsShared: equal operations are planned once, whoever of those
// that wait for it leaves; the last one takes it out of the queue.
func TestPlanningIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s planning
		gate, ended := make(chan struct{}), make(chan struct{})
		started := 0
		want := &execute.Plan{}
		plan := func(ctx context.Context) (*execute.Plan, error) {
			started++
			select {
			case <-gate:
				return want, nil
			case <-ctx.Done():
				close(ended)
				return nil, ctx.Err()
			}
		}
		first, leave := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := s.do(first, "k", plan); err == nil {
				t.Error("who left got a plan")
			}
		})
		synctest.Wait()
		for range 3 {
			wg.Go(func() {
				if got, err := s.do(t.Context(), "k", plan); got != want || err != nil {
					t.Errorf("who stayed got %v, %v", got, err)
				}
			})
		}
		synctest.Wait()
		leave()
		synctest.Wait()
		close(gate)
		wg.Wait()
		if started != 1 {
			t.Errorf("planned %d times", started)
		}
		gate = make(chan struct{})
		alone, leave := context.WithCancel(t.Context())
		wg.Go(func() { _, _ = s.do(alone, "k", plan) })
		synctest.Wait()
		leave()
		<-ended
		wg.Wait()
		s.wait()
		if len(s.byKey) != 0 {
			t.Errorf("%d plannings are left", len(s.byKey))
		}
	})
}

// TestPlanningPanics: a planner that panics costs those who wait for its plan,
// and nobody else.
func TestPlanningPanics(t *testing.T) {
	var s planning
	p, err := s.do(t.Context(), "k", func(context.Context) (*execute.Plan, error) { panic("no such type") })
	if p != nil || err == nil || !strings.Contains(err.Error(), "no such type") {
		t.Errorf("got %v, %v", p, err)
	}
	s.wait()
	if len(s.byKey) != 0 {
		t.Errorf("%d plannings are left", len(s.byKey))
	}
	var logged strings.Builder
	g := &graph{cfg: &Config{Logger: slog.New(slog.NewTextHandler(&logged, nil))}}
	if e := g.planFault(t.Context(), err); e.Code != CodeInternal || e.Message != masked {
		t.Errorf("clients read %v", e)
	}
	if !strings.Contains(logged.String(), "no such type") {
		t.Errorf("logged %q", logged.String())
	}
	if e := g.planFault(t.Context(), fmt.Errorf("wait: %w", context.DeadlineExceeded)); e.Code != CodeTimeout {
		t.Errorf("clients read %v", e)
	}
}

// TestPlanStability: one query planned many times gives one answer.
func TestPlanStability(t *testing.T) {
	var answers []string
	for range 15 {
		answers = append(answers, post(t, social(t, homeFakes(t)), homeQuery, `{"n":20}`).Body)
	}
	slices.Sort(answers)
	if len(slices.Compact(answers)) != 1 {
		t.Errorf("answers differ: %v", answers)
	}
}
