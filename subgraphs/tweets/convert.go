package tweets

import (
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/social/tweettext"
	"github.com/starlinghq/starling/subgraphs/internal/serve"
	"github.com/starlinghq/starling/subgraphs/tweets/internal/gql"
)

func toTweet(t *social.Tweet) *gql.Tweet {
	if t == nil {
		return nil
	}
	deleted := t.Deleted()
	return &gql.Tweet{
		ID:        t.ID.String(),
		Text:      &t.Text,
		CreatedAt: snowflake.ID(t.ID).Time(),
		Deleted:   &deleted,
		Author:    &gql.User{ID: t.Author.String()},
		Entities:  toEntities(t.Entities),
		ReplyTo:   t.ReplyTo,
	}
}

func toTweets(ts []*social.Tweet) []*gql.Tweet {
	out := make([]*gql.Tweet, len(ts))
	for i, t := range ts {
		out[i] = toTweet(t)
	}
	return out
}

func toEntities(e tweettext.Entities) *gql.TweetEntities {
	return &gql.TweetEntities{
		Hashtags: toParts(e.Hashtags),
		Mentions: toParts(e.Mentions),
		Cashtags: toParts(e.Cashtags),
		Urls:     toParts(e.URLs),
	}
}

func toParts(es []tweettext.Entity) []*gql.TextEntity {
	out := make([]*gql.TextEntity, len(es))
	for i, e := range es {
		out[i] = &gql.TextEntity{Text: e.Text, Start: e.Start, End: e.End}
	}
	return out
}

func toConnection(p serve.Page, live []*social.Tweet) *gql.TweetConnection {
	live, cursors, info := serve.Cut(p, live, func(t *social.Tweet) snowflake.ID { return snowflake.ID(t.ID) })
	out := &gql.TweetConnection{Edges: make([]*gql.TweetEdge, len(live)), PageInfo: (*gql.PageInfo)(&info)}
	for i, t := range live {
		out.Edges[i] = &gql.TweetEdge{Cursor: cursors[i], Node: toTweet(t)}
	}
	return out
}

func toErrors(r *serve.Refusal) []*gql.UserError {
	if r == nil {
		return []*gql.UserError{}
	}
	return []*gql.UserError{{Code: string(r.Code), Field: r.Field, Message: r.Message}}
}
