package satisfy

import (
	"maps"
	"slices"
	"strings"
)

// env is what a path has settled: the state of the override labels it met, and the contexts that types above have set.
type env struct {
	labels   map[string]bool
	contexts []string
}

// on says whether a field is in its subgraph as far as its label goes. In a condition, where no label is settled, a field under a
// label counts as absent: keys and requirements must hold in both states.
func (e *env) on(f *localField) bool {
	if f.label == "" {
		return true
	}
	if e == nil {
		return false
	}
	state, settled := e.labels[f.label]
	return settled && state == f.taken
}

func (e *env) has(contexts []string) bool {
	for _, c := range contexts {
		if e == nil || !slices.Contains(e.contexts, c) {
			return false
		}
	}
	return true
}

// settle returns the environments that settle more labels in every way.
func (e *env) settle(labels []string) []*env {
	out := []*env{e}
	for _, l := range labels {
		if _, settled := e.labels[l]; settled {
			continue
		}
		next := make([]*env, 0, 2*len(out))
		for _, o := range out {
			for _, state := range []bool{true, false} {
				n := &env{labels: maps.Clone(o.labels), contexts: o.contexts}
				if n.labels == nil {
					n.labels = map[string]bool{}
				}
				n.labels[l] = state
				next = append(next, n)
			}
		}
		out = next
	}
	return out
}

// below returns the environment under a type that sets contexts.
func (e *env) below(contexts []string) *env {
	added := slices.DeleteFunc(slices.Clone(contexts), func(c string) bool { return slices.Contains(e.contexts, c) })
	if len(added) == 0 {
		return e
	}
	n := &env{labels: e.labels, contexts: append(slices.Clone(e.contexts), added...)}
	slices.Sort(n.contexts)
	return n
}

// covers says whether whatever can be answered in e can be answered in o too.
func (e *env) covers(o *env) bool {
	if !maps.Equal(e.labels, o.labels) {
		return false
	}
	for _, c := range e.contexts {
		if !slices.Contains(o.contexts, c) {
			return false
		}
	}
	return true
}

// String tells the settled labels, for people.
func (e *env) String() string {
	var parts []string
	for _, l := range slices.Sorted(maps.Keys(e.labels)) {
		state := "off"
		if e.labels[l] {
			state = "on"
		}
		parts = append(parts, "label "+l+" "+state)
	}
	return strings.Join(parts, ", ")
}
