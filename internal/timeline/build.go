package timeline

import (
	"slices"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
)

// Log is the head of one author's log as a build reads it. Where it is not
// complete it is not empty.
type Log struct {
	Author   social.UserID
	Entries  []social.LogEntry // newest first
	Complete bool              // there are no older ones
}

// Build merges the heads of author logs into a home timeline of at most
// cache.MinEntries, newest first, and returns its floor, above which it is
// complete: the largest id that was left out, or just below the end of a log
// that was cut, whichever is larger; 0 where all history is in. What the floor
// keeps from being served is not in it.
func Build(logs []Log) ([]cache.Entry, social.TweetID) {
	lists := make([][]cache.Entry, len(logs))
	var floor social.TweetID
	for i, l := range logs {
		lists[i] = FromLog(l.Author, l.Entries)
		if !l.Complete && len(l.Entries) > 0 {
			// What was not read is older than the last that was.
			floor = max(floor, l.Entries[len(l.Entries)-1].Tweet-1)
		}
	}
	merged := Merge(cache.MinEntries+1, lists...)
	if len(merged) > cache.MinEntries {
		floor = max(floor, merged[cache.MinEntries].Tweet)
	}
	end, _ := slices.BinarySearchFunc(merged, cache.Entry{Tweet: floor}, newestFirst)
	return merged[:end], floor
}
