package social

import (
	"errors"
	"fmt"

	"github.com/starlinghq/starling/internal/snowflake"
)

// Identifiers of the nouns. Each is the snowflake of the event that made the
// object, so it sorts by time of birth; zero means none.
type (
	UserID    snowflake.ID
	TweetID   snowflake.ID
	CommentID snowflake.ID
)

// ErrBadID is returned for a text that is no global id of the kind asked for.
var ErrBadID = errors.New("not a valid id")

// Kind is the first letter of a global id.
type Kind byte

// The kinds of objects that have global ids.
const (
	KindUser    Kind = 'u'
	KindTweet   Kind = 't'
	KindComment Kind = 'c'
)

// String returns the name of the kind as error messages use it.
func (k Kind) String() string {
	switch k {
	case KindUser:
		return "user"
	case KindTweet:
		return "tweet"
	case KindComment:
		return "comment"
	}
	return "unknown"
}

// String returns the global id, the letter u and the decimal snowflake.
func (id UserID) String() string { return globalID(KindUser, snowflake.ID(id)) }

// String returns the global id, the letter t and the decimal snowflake.
func (id TweetID) String() string { return globalID(KindTweet, snowflake.ID(id)) }

// String returns the global id, the letter c and the decimal snowflake.
func (id CommentID) String() string { return globalID(KindComment, snowflake.ID(id)) }

func globalID(k Kind, id snowflake.ID) string { return string(rune(k)) + id.String() }

// ParseID decodes any global id. It is the one place where an id from outside
// becomes a number. The error wraps [ErrBadID].
func ParseID(s string) (Kind, snowflake.ID, error) {
	if s == "" {
		return 0, 0, fmt.Errorf("the empty id is %w", ErrBadID)
	}
	k := Kind(s[0])
	switch k {
	case KindUser, KindTweet, KindComment:
	default:
		return 0, 0, fmt.Errorf("%.40q is %w", s, ErrBadID)
	}
	id, err := snowflake.Parse(s[1:])
	if err != nil {
		return 0, 0, fmt.Errorf("%.40q is %w", s, ErrBadID)
	}
	return k, id, nil
}

func parseAs(want Kind, s string) (snowflake.ID, error) {
	k, id, err := ParseID(s)
	if err != nil {
		return 0, err
	}
	if k != want {
		return 0, fmt.Errorf("%q is the id of a %s, not of a %s: %w", s, k, want, ErrBadID)
	}
	return id, nil
}

// ParseUserID decodes a user's global id; the error wraps [ErrBadID].
func ParseUserID(s string) (UserID, error) {
	id, err := parseAs(KindUser, s)
	return UserID(id), err
}

// ParseTweetID decodes a tweet's global id; the error wraps [ErrBadID].
func ParseTweetID(s string) (TweetID, error) {
	id, err := parseAs(KindTweet, s)
	return TweetID(id), err
}

// ParseCommentID decodes a comment's global id; the error wraps [ErrBadID].
func ParseCommentID(s string) (CommentID, error) {
	id, err := parseAs(KindComment, s)
	return CommentID(id), err
}
