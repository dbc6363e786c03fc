package engine

import (
	"errors"
	"slices"
	"strings"

	"github.com/wundergraph/graphql-go-tools/v2/pkg/engine/plan"

	"github.com/starlinghq/starling/router/internal/execute"
)

// The planner finds no way over a subgraph by a key of which it has one part
// already and another part only there. Where an operation goes on from
// entities, their other keys are fetched first, one after the other, and the
// operation goes on from all of them.

// planGathering plans an operation that goes on from entities after those of
// their other keys that can be had.
func (e *Engine) planGathering(cfg *plan.Configuration, op Operation) (*execute.Plan, error) {
	at := *op.At
	root := &execute.Node{}
	var text []string
	add := func(p *execute.Plan) {
		renumber(p.Root, lastID(root)+1)
		if n := p.Root; n.Fetch == nil && n.Copy == nil && !n.Parallel {
			root.Children = append(root.Children, n.Children...)
		} else {
			root.Children = append(root.Children, n)
		}
		text = append(text, p.Text)
	}
	rest := e.otherKeys(&at)
	for progress := true; progress; {
		progress = false
		for i, key := range rest {
			p, err := e.planAny(cfg, Operation{Text: "query O{" + at.Field + "{" + strings.ReplaceAll(key, "{", "{__typename ") + "}}", Labels: op.Labels, At: &at})
			if err != nil {
				continue
			}
			if p.Root != nil { // else its fields are those of other keys
				add(p)
			}
			at.gathered = append(at.gathered, key)
			rest, progress = slices.Delete(rest, i, i+1), true
			break
		}
	}
	if len(root.Children) == 0 {
		return nil, errors.New("the entities have no other key")
	}
	op.At = &at
	p, err := e.planAny(cfg, op)
	if err != nil {
		return nil, err
	}
	if p.Root != nil {
		add(p)
	}
	p.Root, p.Text, p.Answers = root, strings.Join(text, "\n"), e.answered(root)
	return p, nil
}

// otherKeys lists the keys by which some subgraph can be asked for the
// entities, except the one that is there.
func (e *Engine) otherKeys(at *At) []string {
	var out []string
	for _, j := range e.schema.Type(at.Type).Joins {
		if j.Key == nil || j.Unresolvable || !plainFields(j.Key.Selections) {
			continue
		}
		if key := j.Key.String(); key != at.Key && !slices.Contains(out, key) {
			out = append(out, key)
		}
	}
	return out
}

// renumber gives the fetches of a plan numbers from one on.
func renumber(n *execute.Node, from int) {
	if n == nil {
		return
	}
	if f := n.Fetch; f != nil {
		f.ID += from
		for i := range f.DependsOn {
			f.DependsOn[i] += from
		}
	}
	for _, c := range n.Children {
		renumber(c, from)
	}
}

// lastID is the highest number of a fetch, -1 where there is none.
func lastID(n *execute.Node) int {
	last := -1
	if n == nil {
		return last
	}
	if n.Fetch != nil {
		last = n.Fetch.ID
	}
	for _, c := range n.Children {
		last = max(last, lastID(c))
	}
	return last
}
