package engine

import (
	"fmt"

	gql "github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/ast"

	"github.com/starlinghq/starling/router/internal/execute"
	"github.com/starlinghq/starling/schema/supergraph"
)

// At is where an operation goes on: its root field Field stands for the
// objects of a type, at a path of data keys, which have their __typename and
// the fields of a key already.
type At struct {
	Field, Type, Key string
	Path             []string
	gathered         []string      // further keys that are there
	definition       *ast.Document // with the root field, once it is needed
}

// defined is the planning schema with the root field.
func (e *Engine) defined(at *At) (*ast.Document, error) {
	if at.definition == nil {
		root := &gql.FieldDefinition{Name: at.Field, Type: gql.NamedType(at.Type, nil)}
		definition, err := parseDefinition(definitionSDL(e.schema, e.variants, root))
		if err != nil {
			return nil, fmt.Errorf("what is there already: %w", err)
		}
		at.definition = definition
	}
	return at.definition, nil
}

// keys are those that are there.
func (at *At) keys() []string { return append([]string{at.Key}, at.gathered...) }

// there is what the objects have: the fields of the keys, once each.
func (at *At) there() gql.SelectionSet {
	var out gql.SelectionSet
	for _, key := range at.keys() {
		if set, err := supergraph.ParseFieldSet(key); err == nil {
			out = merged(out, set.Selections)
		}
	}
	return out
}

// merged adds the fields of one selection to another.
func merged(to, from gql.SelectionSet) gql.SelectionSet {
	for _, sel := range from {
		f, ok := sel.(*gql.Field)
		if !ok {
			continue
		}
		have := fieldNamed(to, f.Name)
		if have == nil {
			c := *f
			c.SelectionSet = nil
			have = &c
			to = append(to, have)
		}
		have.SelectionSet = merged(have.SelectionSet, f.SelectionSet)
	}
	return to
}

func fieldNamed(sels gql.SelectionSet, name string) *gql.Field {
	for _, sel := range sels {
		if f, ok := sel.(*gql.Field); ok && f.Name == name {
			return f
		}
	}
	return nil
}

// copies turns a fetch of what is there already into copies of the members that
// it wants under other names.
func (at *At) copies(query string) *execute.Node {
	doc, err := parser.ParseQuery(&gql.Source{Input: query})
	if err != nil || len(doc.Operations) == 0 {
		return nil
	}
	out := &execute.Node{}
	var path []execute.Step
	for _, key := range at.Path {
		path = append(path, execute.Step{Key: key})
	}
	for _, sel := range doc.Operations[0].SelectionSet {
		if root, ok := sel.(*gql.Field); ok {
			addCopies(out, at.Type, path, root.SelectionSet)
		}
	}
	if len(out.Children) == 0 {
		return nil
	}
	return out
}

func addCopies(out *execute.Node, typeName string, path []execute.Step, sels gql.SelectionSet) {
	c := &execute.Copy{Type: typeName, Path: path}
	for _, sel := range sels {
		f, ok := sel.(*gql.Field)
		if !ok {
			continue
		}
		if f.Alias != f.Name {
			c.Members = append(c.Members, execute.CopiedMember{From: f.Name, To: f.Alias})
		}
		addCopies(out, "", append(path[:len(path):len(path)], execute.Step{Key: f.Name}), f.SelectionSet)
	}
	if len(c.Members) > 0 {
		out.Children = append(out.Children, &execute.Node{Copy: c})
	}
}
