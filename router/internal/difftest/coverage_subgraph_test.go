package difftest

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/supergraph"
)

// joined notes an entity that the subgraph was asked for by a key.
func (s *simulated) joined(t *supergraph.Type, o *object, j *supergraph.TypeJoin, values string) {
	keys := make(map[string]bool)
	for _, other := range t.Joins {
		if other.Key != nil {
			keys[other.Key.String()] = true
		}
	}
	sels := j.Key.Selections
	see := func(condition bool, row string) {
		if condition {
			s.trace.see(row)
		}
	}
	see(len(keys) > 1, "key: one of several")
	see(len(sels) > 1, "key: composite")
	see(slices.ContainsFunc(sels, func(sel ast.Selection) bool { return len(sel.(*ast.Field).SelectionSet) > 0 }), "key: nested")
	see(strings.Contains(values, "null"), "key: null")
	see(s.federation1, "key: federation 1")
	see(t.InterfaceObjectIn(s.graph), "interface object")
	names := make(map[string]bool)
	fieldNames(names, sels)
	for n := range names {
		f := o.typ.Field(n)
		see(f != nil && s.world.schema.Inaccessible(f.Directives), "inaccessible: key")
	}
	s.trace.join(joined{subgraph: s.graph.Name, obj: *o, key: j.Key.String(), as: t.Name})
	s.trace.over(s.world.schema, *o, s.graph, t, j.Key.String())
}

// over looks for an entity that could only be reached over another subgraph.
func (t *trace) over(schema *supergraph.Schema, o object, g *supergraph.Subgraph, as *supergraph.Type, key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, before := range t.joins {
		if before.obj != o || before.subgraph == g.Name {
			continue
		}
		if before.key != key && before.as == as.Name {
			t.seen["key: over another subgraph"] = true
		}
		// Some subgraph gave the object under its interface's name, another one
		// told the type, and this one does not know the interface.
		iface := schema.Type(before.as)
		if iface.Kind == ast.Interface && !iface.In(g) && as.Name == o.typ.Name {
			t.seen["interface object: indirect"] = true
		}
	}
}

// gave looks at a field that the subgraph was asked for.
func (s *simulated) gave(t *supergraph.Type, f *supergraph.Field, j *supergraph.Join, at place) {
	if s.external[t.Name+"."+f.Name] && s.extendedKey(t, f.Name) && !s.federation1 {
		s.trace.see("key: external on an extension")
	}
	if slices.ContainsFunc(t.JoinsIn(s.graph), func(tj supergraph.TypeJoin) bool {
		return tj.Key != nil && tj.Unresolvable && mentions(tj.Key.Selections, f.Name)
	}) {
		s.trace.see("key: not resolvable")
	}
	if j.Requires == nil {
		return
	}
	s.trace.see("requires")
	if t.InterfaceObjectIn(s.graph) {
		s.trace.see("interface object: requires")
	}
	s.requiredRows(t, j.Requires.Selections, false)
}

func (s *simulated) requiredRows(t *supergraph.Type, sels ast.SelectionSet, below bool) {
	for _, sel := range sels {
		switch x := sel.(type) {
		case *ast.InlineFragment:
			s.trace.see("requires: through fragments")
			s.requiredRows(s.world.schema.Type(x.TypeCondition), x.SelectionSet, below)
		case *ast.Field:
			f := t.Field(x.Name)
			if f == nil {
				continue
			}
			s.requiredField(t, f, x, below)
			if len(x.SelectionSet) > 0 {
				s.requiredRows(s.world.schema.Type(f.Type.Name()), x.SelectionSet, true)
			}
		}
	}
}

func (s *simulated) requiredField(t *supergraph.Type, f *supergraph.Field, x *ast.Field, below bool) {
	if below {
		s.trace.see("requires: nested")
	}
	if t.Kind == ast.Interface && !t.InterfaceObjectIn(s.graph) {
		s.trace.see("requires: through an interface")
	}
	if f.Type.Elem != nil {
		s.trace.see("requires: lists")
	}
	if len(x.Arguments) > 0 {
		s.trace.see("requires: arguments")
	}
	if s.world.schema.Inaccessible(f.Directives) {
		s.trace.see("inaccessible: required field")
	}
	if len(f.Arguments) > 0 {
		s.trace.required(t.Name+"."+f.Name, literalArguments(x, f))
	}
	for _, j := range giving(f) {
		if j.Requires == nil {
			continue
		}
		s.trace.see("requires: of requires")
		for _, sel := range j.Requires.Selections {
			if inner, ok := sel.(*ast.Field); ok && t.Field(inner.Name) != nil {
				if back := t.Field(inner.Name).In(s.graph); back != nil && !back.External {
					s.trace.see("requires: circular")
				}
			}
		}
	}
}

// required notes the arguments with which a field is required; others for the
// same field contradict them.
func (t *trace) required(coordinate, args string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.arguments == nil {
		t.arguments = make(map[string]string)
	}
	if have, ok := t.arguments[coordinate]; ok && have != args {
		t.seen["requires: conflicting arguments"] = true
	}
	t.arguments[coordinate] = args
}

// provided looks at an external field that is given on the way here.
func (s *simulated) provided(at place) {
	s.trace.see("provides")
	if at.depth > 0 {
		s.trace.see("provides: nested")
	}
	if at.providedBy == nil {
		return
	}
	switch at.providedBy.Kind {
	case ast.Interface:
		s.trace.see("provides: on an interface")
	case ast.Union:
		s.trace.see("provides: on a union")
	}
}

// rows are those of the last operation.
func (h *harness) rows() map[string]bool {
	h.trace.mu.Lock()
	defer h.trace.mu.Unlock()
	out := make(map[string]bool)
	for row := range h.seen {
		out[row] = true
	}
	for row := range h.trace.seen {
		out[row] = true
	}
	if h.trace.overtaken {
		out["answers: out of order"] = true
	}
	subgraphs := make(map[string]bool)
	for _, name := range h.log.list {
		field, _, _ := strings.Cut(name, "(")
		for _, j := range owners(h.world.schema.Type(h.world.schema.Mutation).Field(field)) {
			subgraphs[j.Graph.Name] = true
		}
	}
	if len(subgraphs) > 1 {
		out["mutation: several subgraphs"] = true
	}
	return out
}
