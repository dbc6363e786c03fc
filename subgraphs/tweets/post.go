package tweets

import (
	"context"
	"errors"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/social/tweettext"
	"github.com/starlinghq/starling/subgraphs/internal/commit"
	"github.com/starlinghq/starling/subgraphs/internal/read"
	"github.com/starlinghq/starling/subgraphs/internal/serve"
	"github.com/starlinghq/starling/subgraphs/tweets/internal/gql"
)

// post commits a new tweet. Its answer is made from the event.
func (r *Resolver) post(ctx context.Context, in gql.PostTweetInput) (*social.Tweet, *serve.Refusal, error) {
	me, err := serve.RequireViewer(ctx)
	if err != nil {
		return nil, nil, err
	}
	key, err := serve.IdempotencyKey(in.IdempotencyKey)
	if err != nil {
		return nil, nil, err
	}
	if refusal, err := serve.Text(in.Text); refusal != nil || err != nil {
		return nil, refusal, err
	}
	m := commit.Mutation{
		Name: "postTweet", Actor: me, Family: social.FamilyTweets,
		Key: key, Input: in, Applied: r.applied,
		Write: func(ev social.Event) cache.Write {
			t := ev.Body.(social.TweetPosted)
			return cache.Write{Kind: cache.WroteTweet, Object: ev.ID, Parent: snowflake.ID(t.ReplyTo), Last: social.Last{Event: ev.ID, State: social.On}}
		},
		Objects: func(ev social.Event) []cache.Object { return []cache.Object{cache.TweetObject(posted(ev))} },
	}
	body := social.TweetPosted{Author: me, Text: in.Text, Entities: tweettext.Extract(in.Text)}
	if in.InReplyToID != nil {
		parent, refusal, err := serve.LiveTweet(ctx, r.read, *in.InReplyToID, "inReplyToId")
		if refusal != nil {
			if held, ok, err := r.commit.Held(ctx, m); ok || err != nil {
				return posted(held), nil, err
			}
		}
		if refusal != nil || err != nil {
			return nil, refusal, err
		}
		body.ReplyTo, body.Root = parent.ID, parent.Root
		m.Parents = []snowflake.ID{snowflake.ID(parent.ID)}
	}
	m.Body = func(snowflake.ID) social.Body { return body }
	ev, err := r.commit.Commit(ctx, m)
	if err != nil {
		return nil, nil, err
	}
	return posted(ev), nil, nil
}

// delete commits that the viewer takes one of his tweets back.
func (r *Resolver) delete(ctx context.Context, in gql.DeleteTweetInput) (*social.Tweet, *serve.Refusal, error) {
	me, err := serve.RequireViewer(ctx)
	if err != nil {
		return nil, nil, err
	}
	id, err := social.ParseTweetID(in.TweetID)
	if err != nil {
		return nil, nil, err
	}
	t, err := r.read.Tweet(ctx, id)
	switch {
	case errors.Is(err, read.ErrNotFound):
		return nil, serve.Refuse(serve.NotFound, "tweetId", "There is no such tweet."), nil
	case err != nil:
		return nil, nil, err
	case t.Author != me:
		return nil, serve.Refuse(serve.NotYours, "tweetId", "Only its author can delete a tweet."), nil
	case t.Deleted():
		return t, nil, nil
	}
	ev, err := r.commit.Commit(ctx, commit.Mutation{
		Name: "deleteTweet", Actor: me, Family: social.FamilyTweets,
		Parents: []snowflake.ID{snowflake.ID(id), t.Last.Event},
		Body:    func(snowflake.ID) social.Body { return social.TweetDeleted{Tweet: id, Author: me} },
		Write: func(ev social.Event) cache.Write {
			return cache.Write{Kind: cache.WroteTweet, Object: snowflake.ID(id), Parent: snowflake.ID(t.ReplyTo), Last: social.Last{Event: ev.ID, State: social.Off}}
		},
		Objects: func(ev social.Event) []cache.Object { return []cache.Object{cache.TweetObject(t.Delete(ev.ID))} },
	})
	if err != nil {
		return nil, nil, err
	}
	return t.Delete(ev.ID), nil, nil
}

// applied tells whether the owner has written the tweet of an event.
func (r *Resolver) applied(ctx context.Context, ev social.Event) (bool, error) {
	found, err := r.rows.Tweets(ctx, []social.TweetID{social.TweetID(ev.ID)})
	return err == nil && found[0] != nil, err
}

func posted(ev social.Event) *social.Tweet {
	b, ok := ev.Body.(social.TweetPosted)
	if !ok {
		return nil
	}
	return social.NewTweet(ev.ID, b)
}
