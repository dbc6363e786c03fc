package engine

import (
	"slices"
	"strings"

	gql "github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/starlinghq/starling/schema/supergraph"
)

// An interface that nothing implements has no objects, and yet a subgraph that
// knows it as an interface object may give one. Its type and the fields that
// only implementers would give cannot be asked of anybody; the planner fails on
// them. They are left out of what is planned: where there is no object, the
// answer is null all the same, and where there is one, the executor reports
// that its type cannot be told.

// emptyInterfaces lists, for each interface object that nothing implements,
// the fields that can be asked for.
func emptyInterfaces(s *supergraph.Schema) map[string][]string {
	out := make(map[string][]string)
	for _, t := range s.Types {
		if t.Kind != gql.Interface || len(s.Possible(t)) > 0 || !slices.ContainsFunc(t.Joins, func(j supergraph.TypeJoin) bool { return j.IsInterfaceObject }) {
			continue
		}
		out[t.Name] = []string{}
		for _, f := range t.Fields {
			for _, j := range f.Joins {
				if j.Graph != nil && t.InterfaceObjectIn(j.Graph) && !j.External && j.Requires == nil {
					out[t.Name] = append(out[t.Name], f.Name)
					break
				}
			}
		}
	}
	return out
}

// withoutEmpty leaves out of an operation what nobody can be asked of an
// interface that nothing implements.
func (e *Engine) withoutEmpty(op Operation) (string, error) {
	if len(e.empty) == 0 {
		return op.Text, nil
	}
	return e.rewritten(op, e.prune)
}

// rewritten changes the selections of an operation.
func (e *Engine) rewritten(op Operation, change func(t *supergraph.Type, sels gql.SelectionSet) gql.SelectionSet) (string, error) {
	doc, err := parser.ParseQuery(&gql.Source{Input: op.Text})
	if err != nil {
		return "", err
	}
	t, _, sels := e.start(op, doc)
	*sels = change(t, *sels)
	def := doc.Operations[0]
	used := make(map[string]bool)
	usedVariables(used, def.SelectionSet)
	def.VariableDefinitions = slices.DeleteFunc(def.VariableDefinitions, func(d *gql.VariableDefinition) bool { return !used[d.Variable] })
	return printQuery(doc), nil
}

// start is where an operation's selection begins: of objects of which type, at
// which path of data keys, with a dot at its end, and the selection.
func (e *Engine) start(op Operation, doc *gql.QueryDocument) (*supergraph.Type, string, *gql.SelectionSet) {
	def := doc.Operations[0]
	switch {
	case op.At != nil:
		return e.schema.Type(op.At.Type), strings.Join(op.At.Path, ".") + ".", &def.SelectionSet[0].(*gql.Field).SelectionSet
	case def.Operation == gql.Mutation:
		return e.schema.Type(e.schema.Mutation), "", &def.SelectionSet
	default:
		return e.schema.Type(e.schema.Query), "", &def.SelectionSet
	}
}

func (e *Engine) prune(t *supergraph.Type, sels gql.SelectionSet) gql.SelectionSet {
	if t == nil {
		return sels
	}
	known, empty := e.empty[t.Name]
	var out gql.SelectionSet
	for _, sel := range sels {
		switch x := sel.(type) {
		case *gql.Field:
			if empty && !slices.Contains(known, x.Name) {
				continue
			}
			if f := t.Field(x.Name); f != nil && len(x.SelectionSet) > 0 {
				x.SelectionSet = e.prune(e.schema.Type(f.Type.Name()), x.SelectionSet)
			}
		case *gql.InlineFragment:
			if empty {
				continue // no type is possible
			}
			on := t
			if x.TypeCondition != "" {
				on = e.schema.Type(x.TypeCondition)
			}
			x.SelectionSet = e.prune(on, x.SelectionSet)
		}
		out = append(out, sel)
	}
	if empty && len(out) == 0 {
		if key, err := supergraph.ParseFieldSet(e.Behind(t.Name)); err == nil {
			out = append(out, key.Selections...)
		}
	}
	return out
}
