package engagement

import (
	"context"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/subgraphs/engagement/internal/gql"
	"github.com/starlinghq/starling/subgraphs/internal/read"
	"github.com/starlinghq/starling/subgraphs/internal/serve"
)

// facts are what the operation wants to know about one tweet.
type facts struct {
	tweet           func() *social.Tweet
	likes, comments func() int64
	like            func() social.Last
}

// tweets returns the tweets of ids with the facts that the operation asks for
// below the field being resolved, all read in one call. The facts of a deleted
// or unknown tweet stay null.
func (r *Resolver) tweets(ctx context.Context, ids []social.TweetID) ([]*gql.Tweet, error) {
	viewer := serve.Viewer(ctx)
	likes := serve.Selects(ctx, "likeCount")
	comments := serve.Selects(ctx, "commentCount")
	liked := viewer != 0 && serve.Selects(ctx, "viewerHasLiked")
	batch := r.read.Batch()
	wanted := make([]facts, len(ids))
	for i, id := range ids {
		sid := snowflake.ID(id)
		if likes || comments || liked {
			wanted[i].tweet = read.Want[*social.Tweet](batch, cache.Key{Kind: cache.KindTweet, ID: sid})
		}
		if likes {
			wanted[i].likes = read.Want[int64](batch, cache.Key{Kind: cache.KindLikerCount, ID: sid})
		}
		if comments {
			wanted[i].comments = read.Want[int64](batch, cache.Key{Kind: cache.KindCommentCount, ID: sid})
		}
		if liked {
			wanted[i].like = read.Want[social.Last](batch, read.RowKey(cache.WroteLike, viewer, sid))
		}
	}
	if err := batch.Do(ctx); err != nil {
		return nil, err
	}
	var own cache.Overlay
	if liked {
		var err error
		if own, err = r.read.Overlay(ctx, viewer); err != nil {
			return nil, err
		}
	}
	out := make([]*gql.Tweet, len(ids))
	for i, id := range ids {
		out[i] = wanted[i].show(id, own)
	}
	return out, nil
}

func (f facts) show(id social.TweetID, own cache.Overlay) *gql.Tweet {
	t := &gql.Tweet{ID: id.String()}
	if f.tweet == nil || f.tweet() == nil || f.tweet().Deleted() {
		return t
	}
	if f.likes != nil {
		t.LikeCount = count(f.likes())
	}
	if f.comments != nil {
		t.CommentCount = count(f.comments())
	}
	if f.like != nil {
		stands := read.Stands(f.like(), cache.WroteLike, snowflake.ID(id), own)
		t.ViewerHasLiked = &stands
	}
	return t
}

func count(n int64) *int {
	c := int(n)
	return &c
}

// live returns a tweet that engagement may be shown of; nil for one that is
// deleted or not there.
func (r *Resolver) live(ctx context.Context, id social.TweetID) (*social.Tweet, error) {
	found, err := r.read.Tweets(ctx, []social.TweetID{id})
	if err != nil || found[0] == nil || found[0].Deleted() {
		return nil, err
	}
	return found[0], nil
}
