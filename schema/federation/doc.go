// Package federation reads subgraphs: the SDL of each, what it links, which federation
// version it speaks, and whether it keeps the rules that can be checked without
// looking at other subgraphs.
//
// Promises:
//
//  1. ReadAll never panics and always ends; the parser bounds tokens and nesting.
//  2. Names are resolved by @link: a directive renamed by an import, or used under
//     its prefix, means the same as under its own name.
//  3. A federation 1 subgraph comes out as if it had been written for federation 2.
//  4. Every error has a code, a coordinate where there is one, and a position.
//  5. A Subgraph is not changed after ReadAll returns.
//
// Callers: compose, and nobody else. The normative sources are the federation
// specification pages and the public list of error codes; where they are silent,
// the observed behaviour of the reference composer decides, run as a black box.
//
// Tests: its own are about names, versions and positions; the data-driven cases of compose
// cover every code; FuzzReadAll looks for panics.
//
// The package does not merge, does not print and does not know what a supergraph
// looks like.
package federation
