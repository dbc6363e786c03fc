package satisfy_test

import (
	"context"
	"fmt"

	"github.com/starlinghq/starling/schema/satisfy"
	"github.com/starlinghq/starling/schema/supergraph"
)

func ExampleCheck() {
	s, err := supergraph.Parse("shop.graphql", `
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
{ query: Query }
enum join__Graph {
  CATALOG @join__graph(name: "catalog", url: "")
  REVIEWS @join__graph(name: "reviews", url: "")
}
type Query @join__type(graph: CATALOG) { product(id: ID!): Product }
type Product @join__type(graph: CATALOG) @join__type(graph: REVIEWS) {
  id: ID! @join__field(graph: CATALOG)
  stars: Float @join__field(graph: REVIEWS)
}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	problems, err := satisfy.Check(context.Background(), s, satisfy.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range problems {
		fmt.Println(p.Message)
	}
	// Output:
	// No subgraph can answer "Product.stars" in this query:
	// {
	//   product(id: "<any ID>") {
	//     stars
	//   }
	// }
	// because:
	// - subgraph "catalog" does not have the field "Product.stars"
	// - subgraph "reviews" has the field "Product.stars", but its type "Product" has no resolvable @key there that leads to it
	// Add a @key that "catalog" can resolve to a subgraph that has the field, or add the field there.
}
