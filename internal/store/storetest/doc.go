// Package storetest is the conformance suite of the store seam: one subtest
// for each promise that the interface comments of package store make.
//
//	storetest.Run(t, open, storetest.WithCrash(crash), ...)
//
// What it assumes, so that it runs on any adapter:
//
//  1. open may return the same store every time, with the rows of earlier
//     tests and earlier runs in it. Every test makes ids, handles and shards of
//     its own and reads nothing else.
//  2. An owner that was superseded is fenced in one of two ways, and either is
//     right: everything it writes is refused (store.ErrStale), or its rows
//     still stand or fall by their events and only its counts are ignored. The
//     tests look at what is stored, not at the error.
//  3. Whatever needs more than the seam - a crash, a clock, a second process -
//     is a hook that the caller gives, or leaves out with a reason
//     ([Without]), which is logged.
//
// The suite is tested by a model of the seam in memory, in both ways of
// fencing, and by some eighty broken variants of that model, each of which has
// to fail the subtest named for it (faults_test.go). An adapter's author reads
// that list as the list of mistakes to expect.
//
// It measures nothing and knows no adapter.
package storetest
