package supergraph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// Specification returns the definitions that a supergraph of that version ("v0.5") of the join specification carries: those of
// join and link themselves. join__Graph is not among them. Each call returns new values, which the caller may keep.
func Specification(joinVersion string) ([]*ast.DirectiveDefinition, []*Type, error) {
	if !slices.Contains(joinVersions, joinVersion) {
		return nil, nil, fmt.Errorf("supergraph: join specification %q is not supported; supported are %s", joinVersion, strings.Join(joinVersions, ", "))
	}
	sdl := specCommon
	fieldArguments := ""
	if joinVersion >= "v0.4" {
		sdl += specDirective
		fieldArguments += ", overrideLabel: String"
	}
	if joinVersion >= "v0.5" {
		sdl += specContext
		fieldArguments += ", contextArguments: [join__ContextArgument!]"
	}
	sdl += fmt.Sprintf(specField, fieldArguments)
	doc, err := parser.ParseSchema(&ast.Source{Name: "join/" + joinVersion, Input: sdl})
	if err != nil {
		return nil, nil, fmt.Errorf("supergraph: own definitions of join %s: %w", joinVersion, err)
	}
	r := &reader{}
	types := make([]*Type, 0, len(doc.Definitions))
	for _, d := range doc.Definitions {
		types = append(types, r.typ(d))
	}
	return doc.Directives, types, nil
}

const (
	specCommon = `
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
scalar link__Import
enum link__Purpose {
  "` + "`SECURITY`" + ` features provide metadata necessary to securely resolve fields."
  SECURITY
  "` + "`EXECUTION`" + ` features provide metadata necessary for operation execution."
  EXECUTION
}
directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
scalar join__FieldSet
`
	specField = `
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean, override: String, usedOverridden: Boolean%s) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
`
	specDirective = `
directive @join__directive(graphs: [join__Graph!], name: String!, args: join__DirectiveArguments) repeatable on SCHEMA | OBJECT | INTERFACE | FIELD_DEFINITION
scalar join__DirectiveArguments
`
	specContext = `
input join__ContextArgument {
  name: String!
  type: String!
  context: String!
  selection: join__FieldValue!
}
scalar join__FieldValue
`
)
