package users

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/subgraphs/internal/commit"
	"github.com/starlinghq/starling/subgraphs/internal/read"
	"github.com/starlinghq/starling/subgraphs/internal/serve"
	"github.com/starlinghq/starling/subgraphs/users/internal/gql"
)

// follow commits that the viewer follows a user, or no longer does.
func (r *Resolver) follow(ctx context.Context, in gql.FollowInput, state social.State) (*gql.FollowPayload, error) {
	me, err := serve.RequireViewer(ctx)
	if err != nil {
		return nil, err
	}
	id, err := social.ParseUserID(in.UserID)
	if err != nil {
		return nil, err
	}
	refusal, err := r.mayFollow(ctx, me, id, state)
	if err != nil {
		return nil, err
	}
	if refusal != nil {
		return &gql.FollowPayload{UserErrors: toErrors(refusal)}, nil
	}
	_, err = r.commit.Commit(ctx, commit.Mutation{
		Name: "follow", Actor: me, Family: social.FamilyUsers,
		Parents: []snowflake.ID{snowflake.ID(id)},
		Body: func(snowflake.ID) social.Body {
			return social.Follow{Follower: me, Followee: id, State: state}
		},
		Write: func(ev social.Event) cache.Write {
			return cache.Write{Kind: cache.WroteFollow, Object: snowflake.ID(id), Last: social.Last{Event: ev.ID, State: state}}
		},
	})
	if err != nil {
		return nil, err
	}
	users, err := r.profiles(ctx, []social.UserID{id})
	if err != nil {
		return nil, err
	}
	return &gql.FollowPayload{User: users[0], UserErrors: toErrors(nil)}, nil
}

// mayFollow checks a follow. Its bound on followees is checked against a count
// that may lag by what the viewer did a moment ago.
func (r *Resolver) mayFollow(ctx context.Context, me, id social.UserID, state social.State) (*serve.Refusal, error) {
	if me == id {
		return serve.Refuse(serve.SelfFollow, "userId", "You cannot follow yourself."), nil
	}
	if _, err := r.read.User(ctx, id); err != nil {
		if errors.Is(err, read.ErrNotFound) {
			return serve.Refuse(serve.NotFound, "userId", "There is no such user."), nil
		}
		return nil, err
	}
	if state == social.Off {
		return nil, nil
	}
	batch := r.read.Batch()
	n := read.Want[int64](batch, cache.Key{Kind: cache.KindFolloweeCount, ID: snowflake.ID(me)})
	row := read.Want[social.Last](batch, read.RowKey(cache.WroteFollow, me, snowflake.ID(id)))
	if err := batch.Do(ctx); err != nil {
		return nil, err
	}
	if n() >= social.MaxFollowees && row().State == social.Off {
		return serve.Refuse(serve.TooManyFollowees, "userId", fmt.Sprintf("An account follows at most %d others.", social.MaxFollowees)), nil
	}
	return nil, nil
}

// update commits a change of the viewer's profile and answers with the profile
// as the event leaves it.
func (r *Resolver) update(ctx context.Context, in gql.UpdateProfileInput) (*gql.User, error) {
	me, err := serve.RequireViewer(ctx)
	if err != nil {
		return nil, err
	}
	for field, limit := range map[*string]int{in.Name: social.MaxNameRunes, in.Bio: social.MaxBioRunes} {
		if field != nil && (utf8.RuneCountInString(*field) > limit || !utf8.ValidString(*field)) {
			return nil, serve.BadInput(fmt.Sprintf("A name has at most %d characters, a bio at most %d.", social.MaxNameRunes, social.MaxBioRunes))
		}
	}
	u, err := r.read.User(ctx, me)
	if err != nil {
		return nil, err
	}
	change := social.UserUpdated{User: me, Name: in.Name, Bio: in.Bio}
	if change.Name != nil || change.Bio != nil {
		_, err = r.commit.Commit(ctx, commit.Mutation{
			Name: "updateProfile", Actor: me, Family: social.FamilyUsers,
			Parents: []snowflake.ID{u.Version()},
			Body:    func(snowflake.ID) social.Body { return change },
			Objects: func(ev social.Event) []cache.Object { return []cache.Object{cache.UserObject(u.Update(ev.ID, change))} },
		})
		if err != nil {
			return nil, err
		}
	}
	return r.profile(ctx, me)
}
