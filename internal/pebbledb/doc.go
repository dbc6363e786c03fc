// Package pebbledb opens the one embedded database of a Starling process. The
// store and the queue adapters keep their rows in it, each in a key space of
// its own, and share its log.
//
// Sharing the log is the point. A commit without sync returns at once, and the
// order of commits is the order of the log: a crash loses a suffix of it and
// nothing in between. So whoever writes what follows from a message after the
// message, and the acknowledgement last, needs no transaction over the two
// and no fsync of his own.
//
// Promises:
//
//  1. [DB.CommitNoSync] applies a batch whole; it is visible when the call
//     returns, and survives a crash unless everything committed after it is
//     lost with it.
//  2. [DB.Sync] returns nil when everything committed before the call survives
//     a crash. Concurrent callers share fsyncs, and each may give up by its
//     context without harm to the others.
//  3. A folder has one process ([ErrLocked]) and a format: data of a newer
//     release is refused ([ErrNewer]) before anything in it is touched.
//  4. A disk that fills up refuses, it does not hang: [DB.Room] says no below
//     [Config.MinFree] and on the first write that fails for want of space,
//     and yes again when there is room. The ballast file pays for what was
//     under way.
//  5. When the log itself fails, the database is over for this process: every
//     call returns [ErrFailed] and [DB.Run] ends with it. What was not synced
//     was answered to nobody.
//
// Callers: the pebble adapters of store and queue, and app, which runs [DB.Run]
// for as long as the database is open. Tested on real folders, and on a file
// system in memory whose unsynced writes can be lost and whose space can run
// out.
//
// It deliberately knows no table and no key but its prefixes, and offers no
// synced commit: one fsync for all who wait is the faster and the only way.
package pebbledb
