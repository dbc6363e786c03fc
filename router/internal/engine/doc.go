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
//     it leaves with their context. So does an operation that is tried in
//     several ways, between two of them.
//  4. A panic of the planner is an error of the one operation.
//
// An operation is planned as it is, then in rewritings (fill.go, apart.go; what
// nobody can be asked is left out before, empty.go). One that goes on from
// objects ([At]) has what is there as a data source of its own (at.go, here.go),
// and gathers the objects' other keys where nothing else helps (gather.go);
// behind.go chooses the key to go on with. convert.go translates the library's
// plan: it divides fetches (split.go, without.go, upstream.go), refuses plans
// that forget something (answers.go) or wait for themselves (cycle.go), and tells
// the executor who is asked for what (answers.go) and what is asked before it is
// known to be wanted (hasty.go).
//
// The rules of the derivation are the comments of metadata.go. The router
// package calls this package. Tests derive every supergraph of the composition
// corpus, plan random operations on each, and compare plans as golden files.
package engine
