package timeline_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/timeline"
)

// TestCases runs the cases of testdata. An entry is written author:tweet, as
// in 7:120; a tweet of a page as 120, a reply as 120>100.
//
//	merge n=<how many>      one list a line, newest first
//	head floor= [before=] [hidden=]   entries in order of arrival
//	build                   one log a line, author: tweets newest first; + at the
//	                        end where older ones were not read
//	missing [last]          a page
//	insert                  a page, and parents on the second line
func TestCases(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "merge":
				return runMerge(t, d)
			case "head":
				return runHead(t, d)
			case "build":
				return runBuild(t, d)
			case "missing":
				return runMissing(t, d)
			case "insert":
				return runInsert(t, d)
			}
			d.Fatalf(t, "unknown command %s", d.Cmd)
			return ""
		})
	})
}

func runMerge(t *testing.T, d *datadriven.TestData) string {
	var n int
	d.ScanArgs(t, "n", &n)
	var lists [][]cache.Entry
	for line := range strings.Lines(d.Input) {
		lists = append(lists, entries(t, line))
	}
	before := fmt.Sprint(lists)
	merged := timeline.Merge(n, lists...)
	if fmt.Sprint(lists) != before {
		d.Fatalf(t, "the lists were changed")
	}
	return show(merged)
}

func runHead(t *testing.T, d *datadriven.TestData) string {
	var floor, before int64
	var hidden string
	d.ScanArgs(t, "floor", &floor)
	d.MaybeScanArgs(t, "before", &before)
	d.MaybeScanArgs(t, "hidden", &hidden)
	home := cache.Timeline{Found: true, Floor: social.TweetID(floor), Entries: entries(t, d.Input)}
	was := slices.Clone(home.Entries)
	head := timeline.Head(home, social.TweetID(before), func(u social.UserID) bool {
		return !slices.Contains(strings.Split(hidden, "/"), fmt.Sprint(int64(u)))
	})
	if !slices.Equal(was, home.Entries) {
		d.Fatalf(t, "the home timeline was changed")
	}
	return show(head)
}

func runBuild(t *testing.T, d *datadriven.TestData) string {
	var logs []timeline.Log
	for line := range strings.Lines(d.Input) {
		author, tweets, ok := strings.Cut(line, ":")
		if !ok {
			d.Fatalf(t, "no author in %q", line)
		}
		l := timeline.Log{Author: social.UserID(number(t, author)), Complete: true}
		for _, word := range strings.Fields(tweets) {
			if word == "+" {
				l.Complete = false
				continue
			}
			l.Entries = append(l.Entries, logEntries(t, word)...)
		}
		logs = append(logs, l)
	}
	built, floor := timeline.Build(logs)
	out := show(built)
	if len(built) > 20 {
		out = fmt.Sprintf("%d entries from %s to %s\n", len(built), showOne(built[0]), showOne(built[len(built)-1]))
	}
	return out + fmt.Sprintf("floor %d\n", floor)
}

// logEntries reads one tweet, or a run of them as 900-101.
func logEntries(t *testing.T, word string) []social.LogEntry {
	from, to, ok := strings.Cut(word, "-")
	if !ok {
		return []social.LogEntry{{Tweet: social.TweetID(number(t, word))}}
	}
	var out []social.LogEntry
	for id := number(t, from); id >= number(t, to); id-- {
		out = append(out, social.LogEntry{Tweet: social.TweetID(id)})
	}
	return out
}

func runMissing(t *testing.T, d *datadriven.TestData) string {
	return showIDs(timeline.Missing(page(t, d.Input), d.HasArg("last")))
}

func runInsert(t *testing.T, d *datadriven.TestData) string {
	first, second, _ := strings.Cut(d.Input, "\n")
	given := page(t, first)
	was := slices.Clone(given)
	var ids []social.TweetID
	for _, tweet := range timeline.Insert(given, page(t, second)) {
		ids = append(ids, tweet.ID)
	}
	if !slices.Equal(was, given) {
		d.Fatalf(t, "the page was changed")
	}
	return showIDs(ids)
}

func page(t *testing.T, text string) []*social.Tweet {
	var out []*social.Tweet
	for _, word := range strings.Fields(text) {
		id, parent, reply := strings.Cut(word, ">")
		tweet := &social.Tweet{ID: social.TweetID(number(t, id))}
		if reply {
			tweet.ReplyTo = social.TweetID(number(t, parent))
		}
		out = append(out, tweet)
	}
	return out
}

func entries(t *testing.T, text string) []cache.Entry {
	var out []cache.Entry
	for _, word := range strings.Fields(text) {
		author, tweet, _ := strings.Cut(word, ":")
		out = append(out, cache.Entry{Tweet: social.TweetID(number(t, tweet)), Author: social.UserID(number(t, author))})
	}
	return out
}

func number(t *testing.T, text string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func showOne(e cache.Entry) string { return fmt.Sprintf("%d:%d", int64(e.Author), int64(e.Tweet)) }

func show(es []cache.Entry) string {
	var words []string
	for _, e := range es {
		words = append(words, showOne(e))
	}
	return strings.TrimSpace("entries "+strings.Join(words, " ")) + "\n"
}

func showIDs(ids []social.TweetID) string {
	words := []string{"tweets"}
	for _, id := range ids {
		words = append(words, fmt.Sprint(int64(id)))
	}
	return strings.Join(words, " ") + "\n"
}
