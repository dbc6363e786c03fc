package users

import (
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/subgraphs/internal/serve"
	"github.com/starlinghq/starling/subgraphs/users/internal/gql"
)

func toUser(u *social.User) *gql.User {
	created := snowflake.ID(u.ID).Time()
	return &gql.User{ID: u.ID.String(), Handle: u.Handle, Name: &u.Name, Bio: &u.Bio, CreatedAt: &created}
}

func count(n int64) *int {
	c := int(n)
	return &c
}

func toConnection(users []*gql.User, cursors []string, info serve.Info) *gql.UserConnection {
	out := &gql.UserConnection{Edges: make([]*gql.UserEdge, len(users)), PageInfo: (*gql.PageInfo)(&info)}
	for i, u := range users {
		out.Edges[i] = &gql.UserEdge{Cursor: cursors[i], Node: u}
	}
	return out
}

func toErrors(r *serve.Refusal) []*gql.UserError {
	if r == nil {
		return []*gql.UserError{}
	}
	return []*gql.UserError{{Code: string(r.Code), Field: r.Field, Message: r.Message}}
}
