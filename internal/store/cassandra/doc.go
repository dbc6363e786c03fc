// Package storecassandra keeps the truth of many Starling processes in
// Cassandra. It implements the whole store seam on the driver of Apache; app
// opens it, and nobody else knows it.
//
// Promises beyond those of the seam:
//
//  1. Reads and writes are at LOCAL_QUORUM, so that every read sees every write
//     that returned nil, in any process; claims, epochs and leases are decided
//     by lightweight transactions and, where an answer got lost, by a SERIAL
//     read, so that "unsure" is what is left when that fails too.
//  2. The write timestamp of a row is the id of its event, and event and state
//     are one cell: of two writes the one with the larger event id stands, whole,
//     whatever the order in which they come. Counts carry a timestamp made of (epoch, sequence) and
//     are one cell too, written with their row in one batch of one partition.
//  3. A superseded owner is not refused. Its rows stand or fall by their
//     events, its counts lose against every count of a later epoch. What keeps
//     count and set equal is the contract of [store.Relations]: an event found
//     applied is counted anew.
//  4. Nothing that is not idempotent is sent twice. What is, is sent again with
//     an own back-off while the call has time: the driver does not wait.
//  5. [Open] refuses an older schema and another number of shards by name;
//     [Migrate] makes and changes tables, only ever adding.
//  6. A session whose hosts look down for long is replaced by a new one.
//
// Tables and why they are as they are: docs on the data model, and schema.go.
// Lists that grow for ever are in partitions of a month or a quarter; the table
// buckets of a keyspace says which there are (bucket.go).
//
// Tested by storetest on a real node, bare and traced; by killing a node under
// writes (kill_test.go); by migrations of schemas made for it. Measured by the
// benchmarks of bench_test.go.
//
// It deliberately has no cache of rows, no counters, no secondary index, no
// deletes, and no paging by the driver's page state across calls.
package storecassandra
