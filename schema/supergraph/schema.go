package supergraph

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Schema is a checked and indexed supergraph. Everything reachable from it is read-only.
type Schema struct {
	Document

	types        map[string]*Type
	graphs       map[string]*Subgraph
	implementers map[string][]*Type
	inaccessible string
	machinery    map[string]bool
}

// New checks and indexes a document and takes it over: subgraphs, types and directive definitions are put in order of name, and
// empty Field.Joins are filled in. The error lists everything that is wrong.
func New(doc Document) (*Schema, error) {
	s := &Schema{Document: doc}
	s.Subgraphs = slices.Clone(doc.Subgraphs)
	slices.SortFunc(s.Subgraphs, func(a, b *Subgraph) int { return strings.Compare(a.Value, b.Value) })
	s.Types = slices.Clone(doc.Types)
	slices.SortFunc(s.Types, func(a, b *Type) int { return strings.Compare(a.Name, b.Name) })
	s.Directives = slices.Clone(doc.Directives)
	slices.SortFunc(s.Directives, func(a, b *ast.DirectiveDefinition) int { return strings.Compare(a.Name, b.Name) })
	s.index()
	if err := errors.Join(s.check()...); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Schema) index() {
	s.graphs = make(map[string]*Subgraph, len(s.Subgraphs))
	for i, g := range s.Subgraphs {
		g.Index = i
		s.graphs[g.Value] = g
	}
	s.types = make(map[string]*Type, len(s.Types))
	s.implementers = make(map[string][]*Type)
	for _, t := range s.Types {
		s.types[t.Name] = t
		t.index()
		for _, i := range t.Interfaces {
			s.implementers[i] = append(s.implementers[i], t)
		}
	}
	s.inaccessible, _ = s.DirectiveName("inaccessible", "inaccessible")
	s.machinery = s.machineryNames()
}

func (t *Type) index() {
	t.graphs = nil
	for _, j := range t.Joins {
		if !slices.Contains(t.graphs, j.Graph) {
			t.graphs = append(t.graphs, j.Graph)
		}
	}
	t.fields = make(map[string]*Field, len(t.Fields))
	for _, f := range t.Fields {
		if t.fields[f.Name] == nil {
			t.fields[f.Name] = f
		}
		if len(f.Joins) > 0 {
			continue
		}
		f.Joins = make([]Join, 0, len(t.graphs))
		for _, g := range t.graphs {
			f.Joins = append(f.Joins, Join{Graph: g})
		}
	}
}

// check finds what would make the model inconsistent: names used twice, and names that nothing defines.
func (s *Schema) check() []error {
	var errs []error
	report := func(p *ast.Position, format string, args ...any) { errs = append(errs, positioned(p, format, args...)) }
	if len(s.graphs) < len(s.Subgraphs) {
		report(nil, "two values of join__Graph have the same name")
	}
	if len(s.types) < len(s.Types) {
		for i, t := range s.Types[1:] {
			if s.Types[i].Name == t.Name {
				report(t.Position, "type %s is defined twice", t.Name)
			}
		}
	}
	for _, root := range []string{s.Query, s.Mutation, s.Subscription} {
		if t := s.types[root]; root != "" && (t == nil || t.Kind != ast.Object) {
			report(nil, "the root type %s is not defined as an object type", root)
		}
	}
	if s.Query == "" {
		report(nil, "the schema has no query root type")
	}
	for _, t := range s.Types {
		s.checkType(t, report)
	}
	return errs
}

func (s *Schema) checkType(t *Type, report func(*ast.Position, string, ...any)) {
	known := func(name string) bool { return s.types[name] != nil || builtinScalars[name] || name == graphEnum }
	for _, i := range t.Interfaces {
		if it := s.types[i]; it == nil || it.Kind != ast.Interface {
			report(t.Position, "%s implements %s, which is not an interface of this supergraph", t.Name, i)
		}
	}
	for _, m := range t.Members {
		if mt := s.types[m]; mt == nil || mt.Kind != ast.Object {
			report(t.Position, "%s has the member %s, which is not an object type of this supergraph", t.Name, m)
		}
	}
	for _, f := range t.Fields {
		if t.fields[f.Name] != f {
			report(f.Position, "%s.%s is defined twice", t.Name, f.Name)
		}
		if !known(f.Type.Name()) {
			report(f.Position, "%s.%s has the type %s, which is not defined", t.Name, f.Name, f.Type.Name())
		}
		for _, a := range f.Arguments {
			if !known(a.Type.Name()) {
				report(a.Position, "%s.%s(%s:) has the type %s, which is not defined", t.Name, f.Name, a.Name, a.Type.Name())
			}
		}
		for _, j := range f.Joins {
			if j.Graph != nil && !t.In(j.Graph) {
				report(f.Position, "%s.%s has a @join__field for the graph %s, but %s has no @join__type for it", t.Name, f.Name, j.Graph.Value, t.Name)
			}
		}
	}
}

// Type returns the type of that name, nil if there is none.
func (s *Schema) Type(name string) *Type { return s.types[name] }

