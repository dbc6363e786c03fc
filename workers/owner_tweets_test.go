package workers_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/workers/tweets"
)

// TestTweetsConverge: a tweet ends as its newest event says, is
// in the log if it is live, and is asked to be delivered; a deleted one never
// comes back.
func TestTweetsConverge(t *testing.T) {
	e := openEngines(t, social.FamilyTweets)
	owner := tweets.New(e.store, e.cache)
	round := 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		base := snowflake.ID(round) << 20
		author := social.UserID(base)
		var events []social.Event
		var live, all []social.TweetID
		for i := range rapid.IntRange(1, 5).Draw(t, "tweets") {
			id := base + snowflake.ID(10*i) + 1
			all = append(all, social.TweetID(id))
			events = append(events, social.Event{ID: id, Body: social.TweetPosted{Author: author, Text: "x"}})
			if rapid.Bool().Draw(t, "deleted") {
				events = append(events, social.Event{ID: id + 5, Body: social.TweetDeleted{Tweet: social.TweetID(id), Author: author}})
			} else {
				live = append(live, social.TweetID(id))
			}
		}
		follow := e.deliver(t, owner, events)

		rows, err := e.store.Tweets(t.Context(), all)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			deleted := !slices.Contains(live, all[i])
			if row == nil || row.Author != author || row.Deleted() != deleted || (row.Text == "") != deleted {
				t.Fatalf("%s is %+v, deleted must be %t", all[i], row, deleted)
			}
		}
		logs, err := e.store.AuthorLogs(t.Context(), []social.UserID{author}, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range live {
			logged := slices.ContainsFunc(logs[0], func(e social.LogEntry) bool { return e.Tweet == id })
			asked := slices.ContainsFunc(follow, func(e social.Event) bool { return e.Body == social.Body(social.Fanout{Tweet: id, Author: author}) })
			if !logged || !asked {
				t.Fatalf("%s: in the log %t, to be delivered %t", id, logged, asked)
			}
		}
	})
}
