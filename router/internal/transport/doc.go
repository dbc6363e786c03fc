// Package transport is GraphQL over HTTP: it reads requests from HTTP and
// writes answers to it, by the GraphQL over HTTP specification.
//
// Promises:
//
//  1. A POST needs a JSON content type and a body, a GET never carries a
//     mutation, and no simple request of a foreign page is served ([Guard]).
//  2. The media type of the answer is the one that the client prefers of
//     application/graphql-response+json and application/json; the first comes
//     with a status that tells success, the second with 200 whenever the
//     request was well formed.
//  3. Reading is bounded in size, packed and unpacked, in time, and in the memory
//     of all requests together, which follows what has come and not what is
//     announced. What is wrong with a request is said in the answer, in
//     GraphQL's own form; only what [Guard] refuses, which no page may read, is
//     plain text.
//
// The router package calls it; it calls nobody. It is tested case by case and
// by the audits of the npm package graphql-http.
//
// It does not know what a query is.
package transport
