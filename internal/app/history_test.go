package app_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/starlinghq/starling/internal/app/apptest"
)

// TestRandomHistories plays small random histories over HTTP, with restarts,
// against a model that is a few maps. While it plays, each viewer's reads are
// checked for what a session is promised; when it is over and everything is
// applied, all feeds, lists and counts must be the model's (P1 to P8 of the
// data model).
func TestRandomHistories(t *testing.T) {
	t.Parallel()
	p := &plant{}
	sys := apptest.StartWith(t, p.opener())
	histories := 0
	rapid.Check(t, func(rt *rapid.T) {
		histories++
		h := &history{t: rt, outer: t, sys: sys, plant: p, name: fmt.Sprintf("h%d", histories)}
		h.play()
	})
}

// history is one random history and its model.
type history struct {
	t     *rapid.T
	outer *testing.T
	sys   *apptest.System
	plant *plant
	name  string

	people   []*apptest.Client
	tweets   []*modelTweet
	comments []*modelComment
	follows  map[pair]bool
	likes    map[pair]int        // when it was liked, by the order of events; 0: not
	seen     map[string][]string // by viewer: the feed as he last saw it
	clock    int
}

type pair struct{ who, what string }

type modelTweet struct {
	id, author, parent string
	deleted            bool
}

type modelComment struct {
	id, author, tweet string
	deleted           bool
}

func (h *history) play() {
	h.follows, h.likes, h.seen = map[pair]bool{}, map[pair]int{}, map[string][]string{}
	for i := range rapid.IntRange(2, 4).Draw(h.t, "people") {
		h.people = append(h.people, h.sys.SignUp(h.t, fmt.Sprintf("%s_%d", h.name, i)))
	}
	for range rapid.IntRange(5, 40).Draw(h.t, "steps") {
		h.step()
	}
	h.plant.resume()
	h.sys.Settled(h.outer)
	h.compare("in the end")
	if rapid.Bool().Draw(h.t, "restart in the end") {
		h.sys.Restart(h.outer)
		h.compare("after a restart")
	}
}

// step does one thing and looks at it with the eyes of who did it.
func (h *history) step() {
	me := rapid.SampledFrom(h.people).Draw(h.t, "who")
	switch rapid.SampledFrom([]string{
		"post", "post", "reply", "reply", "delete", "follow", "follow", "follow", "unfollow", "like", "like", "unlike",
		"comment", "uncomment", "pause", "resume", "settle", "restart",
	}).Draw(h.t, "step") {
	case "post":
		h.post(me, nil)
	case "reply":
		if parent := h.live(); parent != nil {
			h.post(me, parent)
		}
	case "delete":
		for _, t := range h.tweets {
			if t.author == me.UserID && rapid.Bool().Draw(h.t, "this one") {
				me.Deletes(h.t, t.id)
				t.deleted = true
				break
			}
		}
	case "follow", "unfollow":
		h.follow(me)
	case "like":
		if t := h.live(); t != nil {
			me.Likes(h.t, t.id)
			if h.clock++; h.likes[pair{me.UserID, t.id}] == 0 {
				h.likes[pair{me.UserID, t.id}] = h.clock
			}
		}
	case "unlike":
		if t := h.live(); t != nil {
			me.Unlikes(h.t, t.id)
			h.likes[pair{me.UserID, t.id}] = 0
		}
	case "comment":
		if t := h.live(); t != nil {
			h.comments = append(h.comments, &modelComment{id: me.Comments(h.t, t.id, "c"), author: me.UserID, tweet: t.id})
		}
	case "uncomment":
		for _, c := range h.comments {
			if c.author == me.UserID && !c.deleted && rapid.Bool().Draw(h.t, "this one") {
				me.Must(h.t, "deleteComment", apptest.Input{"commentId": c.id})
				c.deleted = true
				break
			}
		}
	case "pause":
		h.plant.resume()
		h.plant.pause()
	case "resume":
		h.plant.resume()
	case "settle":
		h.plant.resume()
		h.sys.Settled(h.outer)
		h.compare("settled")
	case "restart":
		if rapid.IntRange(0, 3).Draw(h.t, "rarely") == 0 {
			h.plant.resume()
			h.sys.Restart(h.outer)
			h.seen = map[string][]string{} // the cache, and with it the sessions, are gone
		}
	}
	h.look(me)
}

