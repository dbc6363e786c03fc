package supergraph_test

import (
	"fmt"

	"github.com/starlinghq/starling/schema/supergraph"
)

func ExampleParse() {
	s, err := supergraph.Parse("shop.graphql", `
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
{ query: Query }
enum join__Graph {
  CATALOG @join__graph(name: "catalog", url: "http://catalog")
  REVIEWS @join__graph(name: "reviews", url: "http://reviews")
}
type Query @join__type(graph: CATALOG) { product(id: ID!): Product }
type Product @join__type(graph: CATALOG, key: "id") @join__type(graph: REVIEWS, key: "id") {
  id: ID!
  stars: Float @join__field(graph: REVIEWS)
}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range s.Type("Product").Fields {
		for _, j := range f.Joins {
			fmt.Println(f.Name, f.TypeIn(&j), "from", j.Graph.Name)
		}
	}
	fmt.Print(s.API().SDL())
	// Output:
	// id ID! from catalog
	// id ID! from reviews
	// stars Float from reviews
	// type Product {
	//   id: ID!
	//   stars: Float
	// }
	//
	// type Query {
	//   product(id: ID!): Product
	// }
}
