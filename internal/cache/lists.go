package cache

import (
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

// LogSize is how many of an author's newest tweets an [AuthorLog] holds.
const LogSize = 200

// AuthorLog is the head of an author's log, newest first. Complete says that
// the log holds no more than this.
type AuthorLog struct {
	Entries  []social.LogEntry
	Complete bool
}

// Following is everybody a user follows, in order of id.
type Following []social.UserID

// WriteKind tells what a viewer changed.
type WriteKind uint8

// The kinds of writes an overlay holds.
const (
	WroteTweet   WriteKind = iota + 1 // Object tweet, Parent the tweet replied to
	WroteLike                         // Object tweet
	WroteComment                      // Object comment, Parent its tweet
	WroteFollow                       // Object user
)

// Write is the last thing a viewer did to one object.
type Write struct {
	Kind   WriteKind
	Object snowflake.ID
	Parent snowflake.ID
	Last   social.Last
}

// Overlay is what a viewer did lately. A write counts only while it is newer
// than the row it is about; being in both places is harmless.
type Overlay struct {
	LastEvent snowflake.ID // the viewer's newest event; parent of his next one
	Writes    []Write
}

// Of returns the last write of one object, if there is one.
func (o Overlay) Of(k WriteKind, object snowflake.ID) (social.Last, bool) {
	for _, w := range o.Writes {
		if w.Kind == k && w.Object == object {
			return w.Last, true
		}
	}
	return social.Last{}, false
}
