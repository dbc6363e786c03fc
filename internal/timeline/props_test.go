package timeline_test

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/timeline"
)

// sortAll is what everything here is measured by: all entries, newest first,
// every tweet once.
func sortAll(es []cache.Entry) []cache.Entry {
	es = slices.SortedFunc(slices.Values(es), func(a, b cache.Entry) int { return cmp.Compare(b.Tweet, a.Tweet) })
	return slices.CompactFunc(es, func(a, b cache.Entry) bool { return a.Tweet == b.Tweet })
}

// author is a function of the tweet: the same tweet has the same author
// wherever it stands.
func entryOf(id social.TweetID) cache.Entry {
	return cache.Entry{Tweet: id, Author: social.UserID(id%5 + 1)}
}

var (
	ids     = rapid.Custom(func(t *rapid.T) social.TweetID { return social.TweetID(rapid.Int64Range(1, 60).Draw(t, "id")) })
	arrived = rapid.Custom(func(t *rapid.T) []cache.Entry {
		var out []cache.Entry
		for _, id := range rapid.SliceOfN(ids, 0, 40).Draw(t, "ids") {
			out = append(out, entryOf(id))
		}
		return out
	})
	list = rapid.Map(arrived, sortAll)
)

func TestMergeIsSort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lists := rapid.SliceOfN(list, 0, 12).Draw(t, "lists")
		n := rapid.IntRange(0, 70).Draw(t, "n")
		want := sortAll(slices.Concat(lists...))
		want = want[:min(n, len(want))]
		if got := timeline.Merge(n, lists...); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestHeadIsSort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		home := cache.Timeline{Found: true, Floor: ids.Draw(t, "floor") - 1, Entries: arrived.Draw(t, "entries")}
		before := ids.Draw(t, "before") - 1
		hidden := rapid.SliceOf(rapid.Int64Range(1, 5)).Draw(t, "hidden")
		shown := func(u social.UserID) bool { return !slices.Contains(hidden, int64(u)) }
		want := slices.DeleteFunc(sortAll(home.Entries), func(e cache.Entry) bool {
			return e.Tweet <= home.Floor || before != 0 && e.Tweet >= before || !shown(e.Author)
		})
		if got := timeline.Head(home, before, shown); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

// TestBuildIsComplete: what was built is the pull merge above its floor, the
// floor is no higher than it must be, and there are at most MinEntries.
func TestBuildIsComplete(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		authors := rapid.IntRange(0, 6).Draw(t, "authors")
		spread := rapid.IntRange(1, 40).Draw(t, "spread")
		whole := make([][]social.LogEntry, authors)
		posts := rapid.SampledFrom([]int{0, 5, 100, 700, 900, 2000}).Draw(t, "posts")
		for id := posts; id > 0 && authors > 0; id-- {
			a := id / spread % authors
			whole[a] = append(whole[a], social.LogEntry{Tweet: social.TweetID(id)})
		}
		var logs []timeline.Log
		var all []cache.Entry
		least := social.TweetID(0) // the floor that cut logs allow
		for i, l := range whole {
			n := rapid.SampledFrom([]int{1, 3, 200, 2000}).Draw(t, "read")
			log := timeline.Log{Author: social.UserID(i + 1), Entries: l[:min(n, len(l))], Complete: n >= len(l)}
			if !log.Complete {
				least = max(least, log.Entries[n-1].Tweet-1)
			}
			logs = append(logs, log)
			all = append(all, timeline.FromLog(log.Author, l)...)
		}
		built, floor := timeline.Build(logs)
		if len(built) > cache.MinEntries {
			t.Errorf("%d entries", len(built))
		}
		want := slices.DeleteFunc(sortAll(all), func(e cache.Entry) bool { return e.Tweet <= floor })
		if !slices.Equal(built, want) {
			t.Errorf("above its floor %d it has %d entries, the pull merge %d", floor, len(built), len(want))
		}
		if floor != least && len(built) != cache.MinEntries {
			t.Errorf("the floor is %d, with %d entries it could be %d", floor, len(built), least)
		}
	})
}

