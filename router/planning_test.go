package router

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
)

// TestPlanningPanics: a planner that panics is a fault of ours, for the log.
func TestPlanningPanics(t *testing.T) {
	err := errors.New("flight: panic: no such type")
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
