// Package cache is the seam to what may vanish at any moment: home timelines,
// copies of rows, and each viewer's own last writes. It holds the contracts and
// the [Traced] decorator; adapters live in folders named for their technology.
//
// Owners put what they applied; subgraphs read, fill on a miss, and put what
// they have just accepted so that it can be read back; fan-out appends to home
// timelines. Losing all of it costs time, never truth: everything can be read
// again from the store.
//
// Promises of every adapter:
//
//  1. A versioned object is replaced only by a newer one, whatever the order of
//     arrival ([Objects.PutIfNewer]).
//  2. A fill stores what was read after the miss only if nothing was put,
//     deleted or flushed under that key in between ([Objects.Fill]), so a slow
//     reader cannot bring back the past.
//  3. A home timeline holds every tweet appended since it was begun, above its
//     floor ([Timelines]). Fan-out never creates one.
//  4. The cache is lost as a whole or not at all: never does a part of it
//     return older than the rest.
//  5. Nothing lives for ever: objects at most [ObjectTTL], the overlay
//     [PendingTTL], home timelines [TimelineTTL]. Where room ends, objects, home
//     timelines and overlays go earlier, each of them whole: those that are
//     missed the least.
//
// An adapter that cannot answer returns [ErrUnavailable]; callers go on from
// the store. The conformance suite is cachetest; it runs on every adapter,
// bare and traced.
package cache
