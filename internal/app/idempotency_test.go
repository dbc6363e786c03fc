package app_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/starlinghq/starling/internal/app/apptest"
)

// TestAKeyGivesOneTweet: the same actor, key and input give the same id,
// whatever happens in between.
func TestAKeyGivesOneTweet(t *testing.T) {
	t.Parallel()
	sys := apptest.Start(t)
	ann, bob := sys.SignUp(t, "ann"), sys.SignUp(t, "bob")
	in := apptest.Input{"text": "once", "idempotencyKey": "k1"}
	tweet := ann.Must(t, "postTweet", in)
	same := func(when string) {
		t.Helper()
		if got := ann.Must(t, "postTweet", in); got != tweet {
			t.Errorf("%s the key gives %s, not %s", when, got, tweet)
		}
	}
	same("at once")
	sys.Settled(t)
	same("once applied")
	if got := bob.Must(t, "postTweet", in); got == tweet {
		t.Error("another actor's key gives ann's tweet")
	}
	sys.Restart(t)
	same("after a restart")

	for name, other := range map[string]apptest.Input{
		"another text": {"text": "twice", "idempotencyKey": "k1"},
		"a reply":      {"text": "once", "idempotencyKey": "k1", "inReplyToId": tweet},
	} {
		topLevel{"BAD_USER_INPUT", 200, name, act(ann, "postTweet", other)}.check(t)
	}
	topLevel{"BAD_USER_INPUT", 200, "another mutation", act(ann, "commentOnTweet", apptest.Input{"text": "once", "idempotencyKey": "k1", "tweetId": tweet})}.check(t)
	sys.Settled(t)
	if got := ann.List(t, ann.UserID, "tweets", 20); !slices.Equal(got, []string{tweet}) {
		t.Errorf("ann's tweets are %v, want %s alone", got, tweet)
	}
}

// TestAKeyOutlivesItsParent: what was accepted once is answered again, though
// it could not be accepted now.
func TestAKeyOutlivesItsParent(t *testing.T) {
	t.Parallel()
	p := &plant{}
	sys := apptest.StartWith(t, p.opener())
	ann, bob := sys.SignUp(t, "ann"), sys.SignUp(t, "bob")
	for _, paused := range []bool{false, true} {
		if paused {
			p.pause()
		}
		parent := ann.Posts(t, "parent")
		reply := apptest.Input{"text": "reply", "inReplyToId": parent, "idempotencyKey": fmt.Sprintf("reply %t", paused)}
		comment := apptest.Input{"text": "comment", "tweetId": parent, "idempotencyKey": fmt.Sprintf("comment %t", paused)}
		replyID, commentID := bob.Must(t, "postTweet", reply), bob.Must(t, "commentOnTweet", comment)
		if !paused {
			sys.Settled(t)
		}
		ann.Deletes(t, parent)
		if got := bob.Must(t, "postTweet", reply); got != replyID {
			t.Errorf("paused %t: the reply's key gives %s, not %s", paused, got, replyID)
		}
		if got := bob.Must(t, "commentOnTweet", comment); got != commentID {
			t.Errorf("paused %t: the comment's key gives %s, not %s", paused, got, commentID)
		}
		if o := bob.Act(t, "postTweet", apptest.Input{"text": "reply", "inReplyToId": parent, "idempotencyKey": "new"}); o.Code() != "DELETED" {
			t.Errorf("paused %t: a new reply gave %+v", paused, o)
		}
	}
	p.resume()
	sys.Settled(t)
}

