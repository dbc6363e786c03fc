// Package store is the seam to the truth: the tables in which everything that
// was accepted ends up. It holds the contracts and the [Traced] decorator;
// adapters live in folders named for their technology.
//
// Writes come from owner workers only. Each table is written by one family of
// owners, one owner a shard, and every write carries the owner's [Fence].
// Reads come from subgraphs and workers, of any table. Three things are
// claimed by whoever comes first, because the caller needs the verdict: a
// handle, an idempotency key, and ownership itself (epochs, node numbers).
//
// Promises of every adapter:
//
//  1. Every write is an upsert that may be repeated: twice is once. Rows carry
//     the event that made them, and of two writes of one row the one with the
//     larger event id stands, in whichever order they arrive.
//  2. A [Count] and the row it counts are written together or not at all, and
//     of two counts the one with the larger [Stamp] stands: an owner that was
//     superseded cannot change a count.
//  3. A claim has one winner, for ever (handles) or for 30 days (keys).
//  4. A read sees every write that returned nil, in any process.
//  5. What the caller may do next is told by the error: [ErrUnavailable] means
//     try again later, [MaybeApplied] whether the write may have happened.
//
// A write returns nil when it is as safe as its origin: a real engine has it
// on a quorum; the embedded one has it in the log behind the event it came
// from, so that a crash loses it only together with the acknowledgement of
// that event. [Claims.Settle] waits for the fsync where an answer rests on a
// claim alone.
//
// The conformance suite is storetest; it runs on every adapter, bare and
// traced. Home timelines are no truth and live in the cache seam.
package store
