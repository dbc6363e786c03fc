package social

import "github.com/starlinghq/starling/internal/snowflake"

// How an event becomes the state of an object. The subgraph that accepted the
// event shows its author this state at once; the owner writes the same one.

// NewTweet returns the tweet that the event id brought into being.
func NewTweet(id snowflake.ID, b TweetPosted) *Tweet {
	root := b.Root
	if b.ReplyTo == 0 {
		root = TweetID(id)
	}
	return &Tweet{
		ID: TweetID(id), Author: b.Author, Text: b.Text, Entities: b.Entities,
		ReplyTo: b.ReplyTo, Root: root, Last: Last{Event: id, State: On},
	}
}

// Delete returns the tweet as the event leaves it: author and place in the
// conversation are kept, the text is not.
func (t Tweet) Delete(event snowflake.ID) *Tweet {
	return &Tweet{ID: t.ID, Author: t.Author, ReplyTo: t.ReplyTo, Root: t.Root, Last: Last{Event: event, State: Off}}
}

// NewComment returns the comment that the event id brought into being.
func NewComment(id snowflake.ID, b CommentPosted) *Comment {
	return &Comment{ID: CommentID(id), Tweet: b.Tweet, Author: b.Author, Text: b.Text, Last: Last{Event: id, State: On}}
}

// Delete returns the comment as the event leaves it: author and tweet are
// kept, the text is not.
func (c Comment) Delete(event snowflake.ID) *Comment {
	return &Comment{ID: c.ID, Tweet: c.Tweet, Author: c.Author, Last: Last{Event: event, State: Off}}
}

// NewUser returns the profile that the event id brought into being.
func NewUser(id snowflake.ID, b UserRegistered) *User {
	return &User{ID: b.User, Handle: b.Handle, Name: b.Name, NameEvent: id}
}

// Update returns the profile as the event leaves it: fields that a newer event
// set are kept.
func (u User) Update(event snowflake.ID, b UserUpdated) *User {
	if b.Name != nil && event > u.NameEvent {
		u.Name, u.NameEvent = *b.Name, event
	}
	if b.Bio != nil && event > u.BioEvent {
		u.Bio, u.BioEvent = *b.Bio, event
	}
	return &u
}
