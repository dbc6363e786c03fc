package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/wundergraph/graphql-go-tools/v2/pkg/ast"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/astnormalization"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/astparser"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/engine/plan"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/engine/postprocess"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/operationreport"

	"github.com/starlinghq/starling/router/internal/execute"
)

// Operation is what to plan: one operation in canonical text, valid against the
// client's schema, with every argument a variable.
type Operation struct {
	Text string
	// Slots number the operation's variables.
	Slots map[string]int
	// Names maps data keys to response names where they differ.
	Names map[string]string
	// Labels are the active override labels.
	Labels []string
	// At, when not nil, is where the operation goes on.
	At *At
}

// PlanError is an operation that the planner cannot plan.
type PlanError struct{ Err error }

func (e *PlanError) Error() string {
	return "engine: this operation cannot be planned: " + e.Err.Error()
}

// Unwrap returns the planner's own words.
func (e *PlanError) Unwrap() error { return e.Err }

// Plan plans the operation. It returns [ErrOverloaded] when too many wait, the
// context's error when it ended before a way was found, and a *PlanError when the
// planner gave up.
func (e *Engine) Plan(ctx context.Context, op Operation) (*execute.Plan, error) {
	select {
	case e.waiting <- struct{}{}:
	default:
		return nil, ErrOverloaded
	}
	defer func() { <-e.waiting }()
	select {
	case e.running <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("engine: wait to plan: %w", context.Cause(ctx))
	}
	defer func() { <-e.running }()
	cfg, err := e.configuration(op.Labels)
	if err != nil {
		return nil, err
	}
	p, err := e.planAny(ctx, cfg, op)
	if err != nil && op.At != nil {
		if gathered, failed := e.planGathering(ctx, cfg, op); failed == nil {
			return gathered, nil
		}
	}
	switch {
	case err == nil:
		return p, nil
	case ctx.Err() != nil: // not all ways were tried
		return nil, fmt.Errorf("engine: plan: %w", context.Cause(ctx))
	default:
		return nil, &PlanError{Err: err}
	}
}

// planAny plans an operation as it is, or in the first rewriting in which that
// works. A planning cannot be stopped, but nothing is tried any more when the
// context has ended.
func (e *Engine) planAny(ctx context.Context, cfg *plan.Configuration, op Operation) (*execute.Plan, error) {
	definition := e.definition
	if op.At != nil {
		var err error
		if cfg, definition, err = e.from(cfg, op.At); err != nil {
			return nil, err
		}
	}
	p, first := e.plan(cfg, definition, op)
	if first == nil {
		return p, nil
	}
	for _, text := range e.rewritings(op) {
		if ctx.Err() != nil {
			break
		}
		op.Text = text
		if p, err := e.plan(cfg, definition, op); err == nil {
			return p, nil
		}
	}
	return nil, first
}

// rewritings are texts that mean the same to a client as an operation's, and
// that the planner may know a way through when it knows none through that.
func (e *Engine) rewritings(op Operation) []string {
	var out []string
	if filled, ok := e.filled(op); ok {
		out = append(out, filled)
	}
	apart, ok := e.apart(op)
	if !ok {
		return out
	}
	out = append(out, apart)
	op.Text = apart
	if filled, ok := e.filled(op); ok {
		out = append(out, filled)
	}
	return out
}

// plan runs the planner, which is not safe for concurrent use and is therefore
// made anew.
func (e *Engine) plan(cfg *plan.Configuration, definition *ast.Document, op Operation) (out *execute.Plan, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	text, err := e.withoutEmpty(op)
	if err != nil {
		return nil, err
	}
	doc, report := astparser.ParseGraphqlDocumentString(text)
	if report.HasErrors() {
		return nil, report
	}
	name := doc.OperationDefinitionNameString(0)
	normalizer := astnormalization.NewWithOpts(
		astnormalization.WithInlineFragmentSpreads(),
		astnormalization.WithRemoveFragmentDefinitions(),
	)
	normalizer.NormalizeNamedOperation(&doc, definition, []byte(name), &report)
	if report.HasErrors() {
		return nil, report
	}
	planner, err := plan.NewPlanner(*cfg)
	if err != nil {
		return nil, err
	}
	var planReport operationreport.Report
	raw := planner.Plan(&doc, definition, name, &planReport, plan.IncludeQueryPlanInResponse())
	if planReport.HasErrors() {
		return nil, planReport
	}
	sync, ok := raw.(*plan.SynchronousResponsePlan)
	if !ok {
		return nil, errors.New("not a query or mutation")
	}
	if err := checkCycles(sync); err != nil {
		return nil, err
	}
	postprocess.NewProcessor(postprocess.EnableMultiFetch()).Process(sync)
	c := converter{engine: e, op: op}
	return c.plan(sync.Response)
}
