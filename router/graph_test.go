package router

import (
	"strings"
	"testing"
)

// TestUnusableSupergraphs: Run says why a supergraph cannot be served.
func TestUnusableSupergraphs(t *testing.T) {
	for name, c := range map[string]struct{ sdl, want string }{
		"syntax":      {"type {", "supergraph"},
		"no join":     {"type Query { a: Int }", "supergraph"},
		"a context":   {contextSDL, "@context"},
		"no subgraph": {socialSDL, "Subgraphs[nobody]"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := Config{Source: Static(c.sdl)}
			if name == "no subgraph" {
				cfg.Subgraphs = map[string]SubgraphConfig{"nobody": {}}
			}
			r, err := New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Run(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Run = %v, want an error with %q", err, c.want)
			}
		})
	}
}

// contextSDL is a supergraph in which an argument comes from a context.
const contextSDL = `
schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION) @link(url: "https://specs.apollo.dev/context/v0.1", for: SECURITY) { query: Query }
directive @context(name: String!) repeatable on INTERFACE | OBJECT | UNION
directive @context__fromContext(field: context__ContextFieldValue) on ARGUMENT_DEFINITION
directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean, override: String, usedOverridden: Boolean, overrideLabel: String, contextArguments: [join__ContextArgument!]) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
directive @join__directive(graphs: [join__Graph!], name: String!, args: join__DirectiveArguments) repeatable on SCHEMA | OBJECT | INTERFACE | FIELD_DEFINITION
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
scalar context__ContextFieldValue
scalar join__FieldSet
scalar join__FieldValue
scalar join__DirectiveArguments
scalar link__Import
input join__ContextArgument { name: String! type: String! context: String! selection: join__FieldValue! }
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph { A @join__graph(name: "a", url: "http://a.test/") B @join__graph(name: "b", url: "http://b.test/") }
type Query @join__type(graph: A) @join__type(graph: B) { t: T @join__field(graph: A) }
type T @join__type(graph: A, key: "id") @context(name: "a__c") { id: ID! name: String u: U }
type U @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
  id: ID!
  f: String @join__field(graph: A, contextArguments: [{context: "a__c", name: "x", type: "String", selection: " { name }"}])
}
`
