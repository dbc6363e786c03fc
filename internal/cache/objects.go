package cache

import (
	"context"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

// Kind tells what an object is and which type its Value has.
type Kind uint8

// The kinds of objects. Rows and counts are versioned: they are put by those
// who changed them. Lists are not: they are deleted by those who changed them,
// and filled by those who read them.
const (
	// Rows. Version: {event of the last change, 0}.
	KindTweet    Kind = iota + 1 // ID tweet; *social.Tweet
	KindUser                     // ID user; *social.User; for its version see UserObject
	KindComment                  // ID comment; *social.Comment
	KindFollowee                 // ID follower, Sub followee; social.Last, zero where there is no row
	KindLiker                    // ID tweet, Sub user; social.Last, zero where there is no row

	// Counts. Version: {epoch, sequence} of the owner's stamp; int64.
	KindFolloweeCount // ID user
	KindFollowerCount // ID user
	KindLikerCount    // ID tweet

	// Lists. No version.
	KindCommentCount // ID tweet; int64, the sum over the partitions
	KindAuthorLog    // ID user; *AuthorLog
	KindFollowing    // ID user; Following
)

// Key names an object. Sub is zero where the kind does not use it.
type Key struct {
	Kind Kind
	ID   snowflake.ID
	Sub  snowflake.ID
}

// Version orders the states of one object, Major first.
type Version struct{ Major, Minor int64 }

// Newer tells whether a state under v replaces one under o.
func (v Version) Newer(o Version) bool {
	if v.Major != o.Major {
		return v.Major > o.Major
	}
	return v.Minor > o.Minor
}

// FillToken lets its holder fill what he missed: that key and no other. A
// token stays good when others miss the same key; the first of them fills it.
type FillToken uint64

// Object is what a key holds. Value must not be changed by anybody.
type Object struct {
	Key     Key
	Version Version
	Value   any
}

// Fill is what was read after a miss, with the token that was handed out.
type Fill struct {
	Object Object
	Token  FillToken
}

// Lookup is the answer for one key: the object, or on a miss the token to fill
// it with.
type Lookup struct {
	Found bool
	Value any
	Token FillToken // zero where filling makes no sense now
}

// Objects keeps copies of rows, counts and short lists.
type Objects interface {
	// Get returns an answer for each key, in their order.
	Get(ctx context.Context, keys []Key) ([]Lookup, error)
	// GetFresh is Get that no copy in this process may answer: what a build of
	// a home timeline reads must not be older than the last Delete anywhere.
	GetFresh(ctx context.Context, keys []Key) ([]Lookup, error)
	// PutIfNewer stores versioned objects, each only if it is newer than what
	// its key holds, and voids the fill tokens of their keys.
	PutIfNewer(ctx context.Context, objects ...Object) error
	// Fill stores what was read from the store after misses, each object if its
	// token is still good: younger than FillTTL and its key neither put, filled,
	// deleted nor flushed since. Tokens are judged one by one, and one that is no
	// longer good is not an error. What was read may be that there is nothing:
	// the zero Last of a relation.
	Fill(ctx context.Context, fills ...Fill) error
	// Delete forgets keys and voids their fill tokens.
	Delete(ctx context.Context, keys ...Key) error
}

// TweetObject returns a tweet as the cache holds it.
func TweetObject(t *social.Tweet) Object {
	return Object{Key: Key{Kind: KindTweet, ID: snowflake.ID(t.ID)}, Version: Version{Major: int64(t.Last.Event)}, Value: t}
}

// UserObject returns a profile as the cache holds it. Its fields change by
// themselves, so profiles are not ordered by their newest event alone: of two
// that share it, the one that also has the newer of the other events is newer.
// A profile that has everything another one has, and more, is always newer.
func UserObject(u *social.User) Object {
	return Object{
		Key:     Key{Kind: KindUser, ID: snowflake.ID(u.ID)},
		Version: Version{Major: int64(u.Version()), Minor: int64(min(u.NameEvent, u.BioEvent))},
		Value:   u,
	}
}

// CommentObject returns a comment as the cache holds it.
func CommentObject(c *social.Comment) Object {
	return Object{Key: Key{Kind: KindComment, ID: snowflake.ID(c.ID)}, Version: Version{Major: int64(c.Last.Event)}, Value: c}
}
