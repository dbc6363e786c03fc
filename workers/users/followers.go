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

// FollowerCache is what the owner of followers refreshes.
type FollowerCache interface {
	cache.Objects
	cache.Timelines
}

// Followers applies the events of the family followers.
type Followers struct {
	store store.Relations
	cache FollowerCache
}

// NewFollowers returns the owner of followers.
func NewFollowers(s store.Relations, c FollowerCache) *Followers {
	return &Followers{store: s, cache: c}
}

// Apply implements workers.Handler.
func (o *Followers) Apply(ctx context.Context, w workers.Work) ([]social.Event, error) {
	b, ok := w.Event.Body.(social.FollowerChanged)
	if !ok {
		return nil, fmt.Errorf("followers owner: no use for %s", w.Event.Body.Type())
	}
	changed, err := workers.ChangeMember(ctx, o.store, w, workers.Membership{
		Relation: store.Followers, Owner: snowflake.ID(b.Followee), User: b.Follower, State: b.State,
	})
	if err != nil || changed.Verdict == social.Older {
		return nil, err
	}
	if err := o.cache.PutIfNewer(ctx, workers.CountObject(cache.KindFollowerCount, snowflake.ID(b.Followee), changed.Count)); err != nil {
		return nil, fmt.Errorf("caching the followers of %s: %w", b.Followee, err)
	}
	if b.State == social.On {
		if err := o.cache.Drop(ctx, b.Follower); err != nil {
			return nil, fmt.Errorf("dropping the home timeline of %s: %w", b.Follower, err)
		}
	}
	return nil, nil
}
