// Package engine turns a supergraph into a planner and operations into plans.
//
// It is the only package that imports graphql-go-tools: what leaves it is an
// [execute.Plan], in which nothing of the library is left. The library plans;
// it neither validates what clients send (package operation) nor calls
// subgraphs nor resolves (package execute).
//
// Promises:
//
//  1. [New] refuses, by name, what the planner cannot do (@context); everything
//     else of a standard supergraph is derived, or an error says what is wrong.
//  2. A plan depends on the operation and the active override labels only.
//  3. Planning is bounded: a planner cannot be stopped, so at most
//     [Config.Concurrency] run at once, the queue is bounded, and who waits in
//     it leaves with their context.
//  4. A panic of the planner is an error of the one operation.
//
// The rules of the derivation are the comments of metadata.go. The router
// package calls this package. Tests derive every supergraph of the composition
// corpus, plan random operations on each, and compare plans as golden files.
package engine
