package engagement

import (
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/subgraphs/engagement/internal/gql"
	"github.com/starlinghq/starling/subgraphs/internal/read"
	"github.com/starlinghq/starling/subgraphs/internal/serve"
)

func at(e read.Entry) snowflake.ID { return e.At }

// toComment maps a comment; tweet is the tweet it belongs to, with its facts.
func toComment(c *social.Comment, tweet *gql.Tweet) *gql.Comment {
	if c == nil {
		return nil
	}
	deleted := c.Deleted()
	return &gql.Comment{
		ID:        c.ID.String(),
		Text:      &c.Text,
		CreatedAt: snowflake.ID(c.ID).Time(),
		Deleted:   &deleted,
		Author:    &gql.User{ID: c.Author.String()},
		Tweet:     tweet,
	}
}

func toUsers(p serve.Page, entries []read.Entry) *gql.UserConnection {
	entries, cursors, info := serve.Cut(p, entries, at)
	out := &gql.UserConnection{Edges: make([]*gql.UserEdge, len(entries)), PageInfo: (*gql.PageInfo)(&info)}
	for i, e := range entries {
		out.Edges[i] = &gql.UserEdge{Cursor: cursors[i], Node: &gql.User{ID: social.UserID(e.Object).String()}}
	}
	return out
}

func toErrors(r *serve.Refusal) []*gql.UserError {
	if r == nil {
		return []*gql.UserError{}
	}
	return []*gql.UserError{{Code: string(r.Code), Field: r.Field, Message: r.Message}}
}
