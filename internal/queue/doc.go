// Package queue is the seam between a mutation's answer and the work that
// follows: durable queues, one for each shard of each family, with
// confirmation, redelivery, a retry ladder and a parking place. It holds the
// contracts, the sharding function and the [Traced] decorator; adapters live
// in folders named for their technology.
//
// A subgraph publishes one event and answers when it is confirmed: that is the
// commit. A worker subscribes to a shard, applies what it is handed, relays
// what follows from it, and acknowledges. Nothing flows back.
//
// Promises of every adapter:
//
//  1. A message whose Publish returned nil is delivered until it is
//     acknowledged, over crashes of any process, the broker's included.
//  2. One queue has one active consumer, and messages arrive in the order in
//     which their publications were confirmed. Messages of one key go to one
//     queue ([ShardOf]). What a subscription leaves unacknowledged is delivered
//     again, first and in order, to whoever is active next.
//  3. Acknowledgement is a prefix: AckThrough(d) covers d and all before it on
//     the same subscription, and never a message of another one.
//  4. A message on the ladder comes back to its own queue after its delay; a
//     parked one stays until it is replayed or dropped by hand. Neither is lost
//     between the two places: it may be doubled, which owners do not mind.
//  5. Publishers are never buffered without bound. [ErrOverloaded] means surely
//     not accepted; after any other error the message may be delivered all the
//     same ([MaybePublished]).
//
// The conformance suite is queuetest; it runs on every adapter, bare and traced.
package queue
