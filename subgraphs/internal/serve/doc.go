// Package serve is what every subgraph shares at its edge: the HTTP handler
// around a gqlgen schema, who is asking, the error codes of the API, cursors
// and pages.
//
// Promises:
//
//  1. Every error that leaves a subgraph has a code of errors.go; one that is
//     not expected is INTERNAL, masked, and logged once, here.
//  2. The viewer in the context is verified; a request with a bad token is
//     refused as a whole and never served as one without a token.
//  3. A cursor is opaque, versioned and bound to its list; anything else is
//     BAD_USER_INPUT.
//
// Called by the five subgraphs; calls the nouns. Nothing here reads or writes
// data.
package serve
