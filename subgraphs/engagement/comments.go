package engagement

import (
	"context"
	"errors"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/subgraphs/engagement/internal/gql"
	"github.com/starlinghq/starling/subgraphs/internal/commit"
	"github.com/starlinghq/starling/subgraphs/internal/read"
	"github.com/starlinghq/starling/subgraphs/internal/serve"
)

// comments returns the comments of ids with their tweets.
func (r *Resolver) comments(ctx context.Context, ids []social.CommentID) ([]*gql.Comment, error) {
	found, err := r.read.Comments(ctx, ids)
	if err != nil {
		return nil, err
	}
	var of []social.TweetID
	for _, c := range found {
		if c != nil {
			of = append(of, c.Tweet)
		}
	}
	tweets, err := r.tweets(ctx, of)
	if err != nil {
		return nil, err
	}
	out := make([]*gql.Comment, len(ids))
	for i, c := range found {
		if c != nil {
			out[i], tweets = toComment(c, tweets[0]), tweets[1:]
		}
	}
	return out, nil
}

// withTweet maps one comment with its tweet.
func (r *Resolver) withTweet(ctx context.Context, c *social.Comment) (*gql.Comment, error) {
	if c == nil {
		return nil, nil
	}
	tweets, err := r.tweets(ctx, []social.TweetID{c.Tweet})
	if err != nil {
		return nil, err
	}
	return toComment(c, tweets[0]), nil
}

// comment commits a new comment. Its answer is made from the event.
func (r *Resolver) comment(ctx context.Context, in gql.CommentInput) (*social.Comment, *serve.Refusal, error) {
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
		Name: "commentOnTweet", Actor: me, Family: social.FamilyEngagement,
		Key: key, Input: in, Applied: r.applied,
		Write: func(ev social.Event) cache.Write {
			c := commented(ev)
			return cache.Write{Kind: cache.WroteComment, Object: ev.ID, Parent: snowflake.ID(c.Tweet), Last: c.Last}
		},
		Objects: func(ev social.Event) []cache.Object { return []cache.Object{cache.CommentObject(commented(ev))} },
	}
	t, refusal, err := serve.LiveTweet(ctx, r.read, in.TweetID, "tweetId")
	if refusal != nil {
		if held, ok, err := r.commit.Held(ctx, m); ok || err != nil {
			return commented(held), nil, err
		}
	}
	if refusal != nil || err != nil {
		return nil, refusal, err
	}
	m.Parents = []snowflake.ID{snowflake.ID(t.ID)}
	m.Body = func(snowflake.ID) social.Body {
		return social.CommentPosted{Tweet: t.ID, Author: me, Text: in.Text}
	}
	ev, err := r.commit.Commit(ctx, m)
	if err != nil {
		return nil, nil, err
	}
	return commented(ev), nil, nil
}

// uncomment commits that the viewer takes one of his comments back.
func (r *Resolver) uncomment(ctx context.Context, in gql.DeleteCommentInput) (*social.Comment, *serve.Refusal, error) {
	me, err := serve.RequireViewer(ctx)
	if err != nil {
		return nil, nil, err
	}
	id, err := social.ParseCommentID(in.CommentID)
	if err != nil {
		return nil, nil, err
	}
	c, err := r.read.Comment(ctx, id)
	switch {
	case errors.Is(err, read.ErrNotFound):
		return nil, serve.Refuse(serve.NotFound, "commentId", "There is no such comment."), nil
	case err != nil:
		return nil, nil, err
	case c.Author != me:
		return nil, serve.Refuse(serve.NotYours, "commentId", "Only its author can delete a comment."), nil
	case c.Deleted():
		return c, nil, nil
	}
	ev, err := r.commit.Commit(ctx, commit.Mutation{
		Name: "deleteComment", Actor: me, Family: social.FamilyEngagement,
		Parents: []snowflake.ID{snowflake.ID(id), c.Last.Event},
		Body: func(snowflake.ID) social.Body {
			return social.CommentDeleted{Comment: id, Tweet: c.Tweet, Author: me}
		},
		Write: func(ev social.Event) cache.Write {
			return cache.Write{Kind: cache.WroteComment, Object: snowflake.ID(id), Parent: snowflake.ID(c.Tweet), Last: social.Last{Event: ev.ID, State: social.Off}}
		},
		Objects: func(ev social.Event) []cache.Object { return []cache.Object{cache.CommentObject(c.Delete(ev.ID))} },
	})
	if err != nil {
		return nil, nil, err
	}
	return c.Delete(ev.ID), nil, nil
}

// applied tells whether the owner has written the comment of an event.
func (r *Resolver) applied(ctx context.Context, ev social.Event) (bool, error) {
	found, err := r.rows.Comments(ctx, []social.CommentID{social.CommentID(ev.ID)})
	return err == nil && found[0] != nil, err
}

func commented(ev social.Event) *social.Comment {
	b, ok := ev.Body.(social.CommentPosted)
	if !ok {
		return nil
	}
	return social.NewComment(ev.ID, b)
}
