// Package router is a GraphQL federation router: it serves any standard
// supergraph over HTTP.
//
//	r, err := router.New(router.Config{Source: router.File("supergraph.graphqls")})
//	go r.Run(ctx)
//	http.ListenAndServe(addr, r)
//
// A [Router] is an [http.Handler] with /graphql, /live, /ready and a page to
// write queries at /. [New] checks its configuration and does no I/O;
// [Router.Run] loads the supergraph, serves until its context ends, and drains.
//
// Promises:
//
//  1. Every zero value of [Config] is a safe default, and is documented.
//  2. An answer is exact or says where it is not: each null that a fault
//     caused has an error with a path, a code of the closed list ([Codes]) and
//     the trace id.
//  3. What a client sends is bounded before it costs anything: bytes, its own
//     and those of all together, the time they take to come, tokens, depth,
//     aliases, fields, cost, the plannings that run at once, and the names that
//     metrics tell apart.
//  4. Nothing but the token and the trace headers reaches a subgraph unless a
//     rule says so, and nothing of an internal failure reaches a client.
//  5. No exported name mentions the planner's library or an internal type.
//
// The request goes through internal/transport (HTTP), internal/access (who
// asks), internal/operation (what is asked), internal/engine (the plan),
// internal/execute (run it) and internal/fetch (subgraphs); internal/flight does
// equal work once.
//
// Subscriptions, @defer, uploads, trusted documents and reloading are not here
// yet. The package knows nothing about what a supergraph is about.
package router
