package social

import (
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social/tweettext"
)

// Limits of the nouns. Text of tweets and comments is limited by its weighted
// length (package tweettext), handles and passwords by package account.
const (
	MaxFollowees      = 10_000 // accounts one user may follow
	MaxNameRunes      = 50     // code points of a display name
	MaxBioRunes       = 160    // code points of a profile's text
	MaxIdempotencyKey = 128    // bytes of a client's idempotency key
)

// State says what the last event of an object left behind.
type State uint8

// The states of a row. On is a live tweet or comment, a like or follow that
// stands; Off is one that was deleted or taken back.
const (
	Off State = 0
	On  State = 1
)

// Last is the newest event applied to an object and the state it left. Both
// are stored as one value, so that no merge of replicas can mix the event of
// one write with the state of another.
type Last struct {
	Event snowflake.ID
	State State
}

// Verdict is what an event means to an object that has seen Last.
type Verdict int

// The verdicts of [Last.Judge].
const (
	Newer Verdict = iota // apply it
	Same                 // applied before: count anew, and do again what follows from it
	Older                // something newer was applied: skip it, emit nothing
)

// Judge compares an event with what the object has seen. Full event ids are
// compared, never times, so equal milliseconds do not tie.
func (l Last) Judge(event snowflake.ID) Verdict {
	switch {
	case event > l.Event:
		return Newer
	case event == l.Event:
		return Same
	}
	return Older
}

// User is a profile. Name and Bio each carry the event that set them, so that
// updates which arrive out of order converge field by field.
type User struct {
	ID        UserID
	Handle    string // as the user wrote it; unique without case
	Name      string
	NameEvent snowflake.ID
	Bio       string
	BioEvent  snowflake.ID
}

// Version is the newest event that changed the profile.
func (u User) Version() snowflake.ID {
	return max(snowflake.ID(u.ID), u.NameEvent, u.BioEvent)
}

// Account is what a log-in needs, kept under the folded handle and written
// once, when the handle is claimed.
type Account struct {
	Handle       string // as the user wrote it
	User         UserID
	Name         string
	PasswordHash string // PHC string; never leaves the users subgraph
}

// Tweet is a post or, with ReplyTo, a reply. A deleted one keeps its author
// and loses its text.
type Tweet struct {
	ID       TweetID
	Author   UserID
	Text     string
	Entities tweettext.Entities
	ReplyTo  TweetID // the parent; zero for a post
	Root     TweetID // the post at the start of the conversation; the tweet itself for a post
	Last     Last
}

// Deleted tells whether the tweet was taken back.
func (t Tweet) Deleted() bool { return t.Last.State == Off }

// LogEntry is one tweet in its author's log.
type LogEntry struct {
	Tweet   TweetID
	ReplyTo TweetID
}

// Comment belongs to a tweet and stays there. A deleted one keeps its author
// and loses its text.
type Comment struct {
	ID     CommentID
	Tweet  TweetID
	Author UserID
	Text   string
	Last   Last
}

// Deleted tells whether the comment was taken back.
func (c Comment) Deleted() bool { return c.Last.State == Off }
