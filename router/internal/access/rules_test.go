package access

import (
	"slices"
	"testing"

	"github.com/starlinghq/starling/schema/supergraph"
)

const rulesSDL = `
schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY) @link(url: "https://specs.apollo.dev/policy/v0.1", as: "may", for: SECURITY)
  @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY) { query: Query }
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__field(graph: join__Graph) repeatable on FIELD_DEFINITION
directive @join__type(graph: join__Graph!, key: String, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | SCALAR
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
directive @link(url: String, as: String, for: link__Purpose, import: [String]) repeatable on SCHEMA
directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @may(policies: [[String!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph { A @join__graph(name: "a", url: "http://a.test/") B @join__graph(name: "b", url: "http://b.test/") }
type Query @join__type(graph: A) @join__type(graph: B) {
  open: String
  known: String @authenticated
  both: String @requiresScopes(scopes: [["a", "b"]])
  either: String @requiresScopes(scopes: [["a", "b"], ["c"]])
  never: String @requiresScopes(scopes: [])
  policy: String @may(policies: [["p"]])
  twice: String @authenticated @may(policies: [["p"]])
  secret: Secret
  scalar: Serial
  enum: Level
  pet: Pet
}
type Secret @join__type(graph: A) @requiresScopes(scopes: [["c"]]) { x: String  y: String @authenticated }
scalar Serial @join__type(graph: A) @authenticated
enum Level @join__type(graph: A) @authenticated { LOW }
interface Media @join__type(graph: A, key: "id") @join__type(graph: B, key: "id", isInterfaceObject: true) { id: ID!  size: Int @join__field(graph: B) @authenticated }
type Book implements Media @join__type(graph: A, key: "id") @join__implements(graph: A, interface: "Media") { id: ID!  size: Int @join__field }
interface Pet @join__type(graph: A) { name: String  tag: String @authenticated }
type Cat implements Pet @join__type(graph: A) @join__implements(graph: A, interface: "Pet") { name: String  tag: String }
type Dog implements Pet @join__type(graph: A) @join__implements(graph: A, interface: "Pet") { name: String @requiresScopes(scopes: [["a"]])  tag: String }
`

// viewer is who asks: nil is nobody, and what it has are scopes and policies.
type viewer []string

func (v viewer) Known() bool             { return v != nil }
func (v viewer) Scope(name string) bool  { return slices.Contains(v, name) }
func (v viewer) Policy(name string) bool { return slices.Contains(v, name) }

func TestRules(t *testing.T) {
	s, err := supergraph.Parse("rules", rulesSDL)
	if err != nil {
		t.Fatal(err)
	}
	rules := New(s)
	nobody := viewer(nil)
	for _, c := range []struct {
		typ, field string
		who        viewer
		want       bool
	}{
		{"Query", "open", nobody, true},
		{"Query", "known", nobody, false},
		{"Query", "known", viewer{}, true},
		{"Query", "both", viewer{"a"}, false},
		{"Query", "both", viewer{"a", "b"}, true},
		{"Query", "either", viewer{"a"}, false},
		{"Query", "either", viewer{"c"}, true},
		{"Query", "never", viewer{"a", "b", "c", "p"}, false},
		// A policy may be granted to nobody in particular.
		{"Query", "policy", viewer(nil), false},
		{"Query", "policy", viewer{"p"}, true},
		{"Query", "twice", viewer{}, false},
		{"Query", "twice", viewer{"p"}, true},
		// The rules of the returned type, whatever its kind.
		{"Query", "secret", viewer{}, false},
		{"Query", "secret", viewer{"c"}, true},
		{"Query", "scalar", nobody, false},
		{"Query", "enum", nobody, false},
		{"Query", "enum", viewer{}, true},
		// The rules of the parent type.
		{"Secret", "x", viewer{}, false},
		{"Secret", "x", viewer{"c"}, true},
		{"Secret", "y", viewer{"c"}, true},
		// On an interface all possible types count; a fragment asks one.
		{"Pet", "name", viewer{}, false},
		{"Pet", "name", viewer{"a"}, true},
		{"Cat", "name", nobody, true},
		{"Dog", "name", nobody, false},
		{"Pet", "tag", nobody, false},
		{"Query", "pet", nobody, true},
		// What an interface object gives is under its rules, on each type too.
		{"Media", "size", nobody, false},
		{"Book", "size", nobody, false},
		{"Book", "size", viewer{}, true},
		{"Book", "id", nobody, true},
	} {
		if got := rules.Rule(c.typ, c.field).Allows(c.who); got != c.want {
			t.Errorf("%s.%s for %q: %t, want %t", c.typ, c.field, c.who, got, c.want)
		}
	}
	if rules.Rule("Query", "open") != nil {
		t.Error("an open field has a rule")
	}
}
