// Package invariant is for what cannot happen: states that only a bug can bring about.
//
// It promises:
//
//  1. In a test binary a broken invariant panics, so that no test passes over it.
//  2. In production it is logged as an error and counted, and the program goes on: the caller still has to leave in a way
//     that does no harm, which is usually to return an error.
//
// Everybody may call it, from nouns to edges; it imports the standard library only. [Count] is what telemetry exports: a
// number above zero wakes somebody up.
//
// It is not for bad input, for what a server or a disk may answer, or for anything that a test brings about on purpose.
package invariant
