package satisfy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/supergraph"
)

// report adds a problem. The same field missing for the same reasons on another path is not told again; hints are.
func (c *checker) report(p Problem) {
	told := func(o Problem) bool {
		return o.Code == p.Code && o.Coordinate == p.Coordinate && reasonLines(o.Reasons) == reasonLines(p.Reasons)
	}
	if len(c.problems) < MaxProblems && (p.Hint || !slices.ContainsFunc(c.problems, told)) {
		c.problems = append(c.problems, p)
	}
}

// unsatisfiable reports a field that no place has, with what each subgraph lacks.
func (c *checker) unsatisfiable(s *state, f *supergraph.Field, e *env) {
	composite := len(f.Type.Name()) > 0 && c.composite(f)
	p := Problem{Code: CodeUnsatisfiable, Coordinate: s.typ.Name + "." + f.Name, Query: s.query(asked(f), composite)}
	for _, place := range s.places {
		for _, at := range c.reach(place, way{}) {
			p.add(at.graph, c.absence(at, f, e))
		}
	}
	for _, place := range s.places {
		for _, m := range c.barred(place) {
			p.add(m.to.graph, c.obstacle(m, place, f))
		}
	}
	for _, g := range s.typ.Graphs() {
		if j := f.In(g); j != nil && !p.has(g) && !j.External {
			p.add(g, fmt.Sprintf("has the field %q, but its type %q has no resolvable @key there that leads to it", p.Coordinate, s.typ.Name))
		}
	}
	slices.SortStableFunc(p.Reasons, func(a, b Reason) int { return strings.Compare(a.Subgraph, b.Subgraph) })
	when := ""
	if settled := e.String(); settled != "" {
		when = " (with " + settled + ")"
	}
	p.Message = fmt.Sprintf("No subgraph can answer %q in this query%s:\n%s\nbecause:\n%s"+
		"Add a @key that %s can resolve to a subgraph that has the field, or add the field there.",
		p.Coordinate, when, p.Query, reasonLines(p.Reasons), quotedGraphs(s.places))
	c.report(p)
}

// unresolvedObject reports an interface object whose object types no reachable subgraph knows.
func (c *checker) unresolvedObject(s *state, at *place) {
	p := Problem{Code: CodeUnsatisfiable, Coordinate: s.typ.Name, Query: s.query("", false)}
	p.add(at.graph, fmt.Sprintf("knows %q only as an interface object, and no @key leads to a subgraph that knows its types", s.typ.Name))
	for _, m := range c.barred(at) {
		p.add(m.to.graph, c.obstacle(m, at, nil))
	}
	p.Message = fmt.Sprintf("No subgraph can tell the type of %q in this query:\n%s\nbecause:\n%s"+
		"Add a resolvable @key to the interface in a subgraph that has its types.", s.typ.Name, p.Query, reasonLines(p.Reasons))
	c.report(p)
}

func (c *checker) composite(f *supergraph.Field) bool {
	t := c.schema.Type(f.Type.Name())
	return t != nil && t.Kind != ast.Scalar && t.Kind != ast.Enum
}

// barred are the moves from a place that its keys do not allow.
func (c *checker) barred(p *place) []move {
	var out []move
	reach := c.reach(p, way{})
	for _, m := range c.moves(p, nil) {
		if !slices.Contains(reach, m.to) {
			out = append(out, m)
		}
	}
	return out
}

