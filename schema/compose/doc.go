// Package compose turns subgraph SDLs into a supergraph.
//
// Compose runs in stages and stops after the first one that has errors: reading
// and the rules of single subgraphs (package federation), links across subgraphs,
// merge, what subgraphs owe each other in the merged types, GraphQL's rules for the
// merged schema, @inaccessible, satisfiability (package satisfy). Within a stage
// all errors are collected.
//
// Promises:
//
//  1. Pure and deterministic: the same subgraphs in any order give the same bytes.
//  2. Safe for concurrent use; no globals, no goroutine outlives the call; inputs
//     are neither kept nor changed.
//  3. No panic and no endless run on any input; the context is checked in every
//     stage and satisfiability has a budget.
//  4. Every error and hint has a stable code, a coordinate where there is one, a
//     position in each subgraph involved, and a sentence that says what to do.
//  5. What it accepts becomes a standard supergraph of the join specification.
//
// Callers: the registry, schema/cli, and make run. It is the only importer of
// federation and satisfy.
//
// Tests: testdata (data-driven, one file a topic) covers every code, hint and
// directive; TestCorpus compares with recorded verdicts of the reference composer
// where ../shared is there and prints the table; FuzzCompose looks for panics.
//
// It does not read files, fetch SDL or log; see schema/cli.
package compose
