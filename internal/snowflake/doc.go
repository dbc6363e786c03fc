// Package snowflake makes the ids of everything that Starling stores: 64 bits that sort by time, unique over all
// processes without asking anybody, and ordered by cause even when the clocks of two machines differ.
//
// It promises:
//
//  1. No id is made twice, whatever clocks, pauses and crashes do. The number of a node is leased, and a lease names the
//     last millisecond its holder may mint; whoever holds the number next begins above it. Nothing rests on a process
//     noticing in time that its lease has passed.
//  2. In one process ids strictly rise, over a change of node number too.
//  3. An id is at least one millisecond past every parent given to [Generator.Mint], whichever machine made the parent (a
//     hybrid logical clock: Kulkarni, Demirbas and others, 2014).
//  4. The clock is bounded: it is never more than [MaxAhead] ahead of the wall clock. A parent beyond it is answered with
//     [ErrClockAhead] and moves nothing, so one forged id cannot drag everybody into the future.
//  5. A process that starts again goes on at once where its reservation is at most [MaxStep] ahead, and waits otherwise.
//
// Callers are the mutations of the subgraphs (mint) and everybody who reads a time from an id. The
// caller gives as parents only ids that it found in cache or store. The package calls [Leases], which the store seam
// implements.
//
// Tests: a model with several generators over one lease table, with skewed clocks, crashes and pauses in the middle of a
// call; a control generator that ignores its lease must be caught by the same model. Parse is fuzzed.
//
// It does not compare ids of the same millisecond from two machines by cause (causes are a millisecond apart), does not
// give a lease back (it passes within a second), and knows nothing about what an id names.
package snowflake
