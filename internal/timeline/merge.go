package timeline

import (
	"cmp"
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
// every tweet once. Its cost is one look at each list and then, for each entry
// taken, the logarithm of their number.
func Merge(n int, lists ...[]cache.Entry) []cache.Entry {
	h := make(heads, 0, len(lists))
	room := 0
	for _, l := range lists {
		if len(l) > 0 {
			h = append(h, l)
			room += len(l)
		}
	}
	for i := len(h)/2 - 1; i >= 0; i-- {
		h.sink(i)
	}
	out := make([]cache.Entry, 0, max(0, min(n, room)))
	for len(h) > 0 && len(out) < n {
		e := h[0][0]
		if len(out) == 0 || out[len(out)-1].Tweet != e.Tweet {
			out = append(out, e)
		}
		if h[0] = h[0][1:]; len(h[0]) == 0 {
			last := len(h) - 1
			h[0], h = h[last], h[:last]
		}
		h.sink(0)
	}
	return out
}

// heads is a heap of lists with the newest head on top. It is not
// container/heap, which boxes every list that ends.
type heads [][]cache.Entry

// sink restores the heap below i, where the head has become older.
func (h heads) sink(i int) {
	for {
		newest := i
		for _, child := range [2]int{2*i + 1, 2*i + 2} {
			if child < len(h) && h[child][0].Tweet > h[newest][0].Tweet {
				newest = child
			}
		}
		if newest == i {
			return
		}
		h[i], h[newest] = h[newest], h[i]
		i = newest
	}
}
