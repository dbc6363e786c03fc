package workers_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
	"github.com/starlinghq/starling/workers/engagement"
)

// TestLikesAndCommentsConverge: likes and comments end as their newest
// events say, each counted once, whatever came when, how often and under which
// owner (P8).
func TestLikesAndCommentsConverge(t *testing.T) {
	e := openEngines(t, social.FamilyEngagement)
	owner := engagement.New(e.store, e.cache)
	round := 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		base := snowflake.ID(round) << 20
		tweet := social.TweetID(base)
		var events []social.Event
		likes, comments := map[social.UserID]social.State{}, map[social.CommentID]bool{}
		for i := range rapid.IntRange(1, 12).Draw(t, "events") {
			id := base + snowflake.ID(i) + 1
			user := social.UserID(base) + social.UserID(rapid.IntRange(1, 3).Draw(t, "user"))
			switch rapid.SampledFrom([]string{"like", "unlike", "comment", "uncomment"}).Draw(t, "event") {
			case "like":
				likes[user] = social.On
				events = append(events, social.Event{ID: id, Body: social.Like{User: user, Tweet: tweet, State: social.On}})
			case "unlike":
				likes[user] = social.Off
				events = append(events, social.Event{ID: id, Body: social.Like{User: user, Tweet: tweet, State: social.Off}})
			case "comment":
				comments[social.CommentID(id)] = true
				events = append(events, social.Event{ID: id, Body: social.CommentPosted{Tweet: tweet, Author: user, Text: "x"}})
			case "uncomment":
				for c, live := range comments {
					if live {
						comments[c] = false
						events = append(events, social.Event{ID: id, Body: social.CommentDeleted{Comment: c, Tweet: tweet, Author: user}})
						break
					}
				}
			}
		}
		if len(events) == 0 {
			return
		}
		e.deliver(t, owner, events)

		var wantLikers []social.UserID
		for u, s := range likes {
			if s == social.On {
				wantLikers = append(wantLikers, u)
			}
		}
		slices.Sort(wantLikers)
		members, err := e.store.Members(t.Context(), store.Likers, snowflake.ID(tweet), 0, 100)
		var likers []social.UserID
		for _, m := range members {
			likers = append(likers, m.User)
		}
		counts, cerr := e.store.Counts(t.Context(), store.Likers, []snowflake.ID{snowflake.ID(tweet)})
		if err != nil || cerr != nil || !slices.Equal(likers, wantLikers) || counts[0].N != int64(len(wantLikers)) {
			t.Fatalf("likers %v, counted %v, want %v (%v %v)", likers, counts, wantLikers, err, cerr)
		}
		for u, s := range likes {
			liked, err := e.store.Liked(t.Context(), u, 0, 100)
			if err != nil || len(liked) != int(s) {
				t.Fatalf("%s likes %v, want %d tweets (%v)", u, liked, s, err)
			}
		}
		var wantComments []social.CommentID
		for c, live := range comments {
			if live {
				wantComments = append(wantComments, c)
			}
		}
		slices.Sort(wantComments)
		slices.Reverse(wantComments)
		rows, err := e.store.CommentsOf(t.Context(), tweet, 0, 100)
		var got []social.CommentID
		for _, c := range rows {
			got = append(got, c.ID)
		}
		ns, cerr := e.store.CommentCounts(t.Context(), []social.TweetID{tweet})
		if err != nil || cerr != nil || !slices.Equal(got, wantComments) || ns[0] != int64(len(wantComments)) {
			t.Fatalf("comments %v, counted %v, want %v (%v %v)", got, ns, wantComments, err, cerr)
		}
	})
}
