// Package pause has the waits between tries of something that may be away.
//
// Promises:
//
//  1. A wait ends with its context, at once, and says so.
//  2. A [Backoff] never gives up and never waits longer than Most. Each wait is
//     longer than the one before, up to that, and differs at random from those
//     of other processes by up to a half, so that they do not come all at once
//     to a server that is back.
//
// Called by what keeps something up for ever: the loop of the workers and the
// link to the broker. Who gives up after some tries does not need it. It
// imports nothing.
package pause
