package router

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/starlinghq/starling/router/internal/execute"
)

// planHeader asks for the plan, where Config.ExposePlan allows it.
const planHeader = "Starling-Plan"

// sentence makes a reason start with a capital and end with a full stop.
func sentence(s string) string {
	if s == "" {
		return s
	}
	s = strings.ToUpper(s[:1]) + s[1:]
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}

// append writes the error as JSON.
func (e *Error) append(out []byte, traceID string) []byte {
	x := execute.Error{Message: e.Message, Code: e.Code, RetryAfter: e.RetryAfter, Line: e.Line, Column: e.Column}
	for _, name := range slices.Sorted(maps.Keys(e.Extensions)) {
		x.Extensions = append(x.Extensions, execute.Extension{Name: name, Value: e.Extensions[name]})
	}
	return x.Append(out, traceID)
}

// unfit are extensions that servers add for their developers: where they are
// not asked for by name, they do not pass.
var unfit = []string{"exception", "stacktrace", "debugMessage"}

// present makes an error of a run fit for clients: what is ours is masked, and
// what a subgraph says passes as far as its rules let it.
func (x *exchange) present(e *execute.Error) {
	if e.Code == CodeInternal {
		e.Message, e.Extensions = masked, nil
		return
	}
	if e.Service == "" {
		return
	}
	rules := &x.router.cfg.Errors
	if own := x.router.cfg.Subgraphs[e.Service].Errors; own != nil {
		rules = own
	}
	if rules.Mask {
		e.Message = "The service reported an error."
	}
	// Errors at several positions share what the subgraph said once.
	var passed []execute.Extension
	for _, m := range e.Extensions {
		if rules.passes(m.Name) {
			passed = append(passed, m)
		}
	}
	e.Extensions = passed
}

// passes tells whether clients see an extension of that name.
func (r *ErrorRules) passes(name string) bool {
	switch {
	case r.Extensions != nil:
		return slices.Contains(r.Extensions, name)
	case r.Mask:
		return false
	default:
		return !slices.Contains(unfit, name)
	}
}

// appendPlan adds the plan to the answer for who may and wants to see it.
func (x *exchange) appendPlan(out []byte, p *prepared) []byte {
	if wanted, err := strconv.ParseBool(x.req.Header.Get(planHeader)); !x.router.cfg.ExposePlan || err != nil || !wanted {
		return out
	}
	out = append(out, `,"extensions":{"plan":`...)
	out = execute.AppendPlans(out, p.plans)
	return append(out, '}')
}
