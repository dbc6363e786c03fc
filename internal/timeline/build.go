package timeline

import (
	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
)

// Log is the head of one author's log as a build reads it.
type Log struct {
	Author   social.UserID
	Entries  []social.LogEntry // newest first
	Complete bool              // there are no older ones
}

// Build merges the heads of author logs into the newest entries of a home
// timeline, and returns the floor above which they are complete: below the
// largest id that was left out, and below the end of every log that was cut.
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
		merged = merged[:cache.MinEntries]
	}
	return merged, floor
}
