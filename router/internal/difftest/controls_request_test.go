package difftest

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/starlinghq/starling/schema/supergraph"
)

// request is a request of a router as faults change it.
type request struct {
	Query     string                     `json:"query"`
	Variables map[string]json.RawMessage `json:"variables"`
}

// load reads a query that is valid for a schema.
func load(schema *ast.Schema, query string) (*ast.QueryDocument, gqlerror.List) {
	//lint:ignore SA1019 the rules of its default set are meant
	return gqlparser.LoadQuery(schema, query)
}

// editRequest applies an edit, which says whether it changed anything.
func editRequest(body []byte, edit func(r *request) bool) []byte {
	var in request
	if err := json.Unmarshal(body, &in); err != nil || !edit(&in) {
		return nil
	}
	out, err := json.Marshal(in)
	if err != nil {
		return nil
	}
	return out
}

// editRepresentations applies an edit to each list of representations.
func editRepresentations(edit func(s *simulated, list []map[string]json.RawMessage) bool) func(s *simulated, body []byte) []byte {
	return func(s *simulated, body []byte) []byte {
		return editRequest(body, func(r *request) bool {
			changed := false
			for _, name := range sortedNames(r.Variables) {
				var list []map[string]json.RawMessage
				if !strings.HasPrefix(name, "representations") || json.Unmarshal(r.Variables[name], &list) != nil {
					continue
				}
				if edit(s, list) {
					changed = true
					r.Variables[name], _ = json.Marshal(list)
				}
			}
			return changed
		})
	}
}

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func swapFirst(_ *simulated, list []map[string]json.RawMessage) bool {
	if len(list) > 1 {
		list[0], list[1] = list[1], list[0]
	}
	return len(list) > 1
}

// typeOf is the type of a representation in the supergraph.
func (s *simulated) typeOf(rep map[string]json.RawMessage) *supergraph.Type {
	var name string
	_ = json.Unmarshal(rep["__typename"], &name)
	return s.world.schema.Type(name)
}

func dropKeyField(s *simulated, body []byte) []byte {
	return editRepresentations(func(s *simulated, list []map[string]json.RawMessage) bool {
		for _, rep := range list {
			t := s.typeOf(rep)
			for _, name := range sortedNames(rep) {
				if t != nil && s.isKey(t, name) {
					delete(rep, name)
					return true
				}
			}
		}
		return false
	})(s, body)
}

func dropRequiredField(s *simulated, body []byte) []byte {
	return editRepresentations(func(s *simulated, list []map[string]json.RawMessage) bool {
		for _, rep := range list {
			t := s.typeOf(rep)
			for _, name := range sortedNames(rep) {
				if t == nil || name == "__typename" || s.isKey(t, name) {
					continue
				}
				delete(rep, name)
				return true
			}
		}
		return false
	})(s, body)
}

// askForeignField adds a field to a selection that the subgraph knows and does
// not resolve.
func askForeignField(s *simulated, body []byte) []byte {
	return editRequest(body, func(r *request) bool {
		doc, errs := load(s.schema, r.Query)
		if len(errs) > 0 {
			return false
		}
		if !s.addForeign(doc.Operations[0].SelectionSet) {
			return false
		}
		r.Query = printQuery(doc)
		return true
	})
}

func (s *simulated) addForeign(set ast.SelectionSet) bool {
	for _, sel := range set {
		switch x := sel.(type) {
		case *ast.InlineFragment:
			if s.addForeign(x.SelectionSet) {
				return true
			}
		case *ast.Field:
			if x.Definition == nil || len(x.SelectionSet) == 0 {
				continue
			}
			if f := s.foreign(x.Definition.Type.Name()); f != "" {
				x.SelectionSet = append(x.SelectionSet, &ast.Field{Alias: "foreign", Name: f})
				return true
			}
			if s.addForeign(x.SelectionSet) {
				return true
			}
		}
	}
	return false
}

// foreign is a field of a type that is external in the subgraph.
func (s *simulated) foreign(typeName string) string {
	t := s.world.schema.Type(typeName)
	if t == nil || t.Kind != ast.Object {
		return ""
	}
	for _, f := range t.Fields {
		j := f.In(s.graph)
		if j == nil || !j.External && !j.UsedOverridden || len(f.Arguments) > 0 || s.isKey(t, f.Name) {
			continue
		}
		if d := s.schema.Types[f.Type.Name()]; d != nil && d.IsLeafType() {
			return f.Name
		}
	}
	return ""
}

