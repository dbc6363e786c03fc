// Package flight lets equal work that is wanted at the same time be done once.
//
// Promises:
//
//  1. Work belongs to none of those who wait for it: it keeps the values of the
//     first one's context, and neither its deadline nor its end.
//  2. Who waits may leave at any time, with the error of the own context. With
//     the last of them the work's context ends, and whoever comes then starts
//     anew.
//  3. Keys are compared in full: they are what clients chose, and no hash of it.
//  4. A panic is an error of that work, and everybody who waits hears of it.
//
// The router package plans with it and fetch shares calls; it calls nobody.
// Tests run in a bubble where time and goroutines are known.
//
// It keeps no results: caches are for that.
package flight
