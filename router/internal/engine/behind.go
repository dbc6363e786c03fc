package engine

import (
	"slices"
	"strings"

	gql "github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/supergraph"
)

// Behind is the key with which to go on from the objects behind an interface
// object, or from entities, and "" where there is none: one that a step can ask
// for in full, from which most subgraphs can be reached, with no objects in it
// if that can be had, and the shortest of those.
func (e *Engine) Behind(typeName string) string { return e.keys[typeName] }

// keysBehind chooses those keys.
func (e *Engine) keysBehind() map[string]string {
	out := make(map[string]string)
	for _, t := range e.schema.Types {
		if t.Kind != gql.Object && !e.weak[t.Name] {
			continue
		}
		var best *way
		followed := make(map[string]bool) // hundreds of subgraphs may have one key
		for _, j := range t.Joins {
			if j.Key == nil || followed[j.Key.String()] || !plainFields(j.Key.Selections) {
				continue
			}
			followed[j.Key.String()] = true
			if w := e.way(t, j.Key); best == nil || w.better(best) {
				best = w
			}
		}
		if best == nil || !best.leaves && ofOne(t) {
			continue // all of such an object comes from where it comes from
		}
		out[t.Name] = best.key
	}
	return out
}

// ofOne reports whether only one subgraph has a type.
func ofOne(t *supergraph.Type) bool {
	return !slices.ContainsFunc(t.Joins, func(j supergraph.TypeJoin) bool { return j.Graph != t.Joins[0].Graph })
}

// way is what a key is good for.
type way struct {
	key    string
	leads  int // subgraphs that can be reached
	leaves bool
}

func (w *way) better(than *way) bool {
	switch {
	case w.leads != than.leads:
		return w.leads > than.leads
	case w.leaves != than.leaves:
		return w.leaves
	default:
		return len(w.key) < len(than.key)
	}
}

// way follows a key: into the subgraphs that can be asked by it, and on by what
// these give.
func (e *Engine) way(t *supergraph.Type, key *supergraph.FieldSet) *way {
	reached := make(map[*supergraph.Subgraph]bool)
	known := func(sel gql.Selection) bool {
		if has(key.Selections, gql.SelectionSet{sel}) {
			return true
		}
		for g := range reached {
			conditional := false
			s := &source{schema: e.schema, graph: g}
			if s.covers(t, gql.SelectionSet{sel}, &conditional) && !conditional {
				return true
			}
		}
		return false
	}
	for progress := true; progress; {
		progress = false
		for _, j := range t.Joins {
			if j.Key == nil || j.Unresolvable || reached[j.Graph] || slices.ContainsFunc(j.Key.Selections, func(sel gql.Selection) bool { return !known(sel) }) {
				continue
			}
			reached[j.Graph], progress = true, true
		}
	}
	return &way{key: key.String(), leads: len(reached), leaves: !strings.Contains(key.String(), "{")}
}

// plainFields reports whether a selection has nothing but fields in it.
func plainFields(sels gql.SelectionSet) bool {
	for _, sel := range sels {
		if f, ok := sel.(*gql.Field); !ok || !plainFields(f.SelectionSet) {
			return false
		}
	}
	return true
}
