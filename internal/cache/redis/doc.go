// Package cacheredis is the cache seam on Redis 7, shared by all processes of a
// system. Each promise that needs two steps is one script, so that it holds
// whoever else is writing.
//
// There are two clients. Objects go through one that tracks what it read
// (RESP3 client-side caching, bounded memory): author logs, tweets, profiles
// and counts are read far more often than written, and a hit costs no round
// trip. Home timelines, overlays and single rows go through one that does not:
// under fan-out they change faster than they are read.
//
// Promises beyond those of the seam:
//
//  1. What a process put or deleted it does not read the old state of
//     afterwards: the tracking client has one connection, and a put returns
//     only when the invalidations before it have been read.
//  2. Every call has a deadline; while Redis is away it is
//     cache.ErrUnavailable, soon.
//  3. Redis runs without persistence. One that comes back with data of an
//     earlier life is flushed before it is used (life.go).
//
// Keys are short and carry a hash tag, so that a script's keys share a slot:
// {fNNN}:h:<viewer> home timeline, {fNNN}:p:<viewer> overlay, o:{kind:id:sub}
// object and t:{kind:id:sub} its fill token.
package cacheredis
