// Package read is how every subgraph reads: from the cache, on a miss from the
// store, and back into the cache; with the viewer's own last writes laid over.
//
// Its heart is one table (sources.go) that says, for each kind of object, how
// the store is asked for many of them at once. Whatever a page needs is
// therefore one call to the cache and at most one to the store for each kind
// that was missed.
//
// Promises:
//
//  1. The cache being away costs time, never an answer; the store being away
//     is an error only for what the cache does not hold.
//  2. A write that the viewer was told of is in his next read while the cache
//     is up: his overlay counts wherever the row does not have it yet.
//  3. An id younger than a minute that nobody knows yet is waited for a moment
//     ([Reader.Tweet] and its like), then [ErrNotYet]; never reported as absent.
//
// Called by the resolvers of all subgraphs; calls the seams store and cache.
// It never writes anything but fills.
package read
