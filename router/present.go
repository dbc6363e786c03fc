package router

import (
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
	for _, name := range sortedKeys(e.Extensions) {
		x.Extensions = append(x.Extensions, execute.Extension{Name: name, Value: e.Extensions[name]})
	}
	return x.Append(out, traceID)
}

func sortedKeys(m map[string][]byte) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
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
	e.Extensions = slices.DeleteFunc(e.Extensions, func(m execute.Extension) bool {
		switch {
		case rules.Extensions != nil:
			return !slices.Contains(rules.Extensions, m.Name)
		case rules.Mask:
			return true
		default:
			return slices.Contains(unfit, m.Name)
		}
	})
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