// absence says why a place does not have the field.
func (c *checker) absence(p *place, f *supergraph.Field, e *env) string {
	coordinate := fmt.Sprintf("%q", p.typ.Name+"."+f.Name)
	lf := p.local.fields[f.Name]
	switch {
	case lf == nil:
		return "does not have the field " + coordinate
	case lf.typ != nil && c.local(lf.typ, p.graph) == nil && !lf.leaf:
		return fmt.Sprintf("has nothing left of the type %q of the field %s: all of its fields are overridden", lf.typ.Name, coordinate)
	case lf.overridden:
		return "gave the field " + coordinate + " to another subgraph by @override"
	case !e.on(lf):
		return "does not answer the field " + coordinate + " in this state of the label \"" + lf.label + "\""
	case !e.has(lf.contexts):
		return "needs for " + coordinate + " a context that no type on this path sets"
	case lf.external && lf.requires == nil:
		return "has the field " + coordinate + " only as @external"
	case lf.requires != nil && !c.meets(p, lf, way{}):
		return fmt.Sprintf("cannot get what %s requires (%s)", coordinate, lf.requires)
	case lf.requires != nil && !p.local.resumable:
		return fmt.Sprintf("has no @key of %q to come back with what %s requires", p.typ.Name, coordinate)
	}
	return "has the field " + coordinate + " only on some of the types of " + fmt.Sprintf("%q", p.typ.Name)
}

// obstacle says why a move is not possible.
func (c *checker) obstacle(m move, from *place, f *supergraph.Field) string {
	text := fmt.Sprintf("cannot be reached from %q over @key(fields: %q): %q cannot resolve these fields", from.graph.Name, m.key, from.graph.Name)
	if f != nil && m.to.local.fields[f.Name] == nil {
		return text + fmt.Sprintf(" (and %q does not have the field)", m.to.graph.Name)
	}
	return text
}

func (p *Problem) add(g *supergraph.Subgraph, text string) {
	for i := range p.Reasons {
		if p.Reasons[i].Subgraph == g.Name {
			if !slices.Contains(p.Reasons[i].Texts, text) {
				p.Reasons[i].Texts = append(p.Reasons[i].Texts, text)
			}
			return
		}
	}
	p.Reasons = append(p.Reasons, Reason{Subgraph: g.Name, Texts: []string{text}})
}

func (p *Problem) has(g *supergraph.Subgraph) bool {
	return slices.ContainsFunc(p.Reasons, func(r Reason) bool { return r.Subgraph == g.Name })
}

func reasonLines(reasons []Reason) string {
	var b strings.Builder
	for _, r := range reasons {
		for _, t := range r.Texts {
			fmt.Fprintf(&b, "- subgraph %q %s\n", r.Subgraph, t)
		}
	}
	return b.String()
}

func quotedGraphs(ps []*place) string {
	return `"` + strings.ReplaceAll(graphNames(ps), ", ", `" or "`) + `"`
}

// asked prints a field with its required arguments.
func asked(f *supergraph.Field) string {
	var args []string
	for _, a := range f.Arguments {
		if a.Type.NonNull && a.DefaultValue == nil {
			args = append(args, fmt.Sprintf("%s: \"<any %s>\"", a.Name, strings.TrimSuffix(a.Type.String(), "!")))
		}
	}
	if len(args) == 0 {
		return f.Name
	}
	return f.Name + "(" + strings.Join(args, ", ") + ")"
}

// query prints the path to the state and the last field under it; open says that the field needs a selection.
func (s *state) query(last string, open bool) string {
	var steps []string
	for p := s; p != nil; p = p.parent {
		steps = append(steps, p.step)
	}
	slices.Reverse(steps)
	if last == "" {
		steps = append(steps, "__typename")
	} else {
		steps = append(steps, last)
	}
	if open {
		steps = append(steps, "__typename")
	}
	var b strings.Builder
	for i, step := range steps {
		if i == 0 && step == "query" {
			step = ""
		} else if i == 0 {
			step += " "
		}
		b.WriteString(strings.Repeat("  ", i) + step)
		if i == 0 {
			b.WriteString("{\n")
		} else if i < len(steps)-1 {
			b.WriteString(" {\n")
		} else {
			b.WriteString("\n")
		}
	}
	for i := len(steps) - 2; i >= 0; i-- {
		b.WriteString(strings.Repeat("  ", i) + "}")
		if i > 0 {
			b.WriteString("\n")
		}
	}
	return b.String()
}
