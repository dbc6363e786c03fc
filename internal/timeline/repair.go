package timeline

import (
	"slices"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
)

// Missing returns the parents that belong on a page but are not there: the
// parents of its replies that would stand between its ends. Logs of different
// authors are written by different owners, so a reply may arrive first. last
// says that the page is the last one, so that it reaches down to any id.
func Missing(page []*social.Tweet, last bool) []social.TweetID {
	if len(page) == 0 {
		return nil
	}
	oldest := page[len(page)-1].ID
	there := make(map[social.TweetID]bool, len(page))
	for _, t := range page {
		there[t.ID] = true
	}
	var missing []social.TweetID
	for _, t := range page {
		if t.ReplyTo != 0 && !there[t.ReplyTo] && (last || t.ReplyTo > oldest) {
			there[t.ReplyTo] = true
			missing = append(missing, t.ReplyTo)
		}
	}
	return missing
}

// Insert puts parents that were missing into a page, which stays newest first.
func Insert(page []*social.Tweet, parents []*social.Tweet) []*social.Tweet {
	page = append(slices.Clone(page), parents...)
	slices.SortFunc(page, func(a, b *social.Tweet) int {
		return newestFirst(cache.Entry{Tweet: a.ID}, cache.Entry{Tweet: b.ID})
	})
	return page
}
