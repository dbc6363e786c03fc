// Package standin is four subgraphs that answer from memory, for measuring the
// gateway in front of them: accounts, inventory, products and reviews, a shape
// that public comparisons of gateways use, with data of its own.
//
// Promises:
//
//  1. An answer costs a look into a map: each request body is executed once and
//     its answer kept, up to a bound.
//  2. A gateway that asks for what it should not is found out: a field that a
//     subgraph does not own, a representation without its key or without a
//     required field and a request without the client's token are answered
//     with an error.
//  3. Requests are counted, and those without a token too.
//
// [Serve] runs in a process of its own, so that its CPU is not the gateway's;
// the gateway package starts and asks it. Tests run the bench's operation parts
// against each subgraph.
//
// It has no schema at run time: operations are not validated, only executed.
package standin
