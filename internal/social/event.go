package social

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social/tweettext"
)

// Family groups the events that one kind of owner applies; each family has
// queues, owner epochs and tables of its own.
type Family string

// The families. The two of the feed carry fan-out commands, which need no
// order: its lanes.
const (
	FamilyTweets     Family = "tweets"
	FamilyUsers      Family = "users"
	FamilyFollowers  Family = "followers"
	FamilyEngagement Family = "engagement"
	FamilyFeed       Family = "feed"      // the fast lane: the first page of every tweet
	FamilyFeedBulk   Family = "feed-bulk" // the pages after it
)

// Families lists all of them.
func Families() []Family { return append(OwnedFamilies(), Lanes()...) }

// Lanes lists the families of fan-out. A small author's followers are one page,
// which never waits behind the many pages of a celebrity: those are in another
// queue and have other workers. A celebrity's own first page costs what a small
// author's does, so it needs no rule of its own.
func Lanes() []Family { return []Family{FamilyFeed, FamilyFeedBulk} }

// OwnedFamilies lists the families whose events are applied in order of key by
// one owner a shard.
func OwnedFamilies() []Family {
	return []Family{FamilyTweets, FamilyUsers, FamilyFollowers, FamilyEngagement}
}

// EventType names a kind of event on the wire.
type EventType string

// The types of events. The first nine are made by mutations; follower.* and
// feed.fanout are derived by owners and keep the id of their origin.
const (
	TypeTweetPosted    EventType = "tweet.posted"
	TypeTweetDeleted   EventType = "tweet.deleted"
	TypeUserRegistered EventType = "user.registered"
	TypeUserUpdated    EventType = "user.updated"
	TypeFollowSet      EventType = "follow.set"
	TypeFollowUnset    EventType = "follow.unset"
	TypeFollowerSet    EventType = "follower.set"
	TypeFollowerUnset  EventType = "follower.unset"
	TypeLikeSet        EventType = "like.set"
	TypeLikeUnset      EventType = "like.unset"
	TypeCommentPosted  EventType = "comment.posted"
	TypeCommentDeleted EventType = "comment.deleted"
	TypeFanout         EventType = "feed.fanout"
)

// ErrUnknownEvent is returned for an event of a type or version that this
// release cannot read. It must be parked, not dropped.
var ErrUnknownEvent = errors.New("unknown event")

// eventVersion is the version of every body below. It rises when a body
// changes in a way that an older reader would misread.
const eventVersion = 1

// Event is one thing that happened. ID orders the events of one object and is
// the write timestamp of everything the event leads to; a derived event keeps
// the ID of its origin.
type Event struct {
	ID   snowflake.ID
	Body Body
}

// MessageID identifies the event to the queue: origin id and type, and for a
// fan-out command the page.
func (e Event) MessageID() string {
	id := e.ID.String() + ":" + string(e.Body.Type())
	if f, ok := e.Body.(Fanout); ok && f.After != 0 {
		return id + ":" + f.After.String()
	}
	return id
}

// Body is what an event says. Key is the id whose owner applies it: events
// with one key are applied in the order of publication. Zero means no order.
type Body interface {
	Type() EventType
	Family() Family
	Key() snowflake.ID
}

// TweetPosted says that the author posted a tweet. The tweet's id is the event's.
type TweetPosted struct {
	Author   UserID             `json:"author"`
	Text     string             `json:"text"`
	Entities tweettext.Entities `json:"entities"`
	ReplyTo  TweetID            `json:"replyTo,omitempty"`
	Root     TweetID            `json:"root,omitempty"`
}

// TweetDeleted says that the author took a tweet back.
type TweetDeleted struct {
	Tweet  TweetID `json:"tweet"`
	Author UserID  `json:"author"`
}

// UserRegistered says that an account exists. Repeating it changes nothing.
type UserRegistered struct {
	User   UserID `json:"user"`
	Handle string `json:"handle"`
	Name   string `json:"name"`
}

// UserUpdated changes the fields of a profile that are not nil.
type UserUpdated struct {
	User UserID  `json:"user"`
	Name *string `json:"name,omitempty"`
	Bio  *string `json:"bio,omitempty"`
}

// Follow says that Follower began (On) or ceased (Off) to follow Followee.
type Follow struct {
	Follower UserID `json:"follower"`
	Followee UserID `json:"followee"`
	State    State  `json:"-"`
}

// FollowerChanged is the other direction of a [Follow], derived by the owner
// of the follower for the owner of the followee.
type FollowerChanged struct {
	Follower UserID       `json:"follower"`
	Followee UserID       `json:"followee"`
	Since    snowflake.ID `json:"since"` // the event that began the present state
	State    State        `json:"-"`
}

// Like says that User likes (On) or no longer likes (Off) Tweet.
type Like struct {
	User  UserID  `json:"user"`
	Tweet TweetID `json:"tweet"`
	State State   `json:"-"`
}

// CommentPosted says that Author commented on Tweet. The comment's id is the event's.
type CommentPosted struct {
	Tweet  TweetID `json:"tweet"`
	Author UserID  `json:"author"`
	Text   string  `json:"text"`
}

// CommentDeleted says that Author took a comment back.
type CommentDeleted struct {
	Comment CommentID `json:"comment"`
	Tweet   TweetID   `json:"tweet"`
	Author  UserID    `json:"author"`
}

// Fanout asks for delivery of a tweet to one page of its author's followers:
// those with ids above After. The worker that delivers a full page asks for
// the next one.
type Fanout struct {
	Tweet  TweetID `json:"tweet"`
	Author UserID  `json:"author"`
	After  UserID  `json:"after,omitempty"`
}

func onOff(s State, on, off EventType) EventType {
	if s == On {
		return on
	}
	return off
}

