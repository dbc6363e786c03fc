package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/app"
	"github.com/starlinghq/starling/internal/app/apptest"
	"github.com/starlinghq/starling/internal/testenv"
)

// TestADiskThatIsNearlyFull: what changes something is refused and surely not
// applied, what reads goes on, owners wait, and nothing is lost when there is
// room again. (How the state changes while a process runs is tested where the
// space is watched, in internal/pebbledb.)
func TestADiskThatIsNearlyFull(t *testing.T) {
	t.Parallel()
	p := &plant{}
	sys := apptest.StartWith(t, p.opener())
	ann, bob := sys.SignUp(t, "ann"), sys.SignUp(t, "bob")
	bob.Follows(t, ann)
	applied := ann.Posts(t, "applied before")
	bob.Likes(t, applied)
	comment := bob.Comments(t, applied, "hm")
	sys.Settled(t)
	p.pause()
	accepted := ann.Posts(t, "accepted before, applied after")
	sys.Stop(t)
	p.resume()

	sys.Run(t, func(c *app.Config) { c.Limits.MinFreeMiB = 1 << 40 }) // a disk too small for it
	testenv.Eventually(t, 10*time.Second, func() error {              // the router is there, though the product is not ready
		a, err := bob.Try(t.Context(), `{ viewer { id } }`, nil)
		if err == nil && len(a.Errors) > 0 {
			err = fmt.Errorf("got %d: %v", a.Status, a.Errors)
		}
		return err
	})
	for m, in := range map[string]apptest.Input{
		"signUp":        {"handle": "carl", "password": "long enough"},
		"updateProfile": {"bio": "x"}, "follow": {"userId": bob.UserID}, "unfollow": {"userId": bob.UserID},
		"postTweet": {"text": "x", "idempotencyKey": "k"}, "deleteTweet": {"tweetId": applied},
		"likeTweet": {"tweetId": applied}, "unlikeTweet": {"tweetId": applied},
		"commentOnTweet": {"tweetId": applied, "text": "x", "idempotencyKey": "l"},
	} {
		topLevel{"OVERLOADED", 200, m, act(ann, m, in)}.check(t)
	}
	topLevel{"OVERLOADED", 200, "deleteComment", act(bob, "deleteComment", apptest.Input{"commentId": comment})}.check(t)
	same(t, "bob's feed without room", bob.Feed(t, 20), []string{applied})
	same(t, "ann's feed without room", ann.Feed(t, 20), []string{applied})
	same(t, "comments without room", ann.List(t, applied, "comments", 20), []string{comment})
	if err := sys.Server().Ready(); err == nil || !strings.Contains(err.Error(), "1 events") {
		t.Errorf("ready is %v, though an accepted event waits", err)
	}
	sys.Stop(t)

	sys.Run(t, func(c *app.Config) { c.Limits.MinFreeMiB = 1 })
	sys.Ready(t)
	sys.Settled(t)
	same(t, "bob's feed with room again", bob.Feed(t, 20), []string{accepted, applied})
	same(t, "the likers", bob.List(t, applied, "likers", 20), []string{bob.UserID})
	same(t, "the followees", ann.List(t, ann.UserID, "followees", 20), nil)
	ann.Must(t, "postTweet", apptest.Input{"text": "another input", "idempotencyKey": "k"}) // what was refused took no key
	sys.Anonymous().Must(t, "signUp", apptest.Input{"handle": "carl", "password": "of somebody else"})
}