func printQuery(doc *ast.QueryDocument) string {
	var b bytes.Buffer
	formatter.NewFormatter(&b, formatter.WithCompacted()).FormatQueryDocument(doc)
	return b.String()
}

// dropVariable leaves the value of a variable out that may be left out.
func dropVariable(s *simulated, body []byte) []byte {
	return editRequest(body, func(r *request) bool {
		for _, d := range s.variablesOf(r) {
			if _, given := r.Variables[d.Variable]; given && !d.Type.NonNull {
				delete(r.Variables, d.Variable)
				return true
			}
		}
		return false
	})
}

// swapVariables exchanges the values of two variables of one type.
func swapVariables(s *simulated, body []byte) []byte {
	return editRequest(body, func(r *request) bool {
		defs := s.variablesOf(r)
		for i, a := range defs {
			for _, b := range defs[i+1:] {
				va, vb := r.Variables[a.Variable], r.Variables[b.Variable]
				if a.Type.String() == b.Type.String() && va != nil && vb != nil && !bytes.Equal(va, vb) {
					r.Variables[a.Variable], r.Variables[b.Variable] = vb, va
					return true
				}
			}
		}
		return false
	})
}

// variablesOf are the variables of a request but those of the join.
func (s *simulated) variablesOf(r *request) ast.VariableDefinitionList {
	doc, errs := load(s.schema, r.Query)
	if len(errs) > 0 {
		return nil
	}
	return slices.DeleteFunc(doc.Operations[0].VariableDefinitions, func(d *ast.VariableDefinition) bool {
		return d.Type.Name() == "_Any" || strings.HasPrefix(d.Variable, "include")
	})
}

// ignoreAlias answers an aliased field with the value of the same field under
// its own name.
func ignoreAlias(s *simulated, body, answer []byte) []byte {
	return editAnswer(s, body, answer, func(set []*ast.Field, obj map[string]any) bool {
		changed := false
		for _, f := range set {
			own, there := obj[f.Name]
			if f.Alias != f.Name && there && slices.ContainsFunc(set, func(g *ast.Field) bool { return g.Alias == f.Name && g.Name == f.Name }) {
				changed = changed || canonical(obj[f.Alias]) != canonical(own)
				obj[f.Alias] = own
			}
		}
		return changed
	})
}

// editAnswer applies an edit to every object of an answer, with the fields
// that were asked of it, and says whether any changed.
func editAnswer(s *simulated, body, answer []byte, edit func(set []*ast.Field, obj map[string]any) bool) []byte {
	var in request
	if json.Unmarshal(body, &in) != nil {
		return nil
	}
	doc, errs := load(s.schema, in.Query)
	if len(errs) > 0 {
		return nil
	}
	root, _ := decode(answer).(map[string]any)
	data, _ := root["data"].(map[string]any)
	if data == nil {
		return nil
	}
	changed := false
	var visit func(sets []ast.SelectionSet, v any)
	visit = func(sets []ast.SelectionSet, v any) {
		switch x := v.(type) {
		case []any:
			for _, item := range x {
				visit(sets, item)
			}
		case map[string]any:
			fields := fieldsOf(sets)
			changed = edit(fields, x) || changed
			for _, f := range fields {
				if len(f.SelectionSet) > 0 {
					visit([]ast.SelectionSet{f.SelectionSet}, x[f.Alias])
				}
			}
		}
	}
	visit([]ast.SelectionSet{doc.Operations[0].SelectionSet}, data)
	if !changed {
		return nil
	}
	return []byte(canonical(root))
}

// fieldsOf are the fields of selections, those in fragments too.
func fieldsOf(sets []ast.SelectionSet) []*ast.Field {
	var out []*ast.Field
	for _, set := range sets {
		for _, sel := range set {
			switch x := sel.(type) {
			case *ast.Field:
				out = append(out, x)
			case *ast.InlineFragment:
				out = append(out, fieldsOf([]ast.SelectionSet{x.SelectionSet})...)
			case *ast.FragmentSpread:
				out = append(out, fieldsOf([]ast.SelectionSet{x.Definition.SelectionSet})...)
			}
		}
	}
	return out
}

// isKey reports whether a field is part of a key that the type has here.
func (s *simulated) isKey(t *supergraph.Type, field string) bool {
	return slices.ContainsFunc(t.JoinsIn(s.graph), func(j supergraph.TypeJoin) bool { return j.Key != nil && mentions(j.Key.Selections, field) })
}
