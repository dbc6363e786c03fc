package app_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/starlinghq/starling/internal/app/apptest"
	"github.com/starlinghq/starling/internal/testenv"
)

// playInBothWorlds plays random scripts on the embedded parts and on the fleet.
// While one plays, whoever acts sees what he did (P5) in a feed without doubles
// (P2); in the end both worlds show what the model says, so they are equal.
// A script that fails is shrunk as data.
func playInBothWorlds(t *testing.T, f *fleet) {
	embedded := apptest.Start(t)
	rapid.Check(t, func(rt *rapid.T) {
		people, script := drawScript(rt)
		seen := map[string]outcome{}
		for name, doors := range map[string][]*apptest.System{"embedded": {embedded}, "stack": f.routers[:]} {
			w := &world{t: rt, name: name, doors: doors, model: newModel(people)}
			seen[name] = w.play(t, script)
		}
		if diff := cmp.Diff(seen["embedded"], seen["stack"]); diff != "" {
			rt.Fatalf("embedded (-) and the stack (+) differ:\n%s", diff)
		}
	})
}

// world is one product in which a script is played, with its own ids.
type world struct {
	t     *rapid.T
	name  string
	doors []*apptest.System
	model *model
	turn  int

	people           []*apptest.Client
	tweets, comments []string
}

func (w *world) play(t *testing.T, script []step) outcome {
	run := strconv.FormatInt(time.Now().UnixMicro(), 36) // handles of before are on the stack
	for i := range w.model.people {
		w.people = append(w.people, w.door().SignUp(w.t, fmt.Sprintf("%s_%d", run, i)))
	}
	for _, s := range script {
		if a, ok := w.model.apply(s); ok {
			w.act(a)
			w.look(a.who, s.Page)
		}
	}
	want := w.model.outcome()
	testenv.Eventually(t, 20*time.Second, func() error {
		if diff := cmp.Diff(want, w.outcome(len(script)%3+1)); diff != "" {
			return fmt.Errorf("%s is not (+) what the model says (-), after %+v:\n%s", w.name, script, diff)
		}
		return nil
	})
	return w.outcome(50)
}

// door is a router, another one at each call where there are several.
func (w *world) door() *apptest.System {
	w.turn++
	return w.doors[w.turn%len(w.doors)]
}

func (w *world) as(who int) *apptest.Client { return w.people[who].Through(w.door()) }

func (w *world) act(a deed) {
	me := w.as(a.who)
	switch a.do {
	case "post":
		w.tweets = append(w.tweets, me.Posts(w.t, "hello"))
	case "reply":
		w.tweets = append(w.tweets, me.Replies(w.t, w.tweets[a.what], "hello yourself"))
	case "delete":
		me.Deletes(w.t, w.tweets[a.what])
	case "follow":
		me.Follows(w.t, w.people[a.what])
	case "unfollow":
		me.Unfollows(w.t, w.people[a.what])
	case "like":
		me.Likes(w.t, w.tweets[a.what])
	case "unlike":
		me.Unlikes(w.t, w.tweets[a.what])
	case "comment":
		w.comments = append(w.comments, me.Comments(w.t, w.tweets[a.what], "hear, hear"))
	case "uncomment":
		me.Must(w.t, "deleteComment", apptest.Input{"commentId": w.comments[a.what]})
	}
}

// look reads with the eyes of somebody who just did something. What others did
// may be on its way.
func (w *world) look(who, page int) {
	got := numbers(w.tweets, w.as(who).Feed(w.t, page))
	mine := w.model.newest(w.model.tweets, func(t modelPost) bool { return t.author == who })
	if !slices.IsSortedFunc(got, func(a, b int) int { return b - a }) || len(slices.Compact(slices.Clone(got))) != len(got) {
		w.t.Fatalf("%s, P2: the feed of %d has doubles or is out of order: %v", w.name, who, got)
	}
	for _, n := range mine {
		if !slices.Contains(got, n) {
			w.t.Fatalf("%s, P5: %d does not see his own %d: %v", w.name, who, n, got)
		}
	}
	for _, n := range got {
		t := w.model.tweets[n]
		if t.author == who && t.deleted || t.author != who && !w.model.follows[[2]int{who, t.author}] {
			w.t.Fatalf("%s, P5: %d sees %d, which is deleted or foreign: %v", w.name, who, n, got)
		}
	}
	want := w.model.outcome().People[who]
	if got := w.list(who, w.people[who].UserID, "followees", page); !slices.Equal(got, want.Followees) {
		w.t.Fatalf("%s, P5: %d follows %v, not %v", w.name, who, got, want.Followees)
	}
	if got := numbers(w.tweets, w.as(who).List(w.t, w.people[who].UserID, "likes", page)); !slices.Equal(got, want.Likes) {
		w.t.Fatalf("%s, P5: %d likes %v, not %v", w.name, who, got, want.Likes)
	}
}

// list reads a list of people.
func (w *world) list(who int, of, list string, page int) []int {
	var ids []string
	for _, p := range w.people {
		ids = append(ids, p.UserID)
	}
	return numbers(ids, w.as(who).List(w.t, of, list, page))
}

// numbers returns the place of each id among all of them; -1 for one that is
// not there.
func numbers(all, ids []string) []int {
	out := []int{}
	for _, id := range ids {
		out = append(out, slices.Index(all, id))
	}
	return out
}

// outcome reads everything, as the people themselves.
func (w *world) outcome(page int) outcome {
	var out outcome
	for i, u := range w.people {
		p := personOutcome{
			Feed:      numbers(w.tweets, w.as(i).Feed(w.t, page)),
			Tweets:    numbers(w.tweets, w.as(i).List(w.t, u.UserID, "tweets", page)),
			Likes:     numbers(w.tweets, w.as(i).List(w.t, u.UserID, "likes", page)),
			Followers: w.list(i, u.UserID, "followers", page),
			Followees: w.list(i, u.UserID, "followees", page),
		}
		var counts struct {
			User struct{ FollowerCount, FolloweeCount int }
		}
		w.as(i).Into(w.t, &counts, `query($id: ID!) { user(id: $id) { followerCount followeeCount } }`, map[string]any{"id": u.UserID})
		p.FollowerCount, p.FolloweeCount = counts.User.FollowerCount, counts.User.FolloweeCount
		out.People = append(out.People, p)
	}
	for _, id := range w.tweets {
		out.Tweets = append(out.Tweets, w.tweet(id, page))
	}
	return out
}

func (w *world) tweet(id string, page int) tweetOutcome {
	var out struct {
		Tweet struct {
			Deleted                 bool
			LikeCount, CommentCount *int
			InReplyTo               *struct{ ID string }
		}
	}
	w.as(0).Into(w.t, &out, `query($id: ID!) { tweet(id: $id) { deleted likeCount commentCount inReplyTo { id } } }`, map[string]any{"id": id})
	t := tweetOutcome{Deleted: out.Tweet.Deleted, Parent: -1}
	if p := out.Tweet.InReplyTo; p != nil {
		t.Parent = slices.Index(w.tweets, p.ID)
	}
	if out.Tweet.LikeCount != nil && out.Tweet.CommentCount != nil {
		t.LikeCount, t.CommentCount = *out.Tweet.LikeCount, *out.Tweet.CommentCount
		t.Likers = w.list(0, id, "likers", page)
		t.Comments = numbers(w.comments, w.as(0).List(w.t, id, "comments", page))
	}
	return t
}
