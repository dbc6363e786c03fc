package engine

import (
	"context"
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

// maxOtherKeys bounds how many are tried, because each that was fetched may be
// what another one takes.
const maxOtherKeys = 8

// planGathering plans an operation that goes on from entities after those of
// their other keys that can be had.
func (e *Engine) planGathering(ctx context.Context, cfg *plan.Configuration, op Operation) (*execute.Plan, error) {
	at := *op.At
	op.At = &at
	g := &gathering{root: &execute.Node{}}
	rest := e.otherKeys(&at)
	for progress := true; progress; {
		progress = false
		for i, key := range rest {
			p, err := e.planAny(ctx, cfg, Operation{Text: at.asking(key), Labels: op.Labels, At: &at})
			if err != nil {
				continue
			}
			g.add(p)
			at.gathered = append(at.gathered, key)
			rest, progress = slices.Delete(rest, i, i+1), true
			break
		}
	}
	if len(g.root.Children) == 0 {
		return nil, errors.New("the entities have no other key")
	}
	p, err := e.planAny(ctx, cfg, op)
	if err != nil {
		return nil, err
	}
	g.add(p)
	p.Root, p.Text, p.Answers = g.root, strings.Join(g.text, "\n"), e.answered(g.root)
	return p, nil
}

// asking is the operation that asks for a key.
func (at *At) asking(key string) string {
	return "query O{" + at.Field + "{" + strings.ReplaceAll(key, "{", "{__typename ") + "}}"
}

// gathering is a plan of several, one after the other.
type gathering struct {
	root *execute.Node
	text []string
}

// add appends a plan, which has no step where all that it is to get is there.
func (g *gathering) add(p *execute.Plan) {
	n := p.Root
	if n == nil {
		return
	}
	renumber(n, lastID(g.root)+1)
	if n.Fetch == nil && n.Copy == nil && !n.Parallel {
		g.root.Children = append(g.root.Children, n.Children...)
	} else {
		g.root.Children = append(g.root.Children, n)
	}
	g.text = append(g.text, p.Text)
}

// otherKeys lists the first few keys by which some subgraph can be asked for
// the entities, except the one that is there.
func (e *Engine) otherKeys(at *At) []string {
	var out []string
	for _, j := range e.schema.Type(at.Type).Joins {
		if j.Key == nil || j.Unresolvable || !plainFields(j.Key.Selections) {
			continue
		}
		if key := j.Key.String(); key != at.Key && !slices.Contains(out, key) && len(out) < maxOtherKeys {
			out = append(out, key)
		}
	}
	return out
}

// renumber gives the fetches of a plan numbers from one on. Those that were one
// fetch share what they depend on.
func renumber(n *execute.Node, from int) {
	if n == nil {
		return
	}
	if f := n.Fetch; f != nil {
		f.ID += from
		f.DependsOn = slices.Clone(f.DependsOn)
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
