// Package cachelocal is the cache seam inside one process: the embedded
// default, and the fake of every test that needs no Redis.
//
// Objects live in otter (W-TinyLFU, bounded by weight) with their fill tokens
// beside them; home timelines and pending overlays in sharded maps. A home
// timeline is a slice of 16-byte entries in order of arrival; readers are
// handed the slice itself, which appends never change below its length and
// trims replace. Nothing is written to disk, so a restart loses all of it and
// never a part.
//
// Tested by the suite cachetest.
package cachelocal
