// Package fetch calls subgraphs over HTTP, each client request in a session of its own.
//
// A [Client] knows how to reach each subgraph: addresses, transports, limits,
// which headers go along. A [Session] is one client request's view of it; it
// is what the executor calls.
//
// Promises:
//
//  1. Only the headers that the rules name leave the router, and the W3C trace
//     headers.
//  2. Every call has a deadline, and its answer a size limit.
//  3. Equal calls of queries share one answer when that is switched on: equal
//     means every byte of subgraph, forwarded headers and body. The shared
//     call belongs to no client; it ends when the last one that waits leaves.
//  4. Queries are retried when no answer came. Mutations are not: only where no
//     connection came about is another instance asked.
//  5. An instance that fails, or ends its connections since it is about to stop,
//     is left alone for a while, as long as there is another one.
//  6. What clients read about a failure names no address and no Go type.
//
// The router package makes clients and sessions, the execute package calls
// sessions. Tests run against httptest servers and synctest clocks.
package fetch
