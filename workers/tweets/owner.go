// Package tweets is the owner of tweets: the one writer of a tweet's row and
// of its author's log. It stands behind the queue of the family tweets, before
// fan-out: when a tweet is in the log it asks for its delivery.
//
// Tested with the embedded adapters: any order and any number of deliveries of
// the same events ends in the same rows.
package tweets

import (
	"context"
	"fmt"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
	"github.com/starlinghq/starling/workers"
)

// Owner applies the events of the family tweets.
type Owner struct {
	store store.Tweets
	cache cache.Objects
}

// New returns the owner of tweets.
func New(s store.Tweets, c cache.Objects) *Owner { return &Owner{store: s, cache: c} }

// Apply implements workers.Handler.
func (o *Owner) Apply(ctx context.Context, w workers.Work) ([]social.Event, error) {
	switch b := w.Event.Body.(type) {
	case social.TweetPosted:
		return o.posted(ctx, w, b)
	case social.TweetDeleted:
		return nil, o.deleted(ctx, w, b)
	}
	return nil, fmt.Errorf("tweets owner: no use for %s", w.Event.Body.Type())
}

func (o *Owner) posted(ctx context.Context, w workers.Work, b social.TweetPosted) ([]social.Event, error) {
	t := social.NewTweet(w.Event.ID, b)
	was, err := o.read(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	if was != nil && was.Last.Judge(w.Event.ID) == social.Older {
		return nil, nil // deleted meanwhile: it never enters a feed
	}
	if err := o.store.PutTweet(ctx, w.Fence, *t); err != nil {
		return nil, fmt.Errorf("writing tweet %s: %w", t.ID, err)
	}
	if err := o.store.LogTweet(ctx, w.Fence, t.Author, social.LogEntry{Tweet: t.ID, ReplyTo: t.ReplyTo}); err != nil {
		return nil, fmt.Errorf("writing the author log of %s: %w", t.Author, err)
	}
	if err := o.cache.PutIfNewer(ctx, cache.TweetObject(t)); err != nil {
		return nil, fmt.Errorf("caching tweet %s: %w", t.ID, err)
	}
	if err := o.cache.Delete(ctx, cache.Key{Kind: cache.KindAuthorLog, ID: snowflake.ID(t.Author)}); err != nil {
		return nil, fmt.Errorf("dropping the cached log of %s: %w", t.Author, err)
	}
	return []social.Event{{ID: w.Event.ID, Body: social.Fanout{Tweet: t.ID, Author: t.Author}}}, nil
}

func (o *Owner) deleted(ctx context.Context, w workers.Work, b social.TweetDeleted) error {
	was, err := o.read(ctx, b.Tweet)
	if err != nil {
		return err
	}
	if was == nil {
		was = &social.Tweet{ID: b.Tweet, Author: b.Author} // its posting comes later, and will be older
	}
	if was.Last.Judge(w.Event.ID) == social.Older {
		return nil
	}
	gone := was.Delete(w.Event.ID)
	if err := o.store.PutTweet(ctx, w.Fence, *gone); err != nil {
		return fmt.Errorf("deleting tweet %s: %w", b.Tweet, err)
	}
	if err := o.cache.PutIfNewer(ctx, cache.TweetObject(gone)); err != nil {
		return fmt.Errorf("caching tweet %s: %w", b.Tweet, err)
	}
	return nil
}

func (o *Owner) read(ctx context.Context, id social.TweetID) (*social.Tweet, error) {
	found, err := o.store.Tweets(ctx, []social.TweetID{id})
	if err != nil {
		return nil, fmt.Errorf("reading tweet %s: %w", id, err)
	}
	return found[0], nil
}