func (h *history) post(me *apptest.Client, parent *modelTweet) {
	t := &modelTweet{author: me.UserID}
	if parent == nil {
		t.id = me.Posts(h.t, "hello")
	} else {
		t.parent = parent.id
		t.id = me.Replies(h.t, parent.id, "hello yourself")
		if len(t.id) < len(parent.id) || len(t.id) == len(parent.id) && t.id <= parent.id {
			h.t.Fatalf("the reply %s is not newer than its parent %s", t.id, parent.id)
		}
	}
	h.tweets = append(h.tweets, t)
}

func (h *history) follow(me *apptest.Client) {
	other := rapid.SampledFrom(h.people).Draw(h.t, "whom")
	if other == me {
		return
	}
	on := rapid.IntRange(0, 3).Draw(h.t, "on") > 0
	if on {
		me.Follows(h.t, other)
	} else {
		me.Unfollows(h.t, other)
	}
	h.follows[pair{me.UserID, other.UserID}] = on
}

// live draws a tweet that is not deleted.
func (h *history) live() *modelTweet {
	var live []*modelTweet
	for _, t := range h.tweets {
		if !t.deleted {
			live = append(live, t)
		}
	}
	if len(live) == 0 {
		return nil
	}
	return rapid.SampledFrom(live).Draw(h.t, "tweet")
}

func (h *history) shown(viewer, author string) bool {
	return viewer == author || h.follows[pair{viewer, author}]
}

func (h *history) tweet(id string) *modelTweet {
	for _, t := range h.tweets {
		if t.id == id {
			return t
		}
	}
	return nil
}

// feed is the definition: everything of everybody shown, newest first.
func (h *history) feed(viewer string) []string {
	var ids []string
	for _, t := range h.tweets {
		if !t.deleted && h.shown(viewer, t.author) {
			ids = append(ids, t.id)
		}
	}
	return newestFirst(ids)
}

// look reads the viewer's feed in the middle of things. What others did may be
// on its way; everything else must hold at any moment.
func (h *history) look(me *apptest.Client) {
	got := me.Feed(h.t, rapid.SampledFrom([]int{2, 5, 50}).Draw(h.t, "page"))
	if sorted := slices.Compact(newestFirst(got)); !slices.Equal(got, sorted) {
		h.t.Fatalf("P2: the feed of %s has doubles or is out of order: %v", me.Handle, got)
	}
	all := h.feed(me.UserID)
	for _, id := range got {
		if !slices.Contains(all, id) {
			h.t.Fatalf("the feed of %s has %s, which is deleted or foreign", me.Handle, id)
		}
		if parent := h.tweet(h.tweet(id).parent); parent != nil && slices.Contains(all, parent.id) && !slices.Contains(got, parent.id) {
			h.t.Fatalf("P6: the feed of %s has %s without its parent %s: %v", me.Handle, id, parent.id, got)
		}
	}
	for _, id := range h.seen[me.UserID] {
		if slices.Contains(all, id) && !slices.Contains(got, id) {
			h.t.Fatalf("P4: %s saw %s before and does not see it now", me.Handle, id)
		}
	}
	for _, t := range h.tweets {
		if t.author == me.UserID && !t.deleted && !slices.Contains(got, t.id) {
			h.t.Fatalf("P5: %s does not see his own %s: %v", me.Handle, t.id, got)
		}
	}
	h.seen[me.UserID] = got
	var followees []string
	for p, on := range h.follows {
		if on && p.who == me.UserID {
			followees = append(followees, p.what)
		}
	}
	if got := me.List(h.t, me.UserID, "followees", 2); !slices.Equal(got, byID(followees)) {
		h.t.Fatalf("P5: %s follows %v, not %v", me.Handle, got, byID(followees))
	}
	if got := me.List(h.t, me.UserID, "likes", 2); !slices.Equal(got, h.liked(me.UserID)) {
		h.t.Fatalf("P5: %s likes %v, not %v", me.Handle, got, h.liked(me.UserID))
	}
}

