package read

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// Entry is one place in a list: At orders the list and makes its cursors,
// Object is what stands there. They differ only in the list of what a user
// likes, which is ordered by the likes.
type Entry struct {
	At     snowflake.ID
	Object snowflake.ID
}

// Window asks for at most N entries of a list behind After (0: from its start).
type Window struct {
	After snowflake.ID
	N     int
}

// Followees lists whom user follows, in order of id.
func (r *Reader) Followees(ctx context.Context, user, viewer social.UserID, w Window) ([]Entry, error) {
	var changes []change
	if user == viewer {
		own, err := r.unapplied(ctx, cache.WroteFollow, viewer)
		if err != nil {
			return nil, err
		}
		for _, o := range own {
			changes = append(changes, change{Entry{o.Object, o.Object}, o.Last.State})
		}
	}
	return r.memberList(ctx, store.Followees, snowflake.ID(user), changes, w)
}

// Followers lists who follows user, in order of id.
func (r *Reader) Followers(ctx context.Context, user, viewer social.UserID, w Window) ([]Entry, error) {
	changes, err := r.viewerIn(ctx, cache.WroteFollow, snowflake.ID(user), viewer)
	if err != nil {
		return nil, err
	}
	return r.memberList(ctx, store.Followers, snowflake.ID(user), changes, w)
}

// Likers lists who likes a tweet, in order of id.
func (r *Reader) Likers(ctx context.Context, tweet social.TweetID, viewer social.UserID, w Window) ([]Entry, error) {
	changes, err := r.viewerIn(ctx, cache.WroteLike, snowflake.ID(tweet), viewer)
	if err != nil {
		return nil, err
	}
	return r.memberList(ctx, store.Likers, snowflake.ID(tweet), changes, w)
}

// viewerIn returns the change that the viewer's own write makes to the list of
// those who follow or like object.
func (r *Reader) viewerIn(ctx context.Context, kind cache.WriteKind, object snowflake.ID, viewer social.UserID) ([]change, error) {
	if viewer == 0 {
		return nil, nil
	}
	own, err := r.unapplied(ctx, kind, viewer)
	if err != nil {
		return nil, err
	}
	for _, o := range own {
		if o.Object == object {
			me := snowflake.ID(viewer)
			return []change{{Entry{me, me}, o.Last.State}}, nil
		}
	}
	return nil, nil
}

func (r *Reader) memberList(ctx context.Context, rel store.Relation, owner snowflake.ID, changes []change, w Window) ([]Entry, error) {
	return lay(w, cmp.Compare[snowflake.ID], changes, func(n int) ([]Entry, error) {
		rows, err := r.store.Members(ctx, rel, owner, social.UserID(w.After), n)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", rel, err)
		}
		out := make([]Entry, len(rows))
		for i, m := range rows {
			out[i] = Entry{snowflake.ID(m.User), snowflake.ID(m.User)}
		}
		return out, nil
	})
}

// Likes lists the tweets that user likes, newest like first.
func (r *Reader) Likes(ctx context.Context, user, viewer social.UserID, w Window) ([]Entry, error) {
	var changes []change
	if user == viewer {
		own, err := r.unapplied(ctx, cache.WroteLike, viewer)
		if err != nil {
			return nil, err
		}
		for _, o := range own {
			changes = append(changes, change{Entry{o.Last.Event, o.Object}, o.Last.State})
		}
	}
	return lay(w, newestFirst, changes, func(n int) ([]Entry, error) {
		rows, err := r.store.Liked(ctx, user, w.After, n)
		if err != nil {
			return nil, fmt.Errorf("reading what %s likes: %w", user, err)
		}
		out := make([]Entry, len(rows))
		for i, l := range rows {
			out[i] = Entry{l.Since, snowflake.ID(l.Tweet)}
		}
		return out, nil
	})
}

// CommentsOf lists the live comments of a tweet, newest first.
func (r *Reader) CommentsOf(ctx context.Context, tweet social.TweetID, viewer social.UserID, w Window) ([]Entry, error) {
	changes, err := r.ownObjects(ctx, cache.WroteComment, viewer, func(o cache.Write) bool {
		return o.Parent == snowflake.ID(tweet)
	})
	if err != nil {
		return nil, err
	}
	return lay(w, newestFirst, changes, func(n int) ([]Entry, error) {
		rows, err := r.store.CommentsOf(ctx, tweet, social.CommentID(w.After), n)
		if err != nil {
			return nil, fmt.Errorf("reading the comments of %s: %w", tweet, err)
		}
		out := make([]Entry, len(rows))
		for i, c := range rows {
			out[i] = Entry{snowflake.ID(c.ID), snowflake.ID(c.ID)}
		}
		return out, nil
	})
}

