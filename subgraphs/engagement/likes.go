package engagement

import (
	"context"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/subgraphs/engagement/internal/gql"
	"github.com/starlinghq/starling/subgraphs/internal/commit"
	"github.com/starlinghq/starling/subgraphs/internal/serve"
)

// like commits that the viewer likes a tweet, or no longer does.
func (r *Resolver) like(ctx context.Context, in gql.LikeInput, state social.State) (*gql.LikePayload, error) {
	me, err := serve.RequireViewer(ctx)
	if err != nil {
		return nil, err
	}
	t, refusal, err := serve.LiveTweet(ctx, r.read, in.TweetID, "tweetId")
	if err != nil {
		return nil, err
	}
	if refusal != nil {
		return &gql.LikePayload{UserErrors: toErrors(refusal)}, nil
	}
	_, err = r.commit.Commit(ctx, commit.Mutation{
		Name: "likeTweet", Actor: me, Family: social.FamilyEngagement,
		Parents: []snowflake.ID{snowflake.ID(t.ID)},
		Body: func(snowflake.ID) social.Body {
			return social.Like{User: me, Tweet: t.ID, State: state}
		},
		Write: func(ev social.Event) cache.Write {
			return cache.Write{Kind: cache.WroteLike, Object: snowflake.ID(t.ID), Last: social.Last{Event: ev.ID, State: state}}
		},
	})
	if err != nil {
		return nil, err
	}
	tweets, err := r.tweets(ctx, []social.TweetID{t.ID})
	if err != nil {
		return nil, err
	}
	return &gql.LikePayload{Tweet: tweets[0], UserErrors: toErrors(nil)}, nil
}
