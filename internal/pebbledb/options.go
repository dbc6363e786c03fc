package pebbledb

import (
	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// Sizes that bound the memory of the database: at rest one memtable and the
// cache, at worst memTableStop memtables, the cache and the compaction buffers.
const (
	memTableSize = 16 << 20
	memTableStop = 3
	targetL0     = 4 << 20
	maxOpenFiles = 400
)

// tune returns the options of the database. Unless said otherwise a choice
// keeps memory low: the whole process is to stay below 250 MB.
func tune(fs vfs.FS, cacheBytes int64) *pebble.Options {
	o := &pebble.Options{
		FS: fs,
		// The oldest format whose log tells a torn tail from a damaged middle.
		// Newer ones add nothing used here and shut out older releases.
		FormatMajorVersion: pebble.FormatWALSyncChunks,
		// Decoded objects are cached above; this holds index blocks and the warm
		// end of the lists. Memtables are taken out of it, so they come on top:
		// otherwise one of them would take it whole, and batched reads cost two
		// to five times as much (BenchmarkHomeScreen of store/pebble).
		CacheSize: cacheBytes + memTableStop*memTableSize,
		// Most messages are acknowledged before their memtable is full, so they
		// never reach a table. Sending 150,000 messages through cost 4.5 s of CPU
		// with 4 MiB, 3.2 s with 8 and 2.5 s with 16, for 8 and 16 MB more of
		// resident memory (BenchmarkThrough of queue/pebble).
		MemTableSize: memTableSize,
		// Stalls come late rather than early: with two memtables of slack a failing
		// flush is noticed (Room) before a commit would block.
		MemTableStopWritesThreshold: memTableStop,
		// Compact early: few tables in level 0 mean cheap iterators for the lists.
		L0CompactionThreshold: 2,
		L0StopWritesThreshold: 24,
		LBaseMaxBytes:         32 << 20,
		// Below the usual limit of 1,024 descriptors, with room for sockets.
		MaxOpenFiles: maxOpenFiles,
		// A range deletion (acknowledged messages) gives its space back only when
		// it is flushed; an idle system would sit on it.
		FlushDelayDeleteRange: flushDelay,
		// Smooths the writes of flushes, which share the disk with the log's fsync.
		BytesPerSync: 512 << 10,
		// A manifest is read whole at start.
		MaxManifestFileSize: 4 << 20,
		// One compaction at rest, two when behind: the machine has other work.
		CompactionConcurrencyRange: func() (int, int) { return 1, 2 },
	}
	o.TargetFileSizes[0] = targetL0
	// Claims and first writes ask for keys that are not there; a filter of 10
	// bits a key answers 99 % of them without touching a block. Deeper levels
	// inherit it.
	o.Levels[0].FilterPolicy = bloom.FilterPolicy(10)
	return o
}
