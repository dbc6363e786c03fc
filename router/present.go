package router

import (
	"slices"
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

// present makes an error of a run fit for clients: what is ours is masked, and
// what a subgraph says passes as far as the configuration lets it.
func (x *exchange) present(e *execute.Error) {
	cfg := &x.router.cfg.Errors
	if e.Code == CodeInternal {
		e.Message, e.Extensions = masked, nil
		return
	}
	if e.Service != "" && (slices.Contains(cfg.Mask, "*") || slices.Contains(cfg.Mask, e.Service)) {
		e.Message, e.Extensions = "The service reported an error.", nil
		return
	}
	if cfg.Extensions != nil {
		e.Extensions = slices.DeleteFunc(e.Extensions, func(m execute.Extension) bool { return !slices.Contains(cfg.Extensions, m.Name) })
	}
}

// appendPlan adds the plan to the answer for who may and wants to see it.
func (x *exchange) appendPlan(out []byte, p *prepared) []byte {
	if !x.router.cfg.ExposePlan || x.req.Header.Get(planHeader) == "" {
		return out
	}
	out = append(out, `,"extensions":{"plan":`...)
	out = execute.AppendPlans(out, p.plans)
	return append(out, '}')
}
