package timeline_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/timeline"
)

// BenchmarkMerge takes the newest 20 of as many logs as an average and a large
// followee list have, each with as much as a page can need, beside the way that
// comes to mind first.
func BenchmarkMerge(b *testing.B) {
	const n = 20
	ways := []struct {
		name  string
		merge func(int, ...[]cache.Entry) []cache.Entry
	}{{"merge", timeline.Merge}, {"concat+sort", concatAndSort}}
	for _, authors := range []int{117, 500, 2000} {
		lists := make([][]cache.Entry, authors)
		for i := range lists {
			id := rand.Int64N(1 << 40)
			for range n {
				lists[i] = append(lists[i], cache.Entry{Tweet: social.TweetID(id), Author: social.UserID(i)})
				id -= rand.Int64N(1 << 30)
			}
		}
		if !slices.Equal(timeline.Merge(n, lists...), concatAndSort(n, lists...)) {
			b.Fatal("the two differ")
		}
		for _, way := range ways {
			b.Run(fmt.Sprintf("lists=%d/%s", authors, way.name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					way.merge(n, lists...)
				}
			})
		}
	}
}

func concatAndSort(n int, lists ...[]cache.Entry) []cache.Entry {
	all := slices.Concat(lists...)
	slices.SortFunc(all, func(a, b cache.Entry) int { return cmp.Compare(b.Tweet, a.Tweet) })
	all = slices.CompactFunc(all, func(a, b cache.Entry) bool { return a.Tweet == b.Tweet })
	return all[:min(n, len(all))]
}

// BenchmarkHead serves a full home timeline of a viewer with 117 followees,
// whose entries arrived in order or a little out of it.
func BenchmarkHead(b *testing.B) {
	authors := make([]social.UserID, 117)
	for i := range authors {
		authors[i] = social.UserID(i * 1000)
	}
	shown := func(u social.UserID) bool {
		_, ok := slices.BinarySearch(authors, u)
		return ok
	}
	for _, late := range []int{0, 8, cache.MaxEntries} {
		b.Run(fmt.Sprintf("late=%d", late), func(b *testing.B) {
			home := cache.Timeline{Found: true}
			for i := range cache.MaxEntries - 1 {
				id := social.TweetID(i*1000 + rand.IntN(late*1000+1))
				home.Entries = append(home.Entries, cache.Entry{Tweet: id, Author: authors[rand.IntN(len(authors))]})
			}
			b.ReportAllocs()
			for b.Loop() {
				timeline.Head(home, 0, shown)
			}
		})
	}
}

// BenchmarkBuild builds the home timeline of a viewer with 117 followees.
func BenchmarkBuild(b *testing.B) {
	logs := make([]timeline.Log, 117)
	for i := range logs {
		logs[i] = timeline.Log{Author: social.UserID(i), Complete: true}
		for j := range cache.LogSize / 2 {
			logs[i].Entries = append(logs[i].Entries, social.LogEntry{Tweet: social.TweetID((cache.LogSize-j)*1000 + i)})
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		timeline.Build(logs)
	}
}
