// Package engagement is the owner of likes and comments: rows, counts and the
// list of what each user likes. It stands behind the queue of the family
// engagement, keyed by the tweet, and nothing follows from what it applies.
package engagement

import (
	"context"
	"fmt"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
	"github.com/starlinghq/starling/workers"
)

// Tables are the roles of the store that the owner needs.
type Tables interface {
	store.Relations
	store.Likes
	store.Comments
}

// Owner applies the events of the family engagement.
type Owner struct {
	store Tables
	cache cache.Objects
}

// New returns the owner of likes and comments.
func New(s Tables, c cache.Objects) *Owner { return &Owner{store: s, cache: c} }

// Apply implements workers.Handler.
func (o *Owner) Apply(ctx context.Context, w workers.Work) ([]social.Event, error) {
	switch b := w.Event.Body.(type) {
	case social.Like:
		return nil, o.like(ctx, w, b)
	case social.CommentPosted:
		return nil, o.put(ctx, w, social.NewComment(w.Event.ID, b))
	case social.CommentDeleted:
		c := social.Comment{ID: b.Comment, Tweet: b.Tweet, Author: b.Author}
		return nil, o.put(ctx, w, c.Delete(w.Event.ID))
	}
	return nil, fmt.Errorf("engagement owner: no use for %s", w.Event.Body.Type())
}

func (o *Owner) like(ctx context.Context, w workers.Work, b social.Like) error {
	tweet := snowflake.ID(b.Tweet)
	changed, err := workers.ChangeMember(ctx, o.store, w, workers.Membership{
		Relation: store.Likers, Owner: tweet, User: b.User, State: b.State,
		Before: func(ctx context.Context, was, will store.Member) error { return o.list(ctx, w, b, was, will) },
	})
	if err != nil || changed.Verdict == social.Older {
		return err
	}
	err = o.cache.PutIfNewer(ctx,
		cache.Object{
			Key:     cache.Key{Kind: cache.KindLiker, ID: tweet, Sub: snowflake.ID(b.User)},
			Version: cache.Version{Major: int64(changed.Member.Last.Event)},
			Value:   changed.Member.Last,
		},
		workers.CountObject(cache.KindLikerCount, tweet, changed.Count),
	)
	if err != nil {
		return fmt.Errorf("caching the like of %s by %s: %w", b.Tweet, b.User, err)
	}
	return nil
}

// list keeps the list of what a user likes in step with the row: the new entry
// is there, or the old one is off, before the row says so.
func (o *Owner) list(ctx context.Context, w workers.Work, b social.Like, was, will store.Member) error {
	if was.Last.State == will.Last.State {
		return nil
	}
	since := will.Since
	if b.State == social.Off {
		since = was.Since
	}
	if err := o.store.PutLiked(ctx, w.Fence, b.User, store.Liked{Since: since, Tweet: b.Tweet}, will.Last); err != nil {
		return fmt.Errorf("writing what %s likes: %w", b.User, err)
	}
	return nil
}

// put brings a comment to the state that an event gave it: the row and its
// count, both or neither, then the caches.
func (o *Owner) put(ctx context.Context, w workers.Work, will *social.Comment) error {
	was, count, err := o.store.Comment(ctx, will.Tweet, will.ID)
	if err != nil {
		return fmt.Errorf("reading comment %s: %w", will.ID, err)
	}
	var last social.Last
	if was != nil {
		last = was.Last
	}
	verdict := last.Judge(w.Event.ID)
	if verdict == social.Older && !w.Recovered {
		return nil
	}
	n := count.N
	if w.Recovered || verdict == social.Same { // see workers.ChangeMember
		if n, err = o.store.RecountComments(ctx, will.Tweet, will.ID); err != nil {
			return fmt.Errorf("recounting the comments of %s: %w", will.Tweet, err)
		}
	}
	if verdict == social.Newer {
		n += int64(will.Last.State) - int64(last.State)
	} else {
		will = was
	}
	count = store.Count{N: n, Stamp: w.Fence.Next()}
	if err := o.store.PutComment(ctx, w.Fence, *will, count); err != nil {
		return fmt.Errorf("writing comment %s: %w", will.ID, err)
	}
	if err := o.cache.PutIfNewer(ctx, cache.CommentObject(will)); err != nil {
		return fmt.Errorf("caching comment %s: %w", will.ID, err)
	}
	if err := o.cache.Delete(ctx, cache.Key{Kind: cache.KindCommentCount, ID: snowflake.ID(will.Tweet)}); err != nil {
		return fmt.Errorf("dropping the cached count of comments of %s: %w", will.Tweet, err)
	}
	return nil
}
