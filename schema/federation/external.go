package federation

import (
	"github.com/vektah/gqlparser/v2/ast"
)

// fieldSet is a parsed @key, @requires or @provides argument.
type fieldSet struct {
	text       string
	selections ast.SelectionSet
}

// External reports whether a field is only declared, and not resolved, in this
// subgraph. Key fields of an extension do not count: federation 1 wanted them
// marked @external although the subgraph has them. That goes for the fields of
// other types too which a key selects, but not where a federation 1 subgraph
// has nothing but an "extend type" of the type with the key.
func (s *Subgraph) External(f *Field) bool { return s.external[f] }

// Shareable reports whether other subgraphs may resolve the field too.
func (s *Subgraph) Shareable(f *Field) bool {
	if s.Version == Fed1 {
		return s.shareableInFed1(f)
	}
	return s.keyFields[f] || s.shareable[f]
}

// shareableInFed1 reports whether a field is shareable without saying so, as all
// were in federation 1: but not subscriptions, and not what an extension adds to
// a value type of the same subgraph.
func (s *Subgraph) shareableInFed1(f *Field) bool {
	t := f.Parent
	switch t.Name {
	case "Subscription":
		return false
	case "Query", "Mutation":
		return true
	}
	return !f.InExtension || !t.HasBase || s.Has(t.Directives, Key) || s.shareable[f]
}

// Provided reports whether some @provides of the subgraph selects the field.
func (s *Subgraph) Provided(f *Field) bool { return s.providedFields[f] }

// Used reports whether the subgraph needs the field itself: for a key, a
// @requires, a @provides or an interface of its own.
func (s *Subgraph) Used(f *Field) bool { return s.used[f] || s.ofInterface(f) }

// index finds key fields, shareable fields, external fields and those in use.
func (s *Subgraph) index() {
	s.external, s.keyFields = make(map[*Field]bool), make(map[*Field]bool)
	s.shareable, s.used = make(map[*Field]bool), make(map[*Field]bool)
	s.pretended, s.providedFields = make(map[*Field]bool), make(map[*Field]bool)
	for _, n := range s.Order {
		t := s.Types[n]
		for _, d := range s.All(t.Directives, Key) {
			old := s.Version == Fed1 && !t.HasBase
			deep := s.Has(t.Directives, Extends) || t.OnExtension(d) && !old
			s.walk(t, Argument(d, "fields"), func(f *Field) {
				s.keyFields[f], s.used[f] = true, true
				if deep || old && f.Parent == t {
					s.pretended[f] = true
				}
			})
		}
	}
	for _, n := range s.Order {
		t := s.Types[n]
		for _, f := range t.Fields {
			s.indexField(t, f)
		}
	}
}

func (s *Subgraph) indexField(t *Type, f *Field) {
	for _, element := range []string{Requires, Provides} {
		for _, d := range s.All(f.Directives, element) {
			parent := t
			if element == Provides {
				parent = s.Types[f.Type.Name()]
			}
			s.walk(parent, Argument(d, "fields"), func(f *Field) {
				s.used[f] = true
				if element == Provides {
					s.providedFields[f] = true
				}
			})
		}
	}
	if t.Kind != ast.Object && t.Kind != ast.Interface {
		return
	}
	if s.Has(f.Directives, Shareable) || s.Has(f.block.Directives, Shareable) {
		s.shareable[f] = true
	}
	if s.pretended[f] {
		return
	}
	if s.Has(f.Directives, External) || s.Has(f.block.Directives, External) || s.externalType(t) {
		s.external[f] = true
	}
}

// externalType reports whether an extend block marks the whole type @external.
func (s *Subgraph) externalType(t *Type) bool {
	for _, d := range s.All(t.Directives, External) {
		if t.OnExtension(d) {
			return true
		}
	}
	return false
}

// ofInterface reports whether an interface that the field's type implements in
// this subgraph has the field.
func (s *Subgraph) ofInterface(f *Field) bool {
	for _, i := range f.Parent.Interfaces {
		if t := s.Types[i]; t != nil && t.Field(f.Name) != nil {
			return true
		}
	}
	return false
}

// walk visits the fields that a field set selects, up to the first fault: what
// follows does not count as used.
func (s *Subgraph) walk(t *Type, v *ast.Value, visit func(*Field)) {
	if t == nil || v == nil {
		return
	}
	fs, err := s.parseFieldSet(v)
	if err != nil {
		return
	}
	w := walker{s: s, visit: func(t *Type, f *Field) *fault {
		visit(f)
		s.alsoImplementers(t, f.Name, visit)
		return nil
	}}
	w.selections(t, fs.selections)
}

// alsoImplementers visits the field of every type behind an interface: what is
// used through the interface is used there.
func (s *Subgraph) alsoImplementers(t *Type, field string, visit func(*Field)) {
	if t.Kind != ast.Interface {
		return
	}
	for _, i := range s.implementers(t.Name) {
		if f := i.Field(field); f != nil {
			visit(f)
		}
	}
}
