package serve

import (
	"context"
	"errors"

	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/subgraphs/internal/read"
)

// LiveTweet finds the tweet that a mutation is about, named by a field of its
// input. One that is deleted or not there is a refusal.
func LiveTweet(ctx context.Context, r *read.Reader, id, field string) (*social.Tweet, *Refusal, error) {
	tid, err := social.ParseTweetID(id)
	if err != nil {
		return nil, nil, err
	}
	t, err := r.Tweet(ctx, tid)
	switch {
	case errors.Is(err, read.ErrNotFound):
		return nil, Refuse(NotFound, field, "There is no such tweet."), nil
	case err != nil:
		return nil, nil, err
	case t.Deleted():
		return nil, Refuse(Deleted, field, "This tweet was deleted."), nil
	}
	return t, nil, nil
}