// TestAKeyOutlivesItsTweet: deleting what a key stands for and asking again
// neither brings it back nor makes another.
func TestAKeyOutlivesItsTweet(t *testing.T) {
	t.Parallel()
	p := &plant{}
	sys := apptest.StartWith(t, p.opener())
	ann := sys.SignUp(t, "ann")
	for _, paused := range []bool{false, true} {
		if paused {
			p.pause()
		}
		in := apptest.Input{"text": "x", "idempotencyKey": fmt.Sprint(paused)}
		tweet := ann.Must(t, "postTweet", in)
		if !paused {
			sys.Settled(t)
		}
		ann.Deletes(t, tweet)
		if got := ann.Must(t, "postTweet", in); got != tweet {
			t.Errorf("the key gives %s, not %s", got, tweet)
		}
		if got := ann.Feed(t, 20); len(got) != 0 {
			t.Errorf("paused %t: the deleted tweet is back in the feed: %v", paused, got)
		}
		var out struct{ Tweet struct{ Deleted bool } }
		ann.Into(t, &out, `query($id: ID!) { tweet(id: $id) { deleted } }`, map[string]any{"id": tweet})
		if !out.Tweet.Deleted {
			t.Errorf("paused %t: the deleted tweet is back", paused)
		}
	}
	p.resume()
	sys.Settled(t)
	if got := ann.Feed(t, 20); len(got) != 0 {
		t.Errorf("the deleted tweets are back in the feed: %v", got)
	}
}

// TestAKeyHasOneWinner: a hundred at once, with and without workers.
func TestAKeyHasOneWinner(t *testing.T) {
	t.Parallel()
	p := &plant{}
	sys := apptest.StartWith(t, p.opener())
	ann := sys.SignUp(t, "ann")
	root := ann.Posts(t, "root")
	want := []string{root}
	for _, paused := range []bool{false, true} {
		if paused {
			p.pause()
		}
		tweets := atOnce(t, 100, func() (apptest.Outcome, error) {
			return ann.TryAct(t.Context(), "postTweet", apptest.Input{"text": "x", "idempotencyKey": fmt.Sprint("tweet ", paused)})
		})
		comments := atOnce(t, 30, func() (apptest.Outcome, error) {
			return ann.TryAct(t.Context(), "commentOnTweet", apptest.Input{"tweetId": root, "text": "x", "idempotencyKey": fmt.Sprint("comment ", paused)})
		})
		if len(tweets) != 1 || len(comments) != 1 {
			t.Fatalf("paused %t: one key gave the tweets %v and the comments %v", paused, tweets, comments)
		}
		want = append(want, tweets...)
	}
	p.resume()
	sys.Settled(t)
	if got := ann.Feed(t, 20); !slices.Equal(got, newestFirst(want)) {
		t.Errorf("the feed is %v, want %v", got, newestFirst(want))
	}
	var out struct{ Tweet struct{ CommentCount int } }
	ann.Into(t, &out, `query($id: ID!) { tweet(id: $id) { commentCount } }`, map[string]any{"id": root})
	if out.Tweet.CommentCount != 2 {
		t.Errorf("the root has %d comments, want 2", out.Tweet.CommentCount)
	}
}

// atOnce acts n times at once and returns the different ids.
func atOnce(t *testing.T, n int, act func() (apptest.Outcome, error)) []string {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	ids := map[string]bool{}
	for range n {
		wg.Go(func() {
			o, err := act()
			mu.Lock()
			defer mu.Unlock()
			if err != nil || o.Code() != "" {
				t.Errorf("%+v %v", o, err)
				return
			}
			ids[o.ID] = true
		})
	}
	wg.Wait()
	var out []string
	for id := range ids {
		out = append(out, id)
	}
	return out
}

// TestSignUpHasOneWinner: two people want one handle at the same moment; a
// repeated sign-up with the right password is a log-in.
func TestSignUpHasOneWinner(t *testing.T) {
	t.Parallel()
	sys := apptest.Start(t)
	var mu sync.Mutex
	var wg sync.WaitGroup
	won, taken := map[string]int{}, 0
	for i := range 20 {
		wg.Go(func() {
			o, err := sys.Anonymous().TryAct(t.Context(), "signUp", apptest.Input{"handle": "ann", "password": fmt.Sprintf("password %d", i%2)})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil:
				t.Error(err)
			case o.Code() == "HANDLE_TAKEN":
				taken++
			case o.Code() == "":
				won[o.ID]++
			default:
				t.Errorf("%+v", o)
			}
		})
	}
	wg.Wait()
	if len(won) != 1 || taken != 10 {
		t.Errorf("accounts %v, refused %d; want one account and ten refusals", won, taken)
	}
}
