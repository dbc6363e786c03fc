package timeline

import (
	"cmp"
	"container/heap"
	"slices"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
)

// newestFirst orders entries by falling tweet id.
func newestFirst(a, b cache.Entry) int { return cmp.Compare(b.Tweet, a.Tweet) }

// FromLog returns an author's log as entries.
func FromLog(author social.UserID, log []social.LogEntry) []cache.Entry {
	out := make([]cache.Entry, len(log))
	for i, e := range log {
		out[i] = cache.Entry{Tweet: e.Tweet, Author: author}
	}
	return out
}

// Head returns what a home timeline serves below before (0: from the newest):
// the entries above its floor whose authors may be shown, newest first, each
// once. The arrival order of fan-out, with its doubles, ends here.
func Head(t cache.Timeline, before social.TweetID, shown func(social.UserID) bool) []cache.Entry {
	out := make([]cache.Entry, 0, len(t.Entries))
	for _, e := range t.Entries {
		if e.Tweet > t.Floor && (before == 0 || e.Tweet < before) && shown(e.Author) {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, newestFirst)
	return slices.CompactFunc(out, func(a, b cache.Entry) bool { return a.Tweet == b.Tweet })
}

// Merge returns the newest n entries of lists that are each newest first,
// every tweet once. Its cost is that of the n entries it takes, times the
// logarithm of the number of lists.
func Merge(n int, lists ...[]cache.Entry) []cache.Entry {
	h := make(heads, 0, len(lists))
	for _, l := range lists {
		if len(l) > 0 {
			h = append(h, l)
		}
	}
	heap.Init(&h)
	out := make([]cache.Entry, 0, min(n, 256))
	for len(h) > 0 && len(out) < n {
		e := h[0][0]
		if len(out) == 0 || out[len(out)-1].Tweet != e.Tweet {
			out = append(out, e)
		}
		if h[0] = h[0][1:]; len(h[0]) == 0 {
			heap.Pop(&h)
		} else {
			heap.Fix(&h, 0)
		}
	}
	return out
}

// heads is a heap of lists with the newest head on top.
type heads [][]cache.Entry

func (h heads) Len() int           { return len(h) }
func (h heads) Less(i, j int) bool { return h[i][0].Tweet > h[j][0].Tweet }
func (h heads) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *heads) Push(x any)        { *h = append(*h, x.([]cache.Entry)) }
func (h *heads) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}
