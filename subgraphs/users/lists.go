package users

import (
	"context"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/subgraphs/internal/read"
	"github.com/starlinghq/starling/subgraphs/internal/serve"
	"github.com/starlinghq/starling/subgraphs/users/internal/gql"
)

// lister reads one window of one direction of the follow graph.
type lister func(ctx context.Context, user, viewer social.UserID, w read.Window) ([]read.Entry, error)

// list resolves a connection of users with their profiles.
func (r *Resolver) list(ctx context.Context, l serve.List, of *gql.User, first *int, after *string, window lister) (*gql.UserConnection, error) {
	page, err := serve.NewPage(l, first, after)
	if err != nil {
		return nil, err
	}
	id, err := social.ParseUserID(of.ID)
	if err != nil {
		return nil, err
	}
	entries, err := window(ctx, id, serve.Viewer(ctx), page.Window())
	if err != nil {
		return nil, err
	}
	entries, cursors, info := serve.Cut(page, entries, func(e read.Entry) snowflake.ID { return e.At })
	ids := make([]social.UserID, len(entries))
	for i, e := range entries {
		ids[i] = social.UserID(e.Object)
	}
	users, err := r.profiles(ctx, ids)
	if err != nil {
		return nil, err
	}
	return toConnection(users, cursors, info), nil
}
