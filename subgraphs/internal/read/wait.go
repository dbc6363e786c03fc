package read

import (
	"context"
	"errors"
	"time"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

var (
	// ErrNotFound says that nothing has the id asked for.
	ErrNotFound = errors.New("not found")
	// ErrNotYet says that the id is so young that its object may still be on
	// its way. Ask again in a second.
	ErrNotYet = errors.New("not known yet")
)

const (
	youth    = 60 * time.Second      // younger ids may be on their way
	future   = 2 * time.Second       // ids further ahead were never minted
	patience = time.Second           // how long one request waits for a young id
	interval = 20 * time.Millisecond // between two looks
)

// Tweet returns one tweet, deleted or not; [ErrNotFound], [ErrNotYet].
func (r *Reader) Tweet(ctx context.Context, id social.TweetID) (*social.Tweet, error) {
	return one[social.Tweet](ctx, r, cache.KindTweet, snowflake.ID(id))
}

// User returns one profile; [ErrNotFound], [ErrNotYet].
func (r *Reader) User(ctx context.Context, id social.UserID) (*social.User, error) {
	return one[social.User](ctx, r, cache.KindUser, snowflake.ID(id))
}

// Comment returns one comment, deleted or not; [ErrNotFound], [ErrNotYet].
func (r *Reader) Comment(ctx context.Context, id social.CommentID) (*social.Comment, error) {
	return one[social.Comment](ctx, r, cache.KindComment, snowflake.ID(id))
}

func one[T any](ctx context.Context, r *Reader, kind cache.Kind, id snowflake.ID) (*T, error) {
	if id.Time().Sub(r.now()) > future {
		return nil, ErrNotFound
	}
	look := func() (*T, error) {
		values, err := r.Get(ctx, cache.Key{Kind: kind, ID: id})
		if err != nil {
			return nil, err
		}
		v, _ := values[0].(*T)
		return v, nil
	}
	v, err := look()
	if v != nil || err != nil {
		return v, err
	}
	if r.now().Sub(id.Time()) > youth {
		return nil, ErrNotFound
	}
	select {
	case r.waiters <- struct{}{}:
		defer func() { <-r.waiters }()
	default:
		return nil, ErrNotYet
	}
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-deadline.C:
			return nil, ErrNotYet
		case <-tick.C:
			if v, err := look(); v != nil || err != nil {
				return v, err
			}
		}
	}
}
