// Package users is the owner of profiles and of the follow graph, in both
// directions: the followees of a user (family users, keyed by the follower)
// and, derived from them, the followers of a user (family followers, keyed by
// the followee). Each direction has rows and a count of its own and sees the
// same event ids, so they agree whatever the order of arrival.
//
// When a follower row is written the follower's home timeline is dropped: the
// next read builds it with the new author in. Fan-out reads follower rows only
// after an author log is written, so a tweet is in one of the two.
package users

import (
	"context"
	"fmt"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
	"github.com/starlinghq/starling/workers"
)

// Tables are the roles of the store that the owner needs.
type Tables interface {
	store.Users
	store.Relations
}

// Owner applies the events of the family users.
type Owner struct {
	store Tables
	cache cache.Objects
}

// New returns the owner of profiles and followees.
func New(s Tables, c cache.Objects) *Owner { return &Owner{store: s, cache: c} }

// Apply implements workers.Handler.
func (o *Owner) Apply(ctx context.Context, w workers.Work) ([]social.Event, error) {
	switch b := w.Event.Body.(type) {
	case social.UserRegistered:
		return nil, o.profile(ctx, w, *social.NewUser(w.Event.ID, b))
	case social.UserUpdated:
		return nil, o.profile(ctx, w, *social.User{ID: b.User}.Update(w.Event.ID, b))
	case social.Follow:
		return o.follow(ctx, w, b)
	}
	return nil, fmt.Errorf("users owner: no use for %s", w.Event.Body.Type())
}

// profile merges the fields that an event set into the row; the store keeps
// those that a newer event set.
func (o *Owner) profile(ctx context.Context, w workers.Work, u social.User) error {
	if err := o.store.PutUser(ctx, w.Fence, u); err != nil {
		return fmt.Errorf("writing user %s: %w", u.ID, err)
	}
	merged, err := o.store.Users(ctx, []social.UserID{u.ID})
	if err != nil {
		return fmt.Errorf("reading user %s: %w", u.ID, err)
	}
	if merged[0] == nil || merged[0].Handle == "" {
		return nil // updated before it was registered: shown when it is
	}
	if err := o.cache.PutIfNewer(ctx, cache.UserObject(merged[0])); err != nil {
		return fmt.Errorf("caching user %s: %w", u.ID, err)
	}
	return nil
}

func (o *Owner) follow(ctx context.Context, w workers.Work, b social.Follow) ([]social.Event, error) {
	follower := snowflake.ID(b.Follower)
	changed, err := workers.ChangeMember(ctx, o.store, w, workers.Membership{
		Relation: store.Followees, Owner: follower, User: b.Followee, State: b.State,
	})
	if err != nil || changed.Verdict == social.Older {
		return nil, err
	}
	err = o.cache.PutIfNewer(ctx,
		cache.Object{
			Key:     cache.Key{Kind: cache.KindFollowee, ID: follower, Sub: snowflake.ID(b.Followee)},
			Version: cache.Version{Major: int64(changed.Member.Last.Event)},
			Value:   changed.Member.Last,
		},
		workers.CountObject(cache.KindFolloweeCount, follower, changed.Count),
	)
	if err != nil {
		return nil, fmt.Errorf("caching the follow %s of %s: %w", b.Followee, b.Follower, err)
	}
	if err := o.cache.Delete(ctx, cache.Key{Kind: cache.KindFollowing, ID: follower}); err != nil {
		return nil, fmt.Errorf("dropping the cached followees of %s: %w", b.Follower, err)
	}
	return []social.Event{{ID: w.Event.ID, Body: social.FollowerChanged{
		Follower: b.Follower, Followee: b.Followee, Since: changed.Member.Since, State: b.State,
	}}}, nil
}