// Type implements [Body].
func (TweetPosted) Type() EventType       { return TypeTweetPosted }
func (TweetDeleted) Type() EventType      { return TypeTweetDeleted }
func (UserRegistered) Type() EventType    { return TypeUserRegistered }
func (UserUpdated) Type() EventType       { return TypeUserUpdated }
func (f Follow) Type() EventType          { return onOff(f.State, TypeFollowSet, TypeFollowUnset) }
func (f FollowerChanged) Type() EventType { return onOff(f.State, TypeFollowerSet, TypeFollowerUnset) }
func (l Like) Type() EventType            { return onOff(l.State, TypeLikeSet, TypeLikeUnset) }
func (CommentPosted) Type() EventType     { return TypeCommentPosted }
func (CommentDeleted) Type() EventType    { return TypeCommentDeleted }
func (Fanout) Type() EventType            { return TypeFanout }

// Family implements [Body].
func (TweetPosted) Family() Family     { return FamilyTweets }
func (TweetDeleted) Family() Family    { return FamilyTweets }
func (UserRegistered) Family() Family  { return FamilyUsers }
func (UserUpdated) Family() Family     { return FamilyUsers }
func (Follow) Family() Family          { return FamilyUsers }
func (FollowerChanged) Family() Family { return FamilyFollowers }
func (Like) Family() Family            { return FamilyEngagement }
func (CommentPosted) Family() Family   { return FamilyEngagement }
func (CommentDeleted) Family() Family  { return FamilyEngagement }

// Family implements [Body].
func (f Fanout) Family() Family {
	if f.After != 0 {
		return FamilyFeedBulk
	}
	return FamilyFeed
}

// Key implements [Body].
func (b TweetPosted) Key() snowflake.ID     { return snowflake.ID(b.Author) }
func (b TweetDeleted) Key() snowflake.ID    { return snowflake.ID(b.Author) }
func (b UserRegistered) Key() snowflake.ID  { return snowflake.ID(b.User) }
func (b UserUpdated) Key() snowflake.ID     { return snowflake.ID(b.User) }
func (b Follow) Key() snowflake.ID          { return snowflake.ID(b.Follower) }
func (b FollowerChanged) Key() snowflake.ID { return snowflake.ID(b.Followee) }
func (b Like) Key() snowflake.ID            { return snowflake.ID(b.Tweet) }
func (b CommentPosted) Key() snowflake.ID   { return snowflake.ID(b.Tweet) }
func (b CommentDeleted) Key() snowflake.ID  { return snowflake.ID(b.Tweet) }
func (Fanout) Key() snowflake.ID            { return 0 }

// envelope is the JSON form of an event. The type stands beside it, in the
// message's attributes, and is repeated here so that the bytes kept under an
// idempotency key are complete.
type envelope struct {
	Version int             `json:"v"`
	ID      snowflake.ID    `json:"id"`
	Type    EventType       `json:"type"`
	Data    json.RawMessage `json:"data"`
}

// Encode returns the bytes of an event. It fails only for a body that JSON
// cannot hold, which no body of this package is.
func Encode(e Event) ([]byte, error) {
	data, err := json.Marshal(e.Body)
	if err != nil {
		return nil, fmt.Errorf("social: encode %s: %w", e.Body.Type(), err)
	}
	return json.Marshal(envelope{Version: eventVersion, ID: e.ID, Type: e.Body.Type(), Data: data})
}

// Decode reads what [Encode] wrote, by this release or another. The error
// wraps [ErrUnknownEvent] where a newer release is needed to read it.
func Decode(b []byte) (Event, error) {
	var env envelope
	if err := json.Unmarshal(b, &env); err != nil {
		return Event{}, fmt.Errorf("social: decode event: %w", err)
	}
	if env.Version != eventVersion {
		return Event{}, fmt.Errorf("social: %w: %s version %d", ErrUnknownEvent, env.Type, env.Version)
	}
	if env.ID <= 0 {
		return Event{}, fmt.Errorf("social: decode %s: event id %d is not positive", env.Type, env.ID)
	}
	body, err := decodeBody(env.Type, env.Data)
	if err != nil {
		return Event{}, err
	}
	return Event{ID: env.ID, Body: body}, nil
}

func decodeBody(t EventType, data []byte) (Body, error) {
	switch t {
	case TypeTweetPosted:
		return into[TweetPosted](t, data)
	case TypeTweetDeleted:
		return into[TweetDeleted](t, data)
	case TypeUserRegistered:
		return into[UserRegistered](t, data)
	case TypeUserUpdated:
		return into[UserUpdated](t, data)
	case TypeFollowSet, TypeFollowUnset:
		b, err := into[Follow](t, data)
		b.State = stateOf(t == TypeFollowSet)
		return b, err
	case TypeFollowerSet, TypeFollowerUnset:
		b, err := into[FollowerChanged](t, data)
		b.State = stateOf(t == TypeFollowerSet)
		return b, err
	case TypeLikeSet, TypeLikeUnset:
		b, err := into[Like](t, data)
		b.State = stateOf(t == TypeLikeSet)
		return b, err
	case TypeCommentPosted:
		return into[CommentPosted](t, data)
	case TypeCommentDeleted:
		return into[CommentDeleted](t, data)
	case TypeFanout:
		return into[Fanout](t, data)
	}
	return nil, fmt.Errorf("social: %w: type %.60q", ErrUnknownEvent, t)
}

func stateOf(on bool) State {
	if on {
		return On
	}
	return Off
}

func into[B Body](t EventType, data []byte) (B, error) {
	var b B
	if err := json.Unmarshal(data, &b); err != nil {
		return b, fmt.Errorf("social: decode %s: %w", t, err)
	}
	return b, nil
}
