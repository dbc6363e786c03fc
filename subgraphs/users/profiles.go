package users

import (
	"context"
	"errors"
	"fmt"

	"github.com/starlinghq/starling/internal/account"
	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
	"github.com/starlinghq/starling/subgraphs/internal/read"
	"github.com/starlinghq/starling/subgraphs/internal/serve"
	"github.com/starlinghq/starling/subgraphs/users/internal/gql"
)

// profile is one user as the operation wants to see him.
type profile struct {
	user                 func() *social.User
	followers, followees func() int64
	follow               func() social.Last
}

// profiles returns the users of ids with the facts that the operation asks for
// below the field being resolved, all read in one call; nil where there is
// none.
func (r *Resolver) profiles(ctx context.Context, ids []social.UserID) ([]*gql.User, error) {
	viewer := serve.Viewer(ctx)
	followers := serve.Selects(ctx, "followerCount")
	followees := serve.Selects(ctx, "followeeCount")
	follows := viewer != 0 && serve.Selects(ctx, "viewerFollows")
	batch := r.read.Batch()
	wanted := make([]profile, len(ids))
	for i, id := range ids {
		sid := snowflake.ID(id)
		p := profile{user: read.Want[*social.User](batch, cache.Key{Kind: cache.KindUser, ID: sid})}
		if followers {
			p.followers = read.Want[int64](batch, cache.Key{Kind: cache.KindFollowerCount, ID: sid})
		}
		if followees {
			p.followees = read.Want[int64](batch, cache.Key{Kind: cache.KindFolloweeCount, ID: sid})
		}
		if follows {
			p.follow = read.Want[social.Last](batch, read.RowKey(cache.WroteFollow, viewer, sid))
		}
		wanted[i] = p
	}
	if err := batch.Do(ctx); err != nil {
		return nil, err
	}
	var own cache.Overlay
	if follows {
		var err error
		if own, err = r.read.Overlay(ctx, viewer); err != nil {
			return nil, err
		}
	}
	out := make([]*gql.User, len(ids))
	for i, p := range wanted {
		out[i] = p.show(own)
	}
	return out, nil
}

func (p profile) show(own cache.Overlay) *gql.User {
	row := p.user()
	if row == nil {
		return nil
	}
	u := toUser(row)
	if p.followers != nil {
		u.FollowerCount = count(p.followers())
	}
	if p.followees != nil {
		u.FolloweeCount = count(p.followees())
	}
	if p.follow != nil {
		stands := read.Stands(p.follow(), cache.WroteFollow, snowflake.ID(row.ID), own)
		u.ViewerFollows = &stands
	}
	return u
}

// profile returns one user; nil where there is none. A young id is waited for.
func (r *Resolver) profile(ctx context.Context, id social.UserID) (*gql.User, error) {
	if _, err := r.read.User(ctx, id); err != nil {
		if errors.Is(err, read.ErrNotFound) {
			return nil, nil
		}
		return nil, err
	}
	found, err := r.profiles(ctx, []social.UserID{id})
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// byHandle returns the user who holds a handle, 0 where nobody does.
func (r *Resolver) byHandle(ctx context.Context, handle string) (social.UserID, error) {
	if account.CheckHandle(handle) != nil {
		return 0, nil
	}
	holder, err := r.claims.Account(ctx, handle)
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("reading the holder of a handle: %w", err)
	}
	return holder.User, nil
}
