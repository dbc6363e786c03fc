package feed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/timeline"
	"github.com/starlinghq/starling/subgraphs/internal/serve"
)

// page returns the newest n live tweets of a viewer's feed below before (0:
// from the newest), newest first. Fewer than n means that there are no more.
func (r *Resolver) page(ctx context.Context, viewer social.UserID, before social.TweetID, n int) ([]*social.Tweet, error) {
	f, err := r.open(ctx, viewer)
	if err != nil {
		return nil, err
	}
	var live []*social.Tweet
	last := false
	for from := before; len(live) < n && !last; {
		entries, err := f.next(ctx, from, n-len(live))
		if err != nil {
			return nil, err
		}
		last = len(entries) < n-len(live)
		tweets, err := f.tweets(ctx, entries)
		if err != nil {
			return nil, err
		}
		live = append(live, tweets...)
		if len(entries) > 0 {
			from = entries[len(entries)-1].Tweet
		}
	}
	if live, err = f.repair(ctx, live, before, n, last); err != nil {
		return nil, err
	}
	return live, f.keep(ctx, live)
}

// keep adds what the viewer is shown to a home timeline that somebody else is
// building: it may have read the logs before this tweet was in them, and fan-out
// may come to it later; what was seen once must not be gone in between.
func (f *feed) keep(ctx context.Context, shown []*social.Tweet) error {
	if !f.building {
		return nil
	}
	for _, t := range shown {
		err := f.timelines.Append(ctx, cache.Entry{Tweet: t.ID, Author: t.Author}, []social.UserID{f.viewer})
		if err != nil && !errors.Is(err, cache.ErrUnavailable) {
			return fmt.Errorf("keeping what %s was shown: %w", f.viewer, err)
		}
	}
	return nil
}

// feed is one viewer's feed, open for reading pages.
type feed struct {
	*Resolver
	viewer   social.UserID
	home     cache.Timeline
	building bool            // somebody else is building the home timeline
	authors  []social.UserID // everybody shown, in order of id
	pulled   []social.UserID // followed a moment ago: not in the home timeline yet
	own      []cache.Entry   // the viewer's own last tweets, newest first
}

// open reads what every page of a feed needs: the home timeline, who is
// followed, and what the viewer did a moment ago.
func (r *Resolver) open(ctx context.Context, viewer social.UserID) (*feed, error) {
	home, overlay, err := r.timelines.Home(ctx, viewer)
	away := errors.Is(err, cache.ErrUnavailable)
	if err != nil && !away {
		return nil, fmt.Errorf("reading the home timeline of %s: %w", viewer, err)
	}
	f := &feed{Resolver: r, viewer: viewer, home: home, own: ownTweets(viewer, overlay)}
	switch {
	case home.Found && home.Floor == cache.NoFloor:
		f.home, f.building = cache.Timeline{}, true
	case !home.Found && !away:
		if f.home, err = r.build(ctx, viewer); err != nil {
			return nil, err
		}
	}
	following, err := r.following(ctx, viewer)
	if err != nil {
		return nil, err
	}
	changes, err := r.read.Standing(ctx, cache.WroteFollow, viewer, overlay)
	if err != nil {
		return nil, err
	}
	f.authors, f.pulled = applyFollows(append(slices.Clone(following), viewer), changes)
	return f, nil
}

// following returns whom the viewer follows, in order of id.
func (r *Resolver) following(ctx context.Context, viewer social.UserID) (cache.Following, error) {
	values, err := r.read.Get(ctx, cache.Key{Kind: cache.KindFollowing, ID: snowflake.ID(viewer)})
	if err != nil {
		return nil, err
	}
	return values[0].(cache.Following), nil
}

// applyFollows lays the viewer's last follows over those that are applied.
// Authors followed a moment ago are pulled until their overlay entry ends: the
// row may be written and the home timeline not dropped yet.
func applyFollows(authors []social.UserID, changes []cache.Write) (all, pulled []social.UserID) {
	gone := map[social.UserID]bool{}
	for _, c := range changes {
		user := social.UserID(c.Object)
		if c.Last.State == social.On {
			authors, pulled = append(authors, user), append(pulled, user)
		} else {
			gone[user] = true
		}
	}
	authors = slices.DeleteFunc(authors, func(u social.UserID) bool { return gone[u] })
	slices.Sort(authors)
	return slices.Compact(authors), pulled
}

func ownTweets(viewer social.UserID, o cache.Overlay) []cache.Entry {
	var own []cache.Entry
	for _, w := range o.Writes {
		if w.Kind == cache.WroteTweet && w.Last.State == social.On {
			own = append(own, cache.Entry{Tweet: social.TweetID(w.Object), Author: viewer})
		}
	}
	slices.SortFunc(own, func(a, b cache.Entry) int { return cmp.Compare(b.Tweet, a.Tweet) })
	return own
}

