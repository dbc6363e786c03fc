// Package execute runs a query plan: it calls subgraphs, joins their answers
// and writes the response a client sees.
//
// The engine package plans; nothing of its library reaches this package. A
// [Plan] is a tree of fetches, a [Shape] is what the operation selects, and
// both come from outside: the plan says how to get the data, the shape alone
// says how the answer looks. The join is ours because the promises below
// cannot be kept from outside somebody else's loader.
//
// Promises:
//
//  1. The answer has the members, the order and the nulls that the GraphQL
//     specification asks for, whatever a subgraph sends. A value of the wrong
//     kind becomes an error and null, never a value.
//  2. Every error has the path of the position it is about, in the client's
//     own names and with list indices, and no two errors have the same path.
//  3. An entity asked for at many positions is sent once; its error is
//     reported at each of them.
//  4. An entity is asked for only with every key and required field it needs:
//     when one of them failed, the dependent fetch leaves that entity out.
//  5. Fetches of a mutation run in the order of the document.
//  6. Nothing here outlives the request: buffers go back to their pool, and
//     shared subgraph answers are read, never written.
//  7. A hole in the answer that no failure accounts for is told
//     ([Result.Incomplete]), so is an object that is null for a field of another
//     type ([Result.Hasty]): another plan may do better.
//
// The router package calls [Run]; calls to subgraphs go through [Fetcher].
// Tests drive whole plans through recorded subgraph answers, and the JSON
// reader is fuzzed against encoding/json.
//
// The package does not plan, authorize or retry.
package execute
