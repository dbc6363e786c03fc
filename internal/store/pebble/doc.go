// Package storepebble keeps the truth of a Starling process in its one
// embedded database. It implements the whole store seam on package pebbledb;
// app opens it, and nobody else knows it.
//
// Promises beyond those of the seam:
//
//  1. Every write is one batch, committed without a sync: it is in the log
//     behind the event it came from, and a crash loses it only together with
//     everything that was acknowledged after it. Only [Store.Settle] waits for
//     the disk.
//  2. A write under a fence that is not the present one changes nothing at all
//     and returns store.ErrStale; no write under an old fence ends after the
//     take-over that made it old.
//  3. Reads of many keys cost about a microsecond each (bench_test.go) and see every
//     commit that returned. Lists see the moment at which they began.
//  4. Data of a newer format, or written for another number of shards, is
//     refused by [Open].
//  5. While the disk is nearly full, writes of owners and claims are refused
//     with store.ErrUnavailable, and so is Ping; reads, epochs, leases and
//     Settle go on.
//
// Keys are a table's number and the ids of the partition and the row, big
// endian, complemented where the newest comes first (keys.go); rows are a
// version and fields in a fixed order (codec.go, rows.go). Writers of one
// partition read, compare and write under one of 256 locks (locks.go).
//
// Tested by storetest, bare and traced, with crashes in between; by fuzzing of
// every row's decoder; measured by the benchmarks of bench_test.go.
//
// It deliberately has no cache of rows, which is the cache seam's business, and
// no partitions by month or quarter: Pebble needs none.
package storepebble
