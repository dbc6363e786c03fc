// Package workers is the consume loop that every worker shares: it takes the
// messages of a family's queues, keeps their order, and hands them to a
// [Handler]. The handlers are the packages beside it: the owners tweets, users
// and engagement, and fanout.
//
// Promises:
//
//  1. Events of one key are applied one after another, in the order in which
//     they were published; events of different keys beside each other.
//  2. A message is acknowledged only when it was applied and everything that
//     follows from it is confirmed, or when it is safe on the retry ladder or
//     in the parking.
//  3. An owner applies nothing before it has taken the epoch of its shard, and
//     nothing that it was handed under an earlier subscription.
//  4. A store, cache or broker that is away stops the loop and costs no
//     message an attempt; a handler that fails or panics is counted, retried
//     later, and parked in the end, and never holds up other keys.
//  5. Processes that consume the same family divide its shards by their seats
//     (seat.go), whoever starts first, and stand by for each other. Who changes
//     places finishes and acknowledges what he has in hand.
//
// Called by internal/app; calls the seams queue and store. Tested with the
// embedded adapters, whole histories and planted faults.
package workers