// TweetsOf lists the live tweets and replies of an author, newest first.
func (r *Reader) TweetsOf(ctx context.Context, author, viewer social.UserID, w Window) ([]*social.Tweet, error) {
	var changes []change
	if author == viewer {
		var err error
		changes, err = r.ownObjects(ctx, cache.WroteTweet, viewer, func(cache.Write) bool { return true })
		if err != nil {
			return nil, err
		}
	}
	var live []*social.Tweet
	for len(live) < w.N {
		ask := Window{After: w.After, N: w.N - len(live)}
		entries, err := lay(ask, newestFirst, changes, func(n int) ([]Entry, error) {
			return r.authorLog(ctx, author, social.TweetID(ask.After), n)
		})
		if err != nil {
			return nil, err
		}
		ids := make([]social.TweetID, len(entries))
		for i, e := range entries {
			ids[i] = social.TweetID(e.Object)
		}
		tweets, err := r.Tweets(ctx, ids)
		if err != nil {
			return nil, err
		}
		for _, t := range tweets {
			if t != nil && !t.Deleted() {
				live = append(live, t)
			}
		}
		if len(entries) < ask.N {
			break
		}
		w.After = entries[len(entries)-1].At
	}
	return live, nil
}

func (r *Reader) authorLog(ctx context.Context, author social.UserID, before social.TweetID, n int) ([]Entry, error) {
	logs, err := r.AuthorLogs(ctx, []social.UserID{author}, before, n)
	if err != nil {
		return nil, err
	}
	out := make([]Entry, len(logs[0]))
	for i, e := range logs[0] {
		out[i] = Entry{snowflake.ID(e.Tweet), snowflake.ID(e.Tweet)}
	}
	return out, nil
}

// ownObjects returns the viewer's own new or deleted tweets or comments as
// changes. Their ids are unique and go from on to off once, so they need no
// comparison with the rows: being there twice is harmless.
func (r *Reader) ownObjects(ctx context.Context, kind cache.WriteKind, viewer social.UserID, keep func(cache.Write) bool) ([]change, error) {
	if viewer == 0 {
		return nil, nil
	}
	o, err := r.Overlay(ctx, viewer)
	if err != nil {
		return nil, err
	}
	var changes []change
	for _, w := range o.Writes {
		if w.Kind == kind && keep(w) {
			changes = append(changes, change{Entry{w.Object, w.Object}, w.Last.State})
		}
	}
	return changes, nil
}

// change is what a write that is not applied yet does to a list.
type change struct {
	Entry
	state social.State
}

func newestFirst(a, b snowflake.ID) int { return cmp.Compare(b, a) }

// lay reads one window of a list and lays the changes over it. fetch reads the
// first n rows behind the window's start.
func lay(w Window, order func(a, b snowflake.ID) int, changes []change, fetch func(n int) ([]Entry, error)) ([]Entry, error) {
	off := map[snowflake.ID]bool{}
	for _, c := range changes {
		if c.state == social.Off {
			off[c.Object] = true
		}
	}
	n := w.N + len(off) // each change takes at most one row away
	rows, err := fetch(n)
	if err != nil {
		return nil, err
	}
	whole := len(rows) < n
	out := make([]Entry, 0, w.N+len(changes))
	there := map[snowflake.ID]bool{}
	for _, e := range rows {
		if !off[e.Object] {
			out = append(out, e)
			there[e.Object] = true
		}
	}
	for _, c := range changes {
		behindStart := w.After == 0 || order(c.At, w.After) > 0
		beforeEnd := whole || order(c.At, rows[len(rows)-1].At) < 0
		if c.state == social.On && !there[c.Object] && behindStart && beforeEnd {
			out = append(out, c.Entry)
		}
	}
	slices.SortFunc(out, func(a, b Entry) int { return order(a.At, b.At) })
	return out[:min(len(out), w.N)], nil
}
