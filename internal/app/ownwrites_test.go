package app_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/starlinghq/starling/internal/app/apptest"
)

// whileWorkersRest runs a test twice: with workers that apply nothing, so that
// only what was accepted can be seen, and with workers at work.
func whileWorkersRest(t *testing.T, f func(t *testing.T, sys *apptest.System, p *plant)) {
	t.Parallel()
	for _, paused := range []bool{true, false} {
		t.Run(fmt.Sprintf("paused=%t", paused), func(t *testing.T) {
			t.Parallel()
			p := &plant{}
			sys := apptest.StartWith(t, p.opener())
			if paused {
				p.pause()
			}
			f(t, sys, p)
			p.resume()
			sys.Settled(t)
		})
	}
}

// same compares a list with what it must be, now and once everything is applied.
func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// TestReadYourOwnWrites: whatever the viewer was told is done is in his very
// next read, on every path, before any worker has come to it.
func TestReadYourOwnWrites(t *testing.T) {
	whileWorkersRest(t, func(t *testing.T, sys *apptest.System, p *plant) {
		ann, bob := sys.SignUp(t, "ann"), sys.SignUp(t, "bob")
		old := bob.Posts(t, "before ann came")
		same(t, "ann's feed before anything", ann.Feed(t, 20), nil)

		tweet := ann.Posts(t, "mine")
		same(t, "own tweet in the feed", ann.Feed(t, 1), []string{tweet})
		same(t, "own tweet in the own list", ann.List(t, ann.UserID, "tweets", 1), []string{tweet})

		reply := ann.Replies(t, tweet, "and a reply")
		same(t, "own reply in the feed", ann.Feed(t, 1), []string{reply, tweet})
		same(t, "own reply in the own list", ann.List(t, ann.UserID, "tweets", 1), []string{reply, tweet})

		ann.Likes(t, tweet)
		ann.Likes(t, reply)
		same(t, "own like among the likers", ann.List(t, tweet, "likers", 1), []string{ann.UserID})
		same(t, "own likes, newest first", ann.List(t, ann.UserID, "likes", 1), []string{reply, tweet})
		flags(t, ann, tweet, bob.UserID, true, false)
		ann.Unlikes(t, tweet)
		same(t, "no like among the likers", ann.List(t, tweet, "likers", 1), nil)
		same(t, "the other like", ann.List(t, ann.UserID, "likes", 1), []string{reply})
		flags(t, ann, tweet, bob.UserID, false, false)

		comment := ann.Comments(t, tweet, "first")
		second := ann.Comments(t, tweet, "second")
		same(t, "own comments", ann.List(t, tweet, "comments", 1), []string{second, comment})
		ann.Must(t, "deleteComment", apptest.Input{"commentId": second})
		same(t, "own comments but the deleted", ann.List(t, tweet, "comments", 1), []string{comment})

		ann.Follows(t, bob)
		same(t, "own follow among followees", ann.List(t, ann.UserID, "followees", 1), []string{bob.UserID})
		same(t, "oneself among followers", ann.List(t, bob.UserID, "followers", 1), []string{ann.UserID})
		flags(t, ann, tweet, bob.UserID, false, true)
		if p.paused == nil { // what others did is in the author logs, which workers write
			sys.Settled(t)
			same(t, "a followee's tweets in the feed", ann.Feed(t, 1), []string{reply, tweet, old})
		}
		ann.Unfollows(t, bob)
		same(t, "no follow among followees", ann.List(t, ann.UserID, "followees", 1), nil)
		same(t, "not oneself among followers", ann.List(t, bob.UserID, "followers", 1), nil)
		same(t, "no followee's tweets in the feed", ann.Feed(t, 1), []string{reply, tweet})

		ann.Deletes(t, reply)
		same(t, "no deleted tweet in the feed", ann.Feed(t, 1), []string{tweet})
		same(t, "no deleted tweet in the own list", ann.List(t, ann.UserID, "tweets", 1), []string{tweet})

		p.resume()
		sys.Settled(t)
		same(t, "the feed in the end", ann.Feed(t, 1), []string{tweet})
		same(t, "the followees in the end", ann.List(t, ann.UserID, "followees", 1), nil)
		same(t, "the followers in the end", ann.List(t, bob.UserID, "followers", 1), nil)
		same(t, "the likers in the end", ann.List(t, tweet, "likers", 1), nil)
		same(t, "the comments in the end", ann.List(t, tweet, "comments", 1), []string{comment})
	})
}

