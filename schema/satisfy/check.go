package satisfy

import (
	"context"
	"fmt"

	"github.com/starlinghq/starling/schema/supergraph"
)

// Codes of problems.
const (
	CodeUnsatisfiable     = "SATISFIABILITY_ERROR"
	CodeMismatchedRuntime = "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES"
	CodeBudget            = "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED"
	HintRuntime           = "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN"
)

// DefaultMaxSteps is the budget of one check: looks at one field in one place. A graph of 200 subgraphs takes well under a million.
const DefaultMaxSteps = 20_000_000

// MaxProblems bounds the list that Check returns: a supergraph with one missing key can have thousands of queries without an answer.
const MaxProblems = 100

// Options of a check; the zero value is right for most.
type Options struct {
	// MaxSteps is the budget, DefaultMaxSteps if zero or less.
	MaxSteps int
}

// Problem is something that is wrong with the supergraph, or a hint.
type Problem struct {
	Code string
	Hint bool
	// Coordinate is the field that cannot be reached or is shared inconsistently, as "Type.field"; empty if it is no field.
	Coordinate string
	// Query is the smallest part of a query that shows the problem, printed over several lines. Empty for CodeBudget.
	Query string
	// Reasons say why each subgraph cannot answer, in order of the subgraphs.
	Reasons []Reason
	// Message is the whole as text.
	Message string
}

// Reason is what one subgraph has to do with a problem.
type Reason struct {
	Subgraph string
	Texts    []string
}

// Check returns the problems of a supergraph, at most MaxProblems of them; none that is not a hint means that every query can be
// answered. The error is the context's.
func Check(ctx context.Context, s *supergraph.Schema, opts Options) ([]Problem, error) {
	c := &checker{
		ctx: ctx, schema: s, steps: opts.MaxSteps, locals: map[localKey]*local{}, places: map[placeKey]*place{},
		barriers: map[string]*barrier{}, demanded: map[demandKey]*demand{},
	}
	if c.steps <= 0 {
		c.steps = DefaultMaxSteps
	}
	c.names()
	c.leave()
	c.walk()
	if c.err != nil {
		return nil, fmt.Errorf("satisfy: %w", c.err)
	}
	if c.exhausted {
		c.problems = append(c.problems, budgetProblem(opts.MaxSteps))
	}
	return c.problems, nil
}

func budgetProblem(limit int) Problem {
	if limit <= 0 {
		limit = DefaultMaxSteps
	}
	return Problem{Code: CodeBudget, Message: fmt.Sprintf(
		"Gave up after %d steps without having checked that every query can be answered. "+
			"Share fewer fields between subgraphs, give entities fewer keys, or raise the limit.", limit,
	)}
}

// checker is one run of Check.
type checker struct {
	ctx    context.Context //nolint:containedctx // lives for one call of Check
	schema *supergraph.Schema

	locals map[localKey]*local
	places map[placeKey]*place
	// gone are the types that a subgraph declares and has nothing of.
	gone map[localKey]bool
	// hidden are the types outside the API schema.
	hidden map[string]bool
	// contexts are the contexts that a type sets, by type: its own and those of the interfaces and unions that it belongs to.
	contexts map[string][]string

	batch    []*closure
	barriers map[string]*barrier
	demands  []*demand
	demanded map[demandKey]*demand
	settling bool

	visited  map[*supergraph.Type][]*state
	problems []Problem

	steps     int
	exhausted bool
	err       error
}

// step counts one unit of work and says whether to go on.
func (c *checker) step() bool {
	if c.exhausted || c.err != nil {
		return false
	}
	c.steps--
	if c.steps < 0 {
		c.exhausted = true
		return false
	}
	if c.steps%1024 == 0 {
		c.err = c.ctx.Err()
	}
	return c.err == nil
}

// names notes which types are hidden and which contexts they set.
func (c *checker) names() {
	c.hidden = map[string]bool{}
	c.contexts = map[string][]string{}
	directive, linked := c.schema.DirectiveName("context", "context")
	for _, t := range c.schema.Types {
		if len(t.Joins) == 0 || c.schema.Inaccessible(t.Directives) {
			c.hidden[t.Name] = true
		}
		if !linked {
			continue
		}
		for _, d := range t.Directives.ForNames(directive) {
			if a := d.Arguments.ForName("name"); a != nil {
				for _, o := range append(c.schema.Possible(t), t) {
					c.contexts[o.Name] = append(c.contexts[o.Name], a.Value.Raw)
				}
			}
		}
	}
}