// Graph returns the subgraph with that join__Graph value, nil if there is none.
func (s *Schema) Graph(value string) *Subgraph { return s.graphs[value] }

// SubgraphNamed returns the subgraph with that own name, nil if there is none.
func (s *Schema) SubgraphNamed(name string) *Subgraph {
	for _, g := range s.Subgraphs {
		if g.Name == name {
			return g
		}
	}
	return nil
}

// Implementers returns the types, objects and interfaces, that implement an interface, in order of name.
func (s *Schema) Implementers(iface string) []*Type { return s.implementers[iface] }

// Possible returns the object types that a value of the type can have at run time, in order of name.
func (s *Schema) Possible(t *Type) []*Type {
	switch t.Kind {
	case ast.Object:
		return []*Type{t}
	case ast.Union:
		out := make([]*Type, 0, len(t.Members))
		for _, m := range t.Members {
			out = append(out, s.types[m])
		}
		slices.SortFunc(out, func(a, b *Type) int { return strings.Compare(a.Name, b.Name) })
		return out
	case ast.Interface:
		var out []*Type
		for _, i := range s.implementers[t.Name] {
			if i.Kind == ast.Object {
				out = append(out, i)
			}
		}
		return out
	}
	return nil
}

// PossibleIn returns the object types that the subgraph knows as possible types of the type, in order of name. An interface object
// has none: the subgraph does not know the types behind it.
func (s *Schema) PossibleIn(t *Type, g *Subgraph) []*Type {
	var out []*Type
	switch t.Kind {
	case ast.Object:
		if t.In(g) {
			out = append(out, t)
		}
	case ast.Union:
		for _, j := range t.MemberJoins {
			if j.Graph == g {
				out = append(out, s.types[j.Member])
			}
		}
		slices.SortFunc(out, func(a, b *Type) int { return strings.Compare(a.Name, b.Name) })
	case ast.Interface:
		for _, i := range s.implementers[t.Name] {
			if i.Kind == ast.Object && i.ImplementsIn(g, t.Name) {
				out = append(out, i)
			}
		}
	}
	return out
}

// Roots returns the root types that exist, in the order query, mutation, subscription.
func (s *Schema) Roots() []*Type {
	var out []*Type
	for _, n := range []string{s.Query, s.Mutation, s.Subscription} {
		if n != "" {
			out = append(out, s.types[n])
		}
	}
	return out
}

// Inaccessible says whether @inaccessible is among the directives, under whatever name the supergraph links it.
func (s *Schema) Inaccessible(ds ast.DirectiveList) bool {
	return s.inaccessible != "" && ds.ForName(s.inaccessible) != nil
}

// Graphs returns the subgraphs that have the type, in order of its joins.
func (t *Type) Graphs() []*Subgraph { return t.graphs }

// In says whether the subgraph has the type.
func (t *Type) In(g *Subgraph) bool { return slices.Contains(t.graphs, g) }

// Field returns the field of that name, nil if there is none.
func (t *Type) Field(name string) *Field { return t.fields[name] }

// JoinsIn returns the join__type applications for one subgraph.
func (t *Type) JoinsIn(g *Subgraph) []TypeJoin {
	var out []TypeJoin
	for _, j := range t.Joins {
		if j.Graph == g {
			out = append(out, j)
		}
	}
	return out
}

// InterfaceObjectIn says whether the interface is an interface object (an object type) in the subgraph.
func (t *Type) InterfaceObjectIn(g *Subgraph) bool {
	for _, j := range t.Joins {
		if j.Graph == g && j.IsInterfaceObject {
			return true
		}
	}
	return false
}

// ImplementsIn says whether the type implements the interface in the subgraph.
func (t *Type) ImplementsIn(g *Subgraph, iface string) bool {
	return slices.Contains(t.InterfaceJoins, InterfaceJoin{Graph: g, Interface: iface})
}

// In returns what a subgraph says about the field, nil if it does not have it.
func (f *Field) In(g *Subgraph) *Join {
	for i := range f.Joins {
		if f.Joins[i].Graph == g {
			return &f.Joins[i]
		}
	}
	return nil
}

// TypeIn returns the type that the field has in the graph of the join.
func (f *Field) TypeIn(j *Join) *ast.Type {
	if j.Type != nil {
		return j.Type
	}
	return f.Type
}

var builtinScalars = map[string]bool{"Int": true, "Float": true, "String": true, "Boolean": true, "ID": true}

// Error is one thing that is wrong with a supergraph. Line and Column count from 1 and are 0 where there is no position.
type Error struct {
	Source       string
	Line, Column int
	Message      string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return "supergraph: " + e.Message
	}
	return fmt.Sprintf("supergraph: %s:%d:%d: %s", e.Source, e.Line, e.Column, e.Message)
}

func positioned(p *ast.Position, format string, args ...any) *Error {
	e := &Error{Message: fmt.Sprintf(format, args...)}
	if p != nil {
		e.Line, e.Column = p.Line, p.Column
		if p.Src != nil {
			e.Source = p.Src.Name
		}
	}
	return e
}
