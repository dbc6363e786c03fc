package federation

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// roots finds the root types. Those that have another name get the default one
// when the document has been checked: until then errors name what is written.
func (r *reader) roots() {
	s := r.s
	s.rootNames = make(map[ast.Operation]string)
	r.renames = make(map[string]string)
	for _, d := range append(append(ast.SchemaDefinitionList{}, s.document.Schema...), s.document.SchemaExtension...) {
		for _, o := range d.OperationTypes {
			s.rootNames[o.Operation] = o.Type
		}
	}
	defaults := []struct {
		op   ast.Operation
		name string
		code Code
	}{
		{ast.Query, "Query", RootQueryUsed},
		{ast.Mutation, "Mutation", RootMutationUsed},
		{ast.Subscription, "Subscription", RootSubscriptionUsed},
	}
	s.Roots = make(map[ast.Operation]bool)
	for _, d := range defaults {
		name, set := s.rootNames[d.op]
		if !set {
			if t := s.Types[d.name]; t != nil && t.Kind == ast.Object {
				s.rootNames[d.op], s.Roots[d.op] = d.name, true
				r.noteQuery(d.op, t)
			}
			continue
		}
		t := s.Types[name]
		if t == nil {
			r.report(InvalidGraphQL, name, r.s.SchemaPosition, "The %s root type %q is not defined; define it or correct the schema block.", d.op, name)
			continue
		}
		if t.Kind != ast.Object {
			r.report(InvalidGraphQL, name, t.Position, "The %s root type must be an object type, but %q is %s; use another type.", d.op, name, kindName(t.Kind))
			continue
		}
		s.Roots[d.op] = true
		r.noteQuery(d.op, t)
		if name == d.name {
			continue
		}
		if other := s.Types[d.name]; other != nil {
			r.reportRoot(d.code, d.name, other.Position, "The schema has a type named %q, but its %s root type is %q; rename the type %q or make it the root.", d.name, d.op, name, d.name)
			continue
		}
		r.renames[name] = d.name
	}
}

// dropMachinery takes the fields that every federation server adds out of the
// query type of a federation 1 subgraph, whose SDL may lack the types of them.
func (r *reader) dropMachinery() {
	if r.s.federation != nil || r.query == nil {
		return
	}
	r.query.Fields = slices.DeleteFunc(r.query.Fields, func(f *Field) bool {
		machinery := f.Name == "_entities" || f.Name == "_service"
		if machinery {
			delete(r.query.byName, f.Name)
		}
		return machinery
	})
}

func (r *reader) noteQuery(op ast.Operation, t *Type) {
	if op == ast.Query {
		r.query = t
	}
}

func (r *reader) reportRoot(code Code, coordinate string, pos *ast.Position, format string, args ...any) {
	r.rootErrors = append(r.rootErrors, r.diagnostic(code, coordinate, pos, format, args...))
}

func (r *reader) rename(from, to string) {
	s := r.s
	t := s.Types[from]
	delete(s.Types, from)
	t.Name = to
	s.Types[to] = t
	for i, n := range s.Order {
		if n == from {
			s.Order[i] = to
		}
	}
	for _, n := range s.Order {
		x := s.Types[n]
		for i, m := range x.Members {
			if m == from {
				x.Members[i] = to
				x.positions[to] = x.positions[from]
			}
		}
		for _, f := range x.Fields {
			renameType(f.Type, from, to)
		}
	}
}

func renameType(t *ast.Type, from, to string) {
	for t.Elem != nil {
		t = t.Elem
	}
	if t.NamedType == from {
		t.NamedType = to
	}
}