// TestRepairPutsParentsIn: after Missing and Insert every reply on a page has
// its parent there, if its place is there; nothing else is asked for.
func TestRepairPutsParentsIn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var page []*social.Tweet
		for _, e := range list.Draw(t, "page") {
			tweet := &social.Tweet{ID: e.Tweet}
			if e.Tweet > 1 && rapid.Bool().Draw(t, "reply") {
				tweet.ReplyTo = social.TweetID(rapid.Int64Range(1, int64(e.Tweet)-1).Draw(t, "parent"))
			}
			page = append(page, tweet)
		}
		last := rapid.Bool().Draw(t, "last")
		var parents []*social.Tweet
		for _, id := range timeline.Missing(page, last) {
			parents = append(parents, &social.Tweet{ID: id})
		}
		repaired := timeline.Insert(page, parents)
		there := map[social.TweetID]int{}
		for i, tweet := range repaired {
			there[tweet.ID]++
			if there[tweet.ID] > 1 {
				t.Errorf("%d is there twice", tweet.ID)
			}
			if i > 0 && tweet.ID > repaired[i-1].ID {
				t.Errorf("%d behind %d", tweet.ID, repaired[i-1].ID)
			}
		}
		for _, tweet := range page {
			if tweet.ReplyTo != 0 && there[tweet.ReplyTo] == 0 && (last || tweet.ReplyTo > page[len(page)-1].ID) {
				t.Errorf("%d replies to %d, which is missing", tweet.ID, tweet.ReplyTo)
			}
		}
		if len(repaired) != len(page)+len(parents) {
			t.Errorf("%d tweets of %d and %d parents", len(repaired), len(page), len(parents))
		}
	})
}

// TestFeedIsPullMerge: a feed read in pages of any size, from a home timeline
// down to its floor and below it from the author logs, is the pull merge:
// whatever was appended to what was built, as often as it came.
func TestFeedIsPullMerge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		logs := map[social.UserID][]cache.Entry{}
		var heads []timeline.Log
		var all []cache.Entry
		for u := social.UserID(1); u <= 5; u++ {
			log := slices.DeleteFunc(list.Draw(t, "log"), func(e cache.Entry) bool { return e.Author != u })
			logs[u], all = log, append(all, log...)
			head := timeline.Log{Author: u, Complete: true}
			for i, e := range log {
				if i > 0 && rapid.IntRange(0, 3).Draw(t, "cut") == 0 {
					head.Complete = false
					break
				}
				head.Entries = append(head.Entries, social.LogEntry{Tweet: e.Tweet})
			}
			heads = append(heads, head)
		}
		built, floor := timeline.Build(heads)
		var again []cache.Entry
		if len(all) > 0 {
			again = rapid.SliceOf(rapid.SampledFrom(all)).Draw(t, "delivered again")
		}
		home := cache.Timeline{Found: true, Floor: floor, Entries: append(again, built...)}
		n := rapid.IntRange(1, 10).Draw(t, "page size")
		var got []cache.Entry
		for before := social.TweetID(0); ; {
			page := readPage(home, logs, before, n)
			got = append(got, page...)
			if len(page) < n {
				break
			}
			before = page[n-1].Tweet
		}
		if want := sortAll(all); !slices.Equal(got, want) {
			t.Errorf("in pages of %d above floor %d got %v, want %v", n, floor, got, want)
		}
	})
}

func readPage(home cache.Timeline, logs map[social.UserID][]cache.Entry, before social.TweetID, n int) []cache.Entry {
	everybody := func(social.UserID) bool { return true }
	lists := [][]cache.Entry{timeline.Head(home, before, everybody)}
	below := home.Floor + 1
	if before != 0 {
		below = min(below, before)
	}
	for _, log := range logs {
		i := slices.IndexFunc(log, func(e cache.Entry) bool { return e.Tweet < below })
		if i >= 0 {
			lists = append(lists, log[i:])
		}
	}
	return timeline.Merge(n, lists...)
}
