package social_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/starlinghq/starling/internal/social"
)

// TestIDsSurviveTheWire: every id is read back as what it was, and as nothing
// else.
func TestIDsSurviveTheWire(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := anID().Draw(t, "id")
		user, tweet, comment := social.UserID(id), social.TweetID(id), social.CommentID(id)
		u, uerr := social.ParseUserID(user.String())
		tw, terr := social.ParseTweetID(tweet.String())
		c, cerr := social.ParseCommentID(comment.String())
		if u != user || tw != tweet || c != comment || uerr != nil || terr != nil || cerr != nil {
			t.Fatalf("%d came back as %d, %d, %d: %v %v %v", id, u, tw, c, uerr, terr, cerr)
		}
		for _, wrong := range []string{tweet.String(), comment.String()} {
			if got, err := social.ParseUserID(wrong); !errors.Is(err, social.ErrBadID) {
				t.Fatalf("%s is read as the user %d, %v", wrong, got, err)
			}
		}
	})
}

// FuzzParseID: no text makes it panic; what it reads is the one way to write it.
func FuzzParseID(f *testing.F) {
	for _, s := range []string{"u1", "t9223372036854775807", "c42", "", "u", "x1", "u01", "u-1", "u+1", "t9223372036854775808", "u1 "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		kind, id, err := social.ParseID(s)
		if err != nil {
			if !errors.Is(err, social.ErrBadID) {
				t.Fatalf("%q: %v is not ErrBadID", s, err)
			}
			return
		}
		if id <= 0 || string(rune(kind))+id.String() != s {
			t.Fatalf("%q is read as %s %d", s, kind, id)
		}
	})
}
