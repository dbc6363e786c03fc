// Package queuepebble is the queue seam on the embedded database: durable
// queues, a retry ladder and a parking place in one key space, with one log.
//
// How the promises of package queue are kept:
//
//  1. Publish takes its sequence numbers and commits its batch without sync
//     under the lock of its queues, so that order of numbers, of visibility and
//     of the log are one; it waits for the shared fsync outside. A message is
//     handed out only when that fsync is done: what a consumer sees was never
//     lost, and no publisher is told of a failure for a message that somebody
//     has seen. Only he who gave up waiting may be told nothing for certain.
//  2. Relay, Retry, Park and AckThrough are committed without sync, in the order
//     of the calls. What they rest on is ahead of them in the log and the
//     acknowledgement is behind them, so every crash leaves a legal state: the message still queued, or gone with everything that followed
//     from it kept. Replay and Drop answer to people and wait for the fsync.
//  3. A queue is a run of sequence numbers: the frontier (the last one
//     acknowledged), the cursor (the next to hand out) and the tail. Only the
//     frontier is stored. After a restart everything above it comes again.
//  4. An acknowledged message is deleted, each by a SingleDelete: a message is
//     written once, so the pair vanishes in the next flush and most never reach
//     a table. Range deletions were the other way; they slow down every later
//     read of the memtable.
//  5. Publish and Admit refuse when the family is deeper than its limit or the
//     disk is nearly full ([pebbledb.DB.Room]); below that Next waits too, so
//     that owners pause. Relay is never refused.
//
// Workers subscribe, app runs [Queue.Run] (the ladder's timer) and asks
// [Queue.Backlog] for readiness. Tested by queuetest and, on a file system in
// memory, by a crash at every prefix of the log.
//
// It serves one process: an older subscription that it waits for is always one
// of this process, because the folder is locked.
package queuepebble
