package compose_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/starlinghq/starling/schema/compose"
)

func ExampleCompose() {
	res, err := compose.Compose(context.Background(), []compose.Subgraph{
		{Name: "users", URL: "http://users/graphql", SDL: `type Query { me: User } type User { name: String }`},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(res.Supergraph.API().SDL())
	// Output:
	// type Query {
	//   me: User
	// }
	//
	// type User {
	//   name: String
	// }
}

func ExampleResult_Err() {
	res, err := compose.Compose(context.Background(), []compose.Subgraph{{Name: "users", SDL: `type User { name: String }`}})
	if err != nil {
		fmt.Println(err)
		return
	}
	var refused *compose.Error
	if errors.As(res.Err(), &refused) {
		fmt.Println(refused.Diagnostics[0].Code)
	}
	// Output: NO_QUERIES
}

func ExampleMaxSteps() {
	res, err := compose.Compose(context.Background(), []compose.Subgraph{
		{Name: "users", SDL: `type Query { me: User } type User { friend: User name: String }`},
	}, compose.MaxSteps(1))
	fmt.Println(err, res.Errors[0].Code)
	// Output: <nil> MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED
}

func ExampleFederationVersion() {
	res, err := compose.Compose(context.Background(), []compose.Subgraph{
		{Name: "users", SDL: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9") type Query { me: Int }`},
	}, compose.FederationVersion("2.8"))
	fmt.Println(err, res.Errors[0].Code)
	// Output: <nil> UNKNOWN_FEDERATION_LINK_VERSION
}
