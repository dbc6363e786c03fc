package compose_test

import (
	"testing"

	"github.com/starlinghq/starling/schema/compose"
)

func TestThin(t *testing.T) {
	res, err := compose.Compose(t.Context(), []compose.Subgraph{
		{Name: "users", URL: "http://users", SDL: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@tag"])
type Query { me: User } type User @key(fields: "id") { id: ID! name: String @tag(name: "x") }`},
		{Name: "tweets", URL: "http://tweets", SDL: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
type Query { t: [Tweet!]! } type Tweet @key(fields: "id") { id: ID! author: User } type User @key(fields: "id") { id: ID! tweets: [Tweet!]! }`},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Err(); err != nil {
		t.Fatal(err)
	}
	t.Log(res.Supergraph.SDL())
}