// next returns the newest n entries below before: from the home timeline down
// to its floor, below it from the author logs. Fewer than n: no more.
func (f *feed) next(ctx context.Context, before social.TweetID, n int) ([]cache.Entry, error) {
	var out []cache.Entry
	if f.home.Found && (before == 0 || before > f.home.Floor) {
		head := timeline.Head(f.home, before, f.shown)
		recent, err := f.pull(ctx, f.pulled, before, n)
		if err != nil {
			return nil, err
		}
		out = above(f.home.Floor, timeline.Merge(n, append(recent, head, f.ownBelow(before))...))
		if len(out) == n {
			return out, nil
		}
		before = f.home.Floor + 1
	}
	if before == 1 {
		return out, nil // the floor is 0: all history was in the home timeline
	}
	lists, err := f.pull(ctx, f.authors, before, n-len(out))
	if err != nil {
		return nil, err
	}
	return append(out, timeline.Merge(n-len(out), append(lists, f.ownBelow(before))...)...), nil
}

func (f *feed) shown(author social.UserID) bool {
	_, ok := slices.BinarySearch(f.authors, author)
	return ok
}

// pull reads the newest n entries below before of each author's log.
func (f *feed) pull(ctx context.Context, authors []social.UserID, before social.TweetID, n int) ([][]cache.Entry, error) {
	if len(authors) == 0 {
		return nil, nil
	}
	logs, err := f.read.AuthorLogs(ctx, authors, before, n)
	if err != nil {
		return nil, err
	}
	lists := make([][]cache.Entry, len(logs))
	for i, l := range logs {
		lists[i] = timeline.FromLog(authors[i], l)
	}
	return lists, nil
}

func (f *feed) ownBelow(before social.TweetID) []cache.Entry {
	i := 0
	for before != 0 && i < len(f.own) && f.own[i].Tweet >= before {
		i++
	}
	return f.own[i:]
}

// above cuts entries that are newest first where the floor begins.
func above(floor social.TweetID, entries []cache.Entry) []cache.Entry {
	for i, e := range entries {
		if e.Tweet <= floor {
			return entries[:i]
		}
	}
	return entries
}

// tweets returns the live tweets among entries.
func (f *feed) tweets(ctx context.Context, entries []cache.Entry) ([]*social.Tweet, error) {
	ids := make([]social.TweetID, len(entries))
	for i, e := range entries {
		ids[i] = e.Tweet
	}
	found, err := f.read.Tweets(ctx, ids)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(found, func(t *social.Tweet) bool { return t == nil || t.Deleted() }), nil
}

// unsettled is how long a tweet may be on its way to a feed: what is older
// than that has arrived in its author's log.
const unsettled = time.Minute

// recent returns the live tweets of the feed from before upwards, as far as one
// that they reply to may still be on its way to a place below. At most a
// hundred; a page that is old itself has none.
func (f *feed) recent(ctx context.Context, before social.TweetID) ([]*social.Tweet, error) {
	if before == 0 || f.now().Sub(snowflake.ID(before).Time()) > unsettled {
		return nil, nil
	}
	entries, err := f.next(ctx, 0, serve.MaxFirst)
	if err != nil {
		return nil, err
	}
	return f.tweets(ctx, slices.DeleteFunc(entries, func(e cache.Entry) bool { return e.Tweet < before }))
}

// repair puts in the parents that the replies down to a page's end need and
// that have not arrived yet, where the viewer follows their authors; and their
// parents. A reply may stand on an earlier page.
func (f *feed) repair(ctx context.Context, page []*social.Tweet, before social.TweetID, n int, last bool) ([]*social.Tweet, error) {
	earlier, err := f.recent(ctx, before)
	if err != nil {
		return nil, err
	}
	page = append(earlier, page...)
	for asked := map[social.TweetID]bool{}; ; {
		missing := slices.DeleteFunc(timeline.Missing(page, last), func(id social.TweetID) bool { return asked[id] })
		if len(missing) == 0 {
			break
		}
		for _, id := range missing {
			asked[id] = true
		}
		parents, err := f.read.Tweets(ctx, missing)
		if err != nil {
			return nil, err
		}
		page = timeline.Insert(page, slices.DeleteFunc(parents, func(t *social.Tweet) bool {
			return t == nil || t.Deleted() || !f.shown(t.Author)
		}))
	}
	if before != 0 {
		page = slices.DeleteFunc(page, func(t *social.Tweet) bool { return t.ID >= before })
	}
	return page[:min(len(page), n)], nil
}
