package router_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/starlinghq/starling/router"
)

const supergraph = `
schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) { query: Query }
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__type(graph: join__Graph!) repeatable on OBJECT
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph { GREETINGS @join__graph(name: "greetings", url: "http://greetings.internal/") }
type Query @join__type(graph: GREETINGS) { hello: String }
`

// A router within a program, with a subgraph in the same process.
func Example() {
	greetings := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"data":{"hello":"world"}}`)
	})
	r, err := router.New(router.Config{
		Source:    router.Static(supergraph),
		Transport: func(string) http.RoundTripper { return router.InProcess(greetings) },
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	for r.Ready() != nil {
		<-time.After(time.Millisecond)
	}

	req := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(`{"query":"{ hello }"}`))
	req.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	answer, _ := io.ReadAll(w.Body)
	fmt.Println(string(answer))

	stop()
	fmt.Println(<-ended)
	// Output:
	// {"data":{"hello":"world"}}
	// <nil>
}