// liked is what a user likes, newest like first.
func (h *history) liked(user string) []string {
	var ids []string
	for p, at := range h.likes {
		if at > 0 && p.who == user {
			ids = append(ids, p.what)
		}
	}
	slices.SortFunc(ids, func(a, b string) int { return h.likes[pair{user, b}] - h.likes[pair{user, a}] })
	return ids
}

// compare checks everything against the model once all is applied.
func (h *history) compare(when string) {
	first := rapid.SampledFrom([]int{1, 3, 100}).Draw(h.t, "page size")
	check := func(what string, got, want []string) {
		if !slices.Equal(got, want) {
			h.t.Fatalf("%s, %s:\ngot  %v\nwant %v", when, what, got, want)
		}
	}
	anybody := h.sys.Anonymous()
	for _, u := range h.people {
		check("P3: feed of "+u.Handle, u.Feed(h.t, first), h.feed(u.UserID))
		var followers, followees, tweets []string
		for p, on := range h.follows {
			if on && p.what == u.UserID {
				followers = append(followers, p.who)
			}
			if on && p.who == u.UserID {
				followees = append(followees, p.what)
			}
		}
		for _, t := range h.tweets {
			if t.author == u.UserID && !t.deleted {
				tweets = append(tweets, t.id)
			}
		}
		check("P7: followers of "+u.Handle, anybody.List(h.t, u.UserID, "followers", first), byID(followers))
		check("P7: followees of "+u.Handle, anybody.List(h.t, u.UserID, "followees", first), byID(followees))
		check("P1: tweets of "+u.Handle, anybody.List(h.t, u.UserID, "tweets", first), newestFirst(tweets))
		check("likes of "+u.Handle, anybody.List(h.t, u.UserID, "likes", first), h.liked(u.UserID))
		var out struct {
			User struct{ FollowerCount, FolloweeCount int }
		}
		anybody.Into(h.t, &out, `query($id: ID!) { user(id: $id) { followerCount followeeCount } }`, map[string]any{"id": u.UserID})
		if out.User.FollowerCount != len(followers) || out.User.FolloweeCount != len(followees) {
			h.t.Fatalf("%s, P7: counts of %s are %+v, want %d and %d", when, u.Handle, out.User, len(followers), len(followees))
		}
	}
	for _, t := range h.tweets {
		h.compareTweet(when, anybody, t, first)
	}
}

func (h *history) compareTweet(when string, anybody *apptest.Client, t *modelTweet, first int) {
	var out struct {
		Tweet struct {
			Deleted                 bool
			LikeCount, CommentCount *int
			InReplyTo               *struct{ ID string }
		}
	}
	anybody.Into(h.t, &out, `query($id: ID!) { tweet(id: $id) { deleted likeCount commentCount inReplyTo { id } } }`, map[string]any{"id": t.id})
	if parent := out.Tweet.InReplyTo; (parent == nil) != (t.parent == "") || parent != nil && parent.ID != t.parent {
		h.t.Fatalf("%s: %s replies to %v, want %q", when, t.id, parent, t.parent)
	}
	if out.Tweet.Deleted != t.deleted || (out.Tweet.LikeCount == nil) != t.deleted {
		h.t.Fatalf("%s: %s is %+v, deleted must be %t", when, t.id, out.Tweet, t.deleted)
	}
	if t.deleted {
		return
	}
	var likers, comments []string
	for p, at := range h.likes {
		if at > 0 && p.what == t.id {
			likers = append(likers, p.who)
		}
	}
	for _, c := range h.comments {
		if c.tweet == t.id && !c.deleted {
			comments = append(comments, c.id)
		}
	}
	if got := anybody.List(h.t, t.id, "likers", first); !slices.Equal(got, byID(likers)) || *out.Tweet.LikeCount != len(likers) {
		h.t.Fatalf("%s, P8: %s has %d likes of %v, want %v", when, t.id, *out.Tweet.LikeCount, got, byID(likers))
	}
	if got := anybody.List(h.t, t.id, "comments", first); !slices.Equal(got, newestFirst(comments)) || *out.Tweet.CommentCount != len(comments) {
		h.t.Fatalf("%s, P1: %s has %d comments %v, want %v", when, t.id, *out.Tweet.CommentCount, got, newestFirst(comments))
	}
}