// flags checks both viewer fields.
func flags(t *testing.T, c *apptest.Client, tweet, user string, liked, follows bool) {
	t.Helper()
	raw := c.Do(t, `query($t: ID!, $u: ID!) { tweet(id: $t) { viewerHasLiked } user(id: $u) { viewerFollows } }`, map[string]any{"t": tweet, "u": user})
	if diff := cmp.Diff(want(t, `{"tweet":{"viewerHasLiked":%t},"user":{"viewerFollows":%t}}`, liked, follows), seen(t, raw)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestOthersCanAnswerAtOnce: what was accepted is there for everybody to reply
// to, like, comment on and read by id, before it is applied.
func TestOthersCanAnswerAtOnce(t *testing.T) {
	whileWorkersRest(t, func(t *testing.T, sys *apptest.System, _ *plant) {
		ann, bob := sys.SignUp(t, "ann"), sys.SignUp(t, "bob")
		tweet := ann.Posts(t, "hello")
		reply := bob.Replies(t, tweet, "hi")
		bob.Likes(t, tweet)
		comment := bob.Comments(t, tweet, "nice")
		ann.Likes(t, reply)
		ann.Follows(t, bob)
		var out struct {
			Node struct{ InReplyTo struct{ ID string } }
			C    struct{ Text string }
		}
		sys.Anonymous().Into(t, &out, `query($r: ID!, $c: ID!) { node(id: $r) { ... on Tweet { inReplyTo { id } } } c: node(id: $c) { ... on Comment { text } } }`, map[string]any{"r": reply, "c": comment})
		if out.Node.InReplyTo.ID != tweet || out.C.Text != "nice" {
			t.Errorf("read by id: %+v", out)
		}
		ann.Deletes(t, tweet)
		if o := bob.Act(t, "likeTweet", apptest.Input{"tweetId": tweet}); o.Code() != "DELETED" {
			t.Errorf("liking what was deleted a moment ago gave %+v", o)
		}
		var profile struct {
			UpdateProfile struct{ User struct{ Name, Bio string } }
		}
		ann.Into(t, &profile, `mutation { updateProfile(input: {bio: "b"}) { user { name bio } } }`, nil)
		ann.Into(t, &profile, `mutation { updateProfile(input: {name: "n"}) { user { name bio } } }`, nil)
		if u := profile.UpdateProfile.User; u.Name != "n" || u.Bio != "b" {
			t.Errorf("the profile is %+v", u)
		}
	})
}

// TestDeletedTweets: author kept, text and engagement gone, out of every list
// but that of the likes of others, deleting twice changes nothing.
func TestDeletedTweets(t *testing.T) {
	whileWorkersRest(t, func(t *testing.T, sys *apptest.System, p *plant) {
		ann, bob := sys.SignUp(t, "ann"), sys.SignUp(t, "bob")
		bob.Follows(t, ann)
		tweet := ann.Posts(t, "a #mistake")
		reply := bob.Replies(t, tweet, "really?")
		bob.Likes(t, tweet)
		bob.Comments(t, tweet, "hm")
		for range 2 {
			ann.Deletes(t, tweet)
		}
		for range 2 {
			raw := bob.Do(t, `query($t: ID!, $r: ID!) { tweet(id: $t) { `+tweetFields+` likers { edges { cursor } } comments { edges { cursor } } } reply: tweet(id: $r) { inReplyTo { id text deleted } } }`,
				map[string]any{"t": tweet, "r": reply})
			wanted := want(t, `{"tweet":{"id":%[1]q,"text":"","createdAt":"T","deleted":true,"author":{"id":%[2]q,"handle":"ann"},"inReplyTo":null,"likeCount":null,"commentCount":null,"viewerHasLiked":null,
				"entities":{"hashtags":[],"mentions":[],"cashtags":[],"urls":[]},"likers":null,"comments":null},"reply":{"inReplyTo":{"id":%[1]q,"text":"","deleted":true}}}`, tweet, ann.UserID)
			if diff := cmp.Diff(wanted, seen(t, raw)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			same(t, "ann's tweets", bob.List(t, ann.UserID, "tweets", 20), nil)
			same(t, "ann's feed", ann.Feed(t, 20), nil)
			same(t, "bob's feed", bob.Feed(t, 20), []string{reply})
			p.resume()
			sys.Settled(t)
		}
	})
}

// TestLikesAndFollowsConverge: doing it twice is doing it once, and the last
// one wins, in both directions and in the feed.
func TestLikesAndFollowsConverge(t *testing.T) {
	whileWorkersRest(t, func(t *testing.T, sys *apptest.System, p *plant) {
		ann, bob := sys.SignUp(t, "ann"), sys.SignUp(t, "bob")
		tweet := bob.Posts(t, "hello")
		for _, last := range []bool{true, false, true} {
			for range 3 {
				ann.Likes(t, tweet)
				ann.Follows(t, bob)
				ann.Unlikes(t, tweet)
				ann.Unfollows(t, bob)
			}
			count, members, feed := 0, []string(nil), []string(nil)
			if last {
				for range 3 {
					ann.Likes(t, tweet)
					ann.Follows(t, bob)
				}
				count, members, feed = 1, []string{ann.UserID}, []string{tweet}
			}
			flags(t, ann, tweet, bob.UserID, last, last)
			same(t, "likers", ann.List(t, tweet, "likers", 5), members)
			if p.paused != nil {
				continue
			}
			sys.Settled(t)
			who := sys.Anonymous()
			same(t, "likers of anybody", who.List(t, tweet, "likers", 5), members)
			same(t, "followers", who.List(t, bob.UserID, "followers", 5), members)
			same(t, "likes", who.List(t, ann.UserID, "likes", 5), feed)
			same(t, "feed", ann.Feed(t, 5), feed)
			raw := who.Do(t, `query($t: ID!, $a: ID!, $b: ID!) { tweet(id: $t) { likeCount } ann: user(id: $a) { followeeCount } bob: user(id: $b) { followerCount } }`,
				map[string]any{"t": tweet, "a": ann.UserID, "b": bob.UserID})
			if diff := cmp.Diff(want(t, `{"tweet":{"likeCount":%[1]d},"ann":{"followeeCount":%[1]d},"bob":{"followerCount":%[1]d}}`, count), seen(t, raw)); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
		}
	})
}
