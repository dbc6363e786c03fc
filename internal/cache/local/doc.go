// Package cachelocal is the cache seam inside one process: the embedded
// default, and the fake of every test that needs no Redis.
//
// Objects live in otter (W-TinyLFU, bounded by weight) with their fill tokens
// beside them; home timelines and pending overlays in sharded maps. A home
// timeline is a slice of 16-byte entries in order of arrival; readers are
// handed the slice itself, which appends never change below its length and
// trims replace. Overlays are handed out the same way.
//
// Every part is bounded in bytes ([Config]). Beyond that go the objects asked
// for least, the home timelines not asked for the longest, the overlays that
// were not written to the longest. Nothing is written to disk, so a restart
// loses all of it and never a part. No goroutine runs.
//
// Tested by the suite cachetest; measured by benchmarks of a delivery, of a
// home screen's lookup, and of the memory that each part takes when full.
package cachelocal
