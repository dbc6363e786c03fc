// Package cachetest is the conformance suite of the cache seam: one subtest for
// each promise that the interface comments of package cache make.
//
//	cachetest.Run(t, func(t testing.TB) cachetest.Harness { ... })
//
// What it assumes, so that it runs on any adapter:
//
//  1. The cache may hold anything from earlier cases and runs; every case makes
//     ids of its own. Some cases flush, so nobody else may use it meanwhile.
//  2. A second process ([Harness].Peer) sees what this one did once the call
//     has returned, except where Get may answer from a copy.
//  3. Whatever needs more than the seam, a clock or an outage, is a hook of the
//     harness, or left out with a reason.
//
// Its last case is the invariant that all promises about home timelines are
// for: through random histories, home timeline and author logs together are
// the pull merge.
//
// The broken implementations that it catches, each by the cases named beside it
// in faults_*_test.go, are the mistakes for an adapter's author to expect:
//
//   - objects: the last put wins; compare and store are two steps; equal versions
//     replace; versions compared as floats, or minor first; kind or sub left
//     out of the key; answers out of order; part of a list deleted; a copy
//     answers GetFresh, or for ever; a field is lost in encoding
//   - fills: without a token; after a put, delete, flush, or the token's time; twice;
//     by another key's token; voided by a mere miss; the token handed out for
//     what was put a moment before; absence not kept; no version kept
//   - overlays: by arrival; LastEvent by arrival; kinds, parents or viewers mixed
//     up; no bound; no end; changed under its reader; a copy answers; lost
//     updates; missing beside the home timeline
//   - home timelines: an append creates; only the first viewer served or dropped;
//     doubles cancel; a trim forgets the floor, lowers it, or takes the wrong
//     id; no trim; one buffer for all readers; no end; a copy answers
//   - builds: what is begun is served, or hidden; a put loses what was appended,
//     needs no token, spends it when refused, or works twice; a drop or a trim
//     spares what is being built; the first of two builders puts; begin leaves
//     what is there
//   - losses: objects, home timelines or overlays survive; tokens are given out again
package cachetest
