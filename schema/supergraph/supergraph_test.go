package supergraph_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/starlinghq/starling/schema/supergraph"
)

const small = `
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)
  @link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@listSize", { name: "@cost", as: "@price" }])
{
  query: Query
}

directive @inaccessible on FIELD_DEFINITION | OBJECT
directive @price(weight: Int!) on FIELD_DEFINITION
directive @live(ttl: Int = 5) on QUERY
directive @deprecated(reason: String = "No longer supported") on FIELD_DEFINITION

enum join__Graph {
  B @join__graph(name: "b", url: "http://b")
  A @join__graph(name: "a", url: "")
}

"""
Says what is
  asked "here".
"""
type Query @join__type(graph: A) @join__type(graph: B) {
  "one \"\"\" line"
  user("who" id: ID! = "\u0001x"): User @join__field(graph: A, provides: "name") @price(weight: 3)
  users(filter: Filter = { name: "n", not: [1, 2.5, null, true, E] }): [User!]! @join__field(graph: A, type: "[User!]") @join__field(graph: B)
  hidden: Int @inaccessible
}

type User implements Node @join__implements(graph: A, interface: "Node") @join__type(graph: A, key: "id") @join__type(graph: B, key: "id", resolvable: false) {
  id: ID!
  name: String @join__field(graph: A, external: true) @join__field(graph: B, requires: "id") @deprecated(reason: "old")
  ghost: Int @join__field
}

interface Node @join__type(graph: A) {
  id: ID!
}

input Filter @join__type(graph: A) @join__type(graph: B) {
  name: String = "x"
  not: [Any]
}

scalar Any @join__type(graph: A) @join__type(graph: B) @specifiedBy(url: "https://any")
`

func parse(t *testing.T, sdl string) *supergraph.Schema {
	t.Helper()
	s, err := supergraph.Parse("test.graphql", sdl)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestModel(t *testing.T) {
	s := parse(t, small)
	a, b := s.SubgraphNamed("a"), s.Graph("B")
	if a.Index != 0 || b.Index != 1 || b.URL != "http://b" {
		t.Errorf("subgraphs: %+v %+v", a, b)
	}
	user := s.Type("User")
	if f := user.Field("id"); len(f.Joins) != 2 || f.In(a) == nil || f.In(b) == nil {
		t.Errorf("id is in every graph of its type, got %+v", f.Joins)
	}
	if f := user.Field("ghost"); len(f.Joins) != 1 || f.Joins[0].Graph != nil {
		t.Errorf("the bare join of ghost is kept, got %+v", f.Joins)
	}
	users := s.Type("Query").Field("users")
	if got := users.TypeIn(users.In(a)).String(); got != "[User!]" {
		t.Errorf("type of users in a: %s", got)
	}
	if got := s.PossibleIn(s.Type("Node"), b); len(got) != 0 {
		t.Errorf("b knows no type behind Node, got %v", got)
	}
	if name, ok := s.DirectiveName("cost", "cost"); !ok || name != "price" {
		t.Errorf("cost is renamed: %q %v", name, ok)
	}
}

func TestPrintIsStable(t *testing.T) {
	first := parse(t, small).SDL()
	second := parse(t, first).SDL()
	if d := cmp.Diff(first, second); d != "" {
		t.Errorf("printing what was printed differs:\n%s", d)
	}
}

func TestAPI(t *testing.T) {
	want := strings.TrimPrefix(`
directive @live(ttl: Int = 5) on QUERY

scalar Any @specifiedBy(url: "https://any")

input Filter {
  name: String = "x"
  not: [Any]
}

interface Node {
  id: ID!
}

"""
Says what is
  asked "here".
"""
type Query {
  """one \""" line"""
  user(
    """who"""
    id: ID! = "\u0001x"
  ): User
  users(filter: Filter = {name: "n", not: [1, 2.5, null, true, E]}): [User!]!
}

type User implements Node {
  id: ID!
  name: String @deprecated(reason: "old")
  ghost: Int
}
`, "\n")
	if d := cmp.Diff(want, parse(t, small).API().SDL()); d != "" {
		t.Errorf("API schema (-want +got):\n%s", d)
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ name, old, new, want string }{
		{"syntax", "type User", "type type", ""},
		{
			"unknown graph", "graph: A, provides", "graph: C, provides",
			"supergraph: test.graphql:27:42: @join__field on Query.user names the graph C, which join__Graph does not have",
		},
		{
			"unknown graph on a type", "type Query @join__type(graph: A)", "type Query @join__type(graph: C)",
			"supergraph: test.graphql:25:13: @join__type on Query names the graph C, which join__Graph does not have",
		},
		{"no enum", "enum join__Graph", "enum Graph", "supergraph: there is no enum join__Graph: this is not a supergraph"},
		{"version", "join/v0.5", "join/v0.1", "supergraph: join specification v0.1 is not supported; supported are v0.3, v0.4, v0.5"},
		{
			"subgraph", `@link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)`, "",
			"supergraph: the schema has no @link to the join specification: this is not a supergraph",
		},
		{"field set", `requires: "id"`, `requires: "id {"`, ""},
		{"type", `type: "[User!]"`, `type: "[User!"`, `supergraph: test.graphql:28:82: @join__field on Query.users: "[User!" is not a type`},
		{"undefined", "hidden: Int", "hidden: Intt", "supergraph: test.graphql:29:3: Query.hidden has the type Intt, which is not defined"},
		{"twice", "hidden: Int", "users: Int", "supergraph: test.graphql:29:3: Query.users is defined twice"},
		{"no root", "query: Query", "query: Queri", "supergraph: the root type Queri is not defined as an object type"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := supergraph.Parse("test.graphql", strings.Replace(small, tt.old, tt.new, 1))
			if err == nil {
				t.Fatal("accepted")
			}
			if tt.want != "" && err.Error() != tt.want {
				t.Errorf("got  %s\nwant %s", err, tt.want)
			}
		})
	}
}

func TestSpecificationIsParsed(t *testing.T) {
	for _, v := range []string{"v0.3", "v0.4", "v0.5"} {
		directives, types, err := supergraph.Specification(v)
		if err != nil || len(directives) < 7 || len(types) < 3 {
			t.Errorf("%s: %d directives, %d types, %v", v, len(directives), len(types), err)
		}
	}
	if _, _, err := supergraph.Specification("v0.2"); err == nil {
		t.Error("v0.2 is accepted")
	}
}
