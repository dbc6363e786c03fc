package router

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/starlinghq/starling/router/internal/engine"
	"github.com/starlinghq/starling/router/internal/execute"
	"github.com/starlinghq/starling/router/internal/fetch"
	"github.com/starlinghq/starling/router/internal/operation"
)

// asking is a document with what a request decides about its plan.
type asking struct {
	document *document
	vars     *operation.Variables
	dec      decisions
}

// variant is a document under the conditions of a request: the variables of
// @skip and @include, and what its viewer may see.
type variant struct {
	document   *document
	conditions string
}

func (a *asking) variant() variant {
	return variant{a.document, a.document.op.Conditions(a.vars) + "|" + a.dec.key + "|" + strings.Join(a.dec.labels, "\x00")}
}

// variantsPerDocument is how many there may be on average.
const variantsPerDocument = 16

// formTrial is how long a lesson about forms is believed. Whether a hole in an
// answer is the plan's fault or the subgraph's cannot be told from one answer:
// what was learned from a faulty one must not slow an operation down for good.
const formTrial = 10 * time.Second

// prepared is an operation that can run.
type prepared struct {
	*operation.Prepared
	form  operation.Form
	plans []*execute.Plan
	// until ends what was learned about the operation's forms; it is zero where
	// nothing was.
	until time.Time
	// settled is set when no other form was of help.
	settled bool
}

// weight is what a variant keeps in memory: its document, and for each step
// what is to be rendered and the plan, which a few bytes of fragments can make
// large. Either of these takes about as much as what is parsed from the text.
func (p *prepared) weight(d *document) int {
	length := d.length
	for i := range p.Steps {
		length += 2 * len(p.Steps[i].Text)
	}
	return weightOf(length)
}

// prepare plans the operation in the first form in which that works, or takes
// what was prepared before: a form that was learned to be better, while that
// is believed.
func (g *graph) prepare(ctx context.Context, a *asking) (prepared, *Error) {
	if p, ok := g.variants.get(a.variant()); ok && (p.until.IsZero() || time.Now().Before(p.until)) {
		return p, nil
	}
	p, err := g.planForms(ctx, a, operation.FormPlain)
	if err != nil {
		return p, g.planFault(ctx, err)
	}
	g.keep(a, p)
	return p, nil
}

func (g *graph) keep(a *asking, p prepared) { g.variants.replace(a.variant(), p, p.weight(a.document)) }

// learn keeps a form for a while: it answered where those before it did not,
// or it is settled that none does.
func (g *graph) learn(a *asking, p prepared, settled bool) {
	p.until, p.settled = time.Now().Add(formTrial), settled
	g.keep(a, p)
}

// planForms plans the operation in the first form, from one on, in which that
// works.
func (g *graph) planForms(ctx context.Context, a *asking, form operation.Form) (prepared, error) {
	var failed []error
	for more := true; more; form, more = form.Next() {
		p := prepared{Prepared: a.document.op.Prepare(a.vars, form, a.dec.denied), form: form}
		if p.Incomplete {
			continue
		}
		err := g.planSteps(ctx, &p, a.dec.labels)
		var pe *engine.PlanError
		if err == nil || !errors.As(err, &pe) {
			return p, err
		}
		failed = append(failed, err)
	}
	if len(failed) == 0 {
		return prepared{}, &engine.PlanError{Err: errNoForm}
	}
	return prepared{}, errors.Join(failed...)
}

// errNoForm says that the forms left have too many steps to be tried.
var errNoForm = errors.New("the operation is too large to be taken apart")

// run executes a prepared operation. Where its answer has holes that no failure
// accounts for, the planner may have overlooked something: by asking a query
// nothing was changed, so its next forms are asked instead. It returns what was
// run, and its result.
func (x *exchange) run(ctx context.Context, g *graph, a *asking, p prepared, values [][]byte, session *fetch.Session) (prepared, *execute.Result) {
	res := x.execute(ctx, &p, values, session)
	if x.kind != "query" || !res.Incomplete && !res.Hasty || p.settled {
		return p, res
	}
	better, other := x.runOthers(ctx, g, a, p, session)
	switch {
	case other == nil:
		better, other = p, res
	case whole(other) || res.Forgotten && !other.Forgotten || res.Hasty && !other.Incomplete && !other.Hasty:
		res.Release()
	default:
		other.Release()
		better, other = p, res
	}
	if ctx.Err() == nil { // else nothing was found out
		g.learn(a, better, !whole(other))
	}
	return better, other
}

// runOthers executes the operation in the forms after one until an answer has
// no such hole. It returns the last result, nil where there are no more forms.
func (x *exchange) runOthers(ctx context.Context, g *graph, a *asking, p prepared, session *fetch.Session) (prepared, *execute.Result) {
	var res *execute.Result
	for res == nil || res.Incomplete || res.Hasty {
		next, values, ok := g.next(ctx, a, p.form)
		if !ok {
			break
		}
		if res != nil {
			res.Release()
		}
		p, res = next, x.execute(ctx, &next, values, session)
	}
	return p, res
}

// whole reports whether an answer has all that its viewer may see.
func whole(res *execute.Result) bool {
	return !res.Incomplete && !res.Hasty && !slices.ContainsFunc(res.Errors, func(e *execute.Error) bool { return !refusal(e) })
}

// refusal reports whether an error is the router's word on what a viewer may
// not see, which every form gives.
func refusal(e *execute.Error) bool {
	return e.Service == "" && (e.Code == CodeForbidden || e.Code == CodeUnauthenticated)
}

// next prepares the operation in the next form that can be planned.
func (g *graph) next(ctx context.Context, a *asking, after operation.Form) (p prepared, values [][]byte, ok bool) {
	form, more := after.Next()
	if !more {
		return p, nil, false
	}
	p, err := g.planForms(ctx, a, form)
	if err != nil {
		return p, nil, false
	}
	values, verr := p.Values(a.vars)
	return p, values, verr == nil
}

// tooLong says that too much is asked about the schema.
func tooLong() *execute.Error {
	return &execute.Error{Code: CodeValidation, Message: "What is asked about the schema is too large. Ask for fewer types or fields at once."}
}

// execute runs the plans of one form of an operation.
func (x *exchange) execute(ctx context.Context, p *prepared, values [][]byte, session *fetch.Session) *execute.Result {
	return execute.Run(ctx, &execute.Request{
		Plans: p.plans, Shape: p.Shape, Variables: values, Fetcher: session, Internal: x.router.internal,
		MaxAnswers: operation.MaxIntrospection, TooLong: tooLong,
	})
}
