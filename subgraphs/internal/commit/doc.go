// Package commit is where a mutation becomes an event. Every mutation of every
// subgraph goes through [Committer.Commit]: admission, an id that lies after
// everything it follows from, the claim of its idempotency key, one publish,
// and the cache entries by which its author reads it back.
//
// Promises:
//
//  1. Commit returns an event only after the queue has confirmed it. There is
//     no other write to wait for and none to be left half done.
//  2. The same actor, key and input give the same event for 30 days, over
//     retries, restarts and two processes at once; the same key with another
//     input is [ErrKeyReused].
//  3. [ErrOverloaded] means surely not accepted; [ErrUnsure] that the event may
//     be applied, and that a retry with the same key is safe.
//
// Called by the mutation resolvers; calls the seams queue, store (claims only)
// and cache. What follows the event is the workers' business.
package commit
