// Package cli is the command line of the schema product: `starling schema compose`
// and `starling schema api`.
//
// compose reads a supergraph configuration in rover's format, fetches what it
// names (files, subgraphs by introspection, inline SDL), composes, and writes the
// supergraph. What is wrong goes to stderr the way a person reads it, with the
// line of the SDL and a caret; with --format json it goes to stdout for a program.
// api prints the schema that clients of a supergraph see.
//
// Promises:
//
//  1. Exit codes: 0 composed, 1 refused by the rules of composition, 2 wrong usage
//     or input that cannot be read.
//  2. stdout carries the result and nothing else.
//  3. An output file is replaced as a whole or not at all, and not touched when the
//     subgraphs do not compose.
//  4. Secrets from the environment appear in no message.
//
// Run takes everything it needs as arguments, so that tests run it in process;
// cmd/starling calls it. It uses compose and supergraph and imports nothing of
// router or social.
package cli
