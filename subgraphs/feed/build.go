package feed

import (
	"context"
	"errors"
	"fmt"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/timeline"
)

// build makes a viewer's home timeline: it is begun empty, so that fan-out
// appends from now on; then the author logs are read; then their merge is put
// in. What arrives in between is in one of the two. The result is a pull merge
// and serves this request whether or not it could be put.
func (r *Resolver) build(ctx context.Context, viewer social.UserID) (cache.Timeline, error) {
	token, err := r.timelines.Begin(ctx, viewer)
	if errors.Is(err, cache.ErrUnavailable) {
		return cache.Timeline{}, nil
	}
	if err != nil {
		return cache.Timeline{}, fmt.Errorf("beginning the home timeline of %s: %w", viewer, err)
	}
	values, err := r.read.GetFresh(ctx, cache.Key{Kind: cache.KindFollowing, ID: snowflake.ID(viewer)})
	if err != nil {
		return cache.Timeline{}, err
	}
	following := values[0].(cache.Following)
	authors := append(append(make([]social.UserID, 0, len(following)+1), following...), viewer)
	logs, err := r.read.AuthorLogsFresh(ctx, authors, 0, cache.LogSize)
	if err != nil {
		return cache.Timeline{}, err
	}
	heads := make([]timeline.Log, len(authors))
	for i, a := range authors {
		heads[i] = timeline.Log{Author: a, Entries: logs[i], Complete: len(logs[i]) < cache.LogSize}
	}
	entries, floor := timeline.Build(heads)
	if _, err := r.timelines.Put(ctx, viewer, token, entries, floor); err != nil && !errors.Is(err, cache.ErrUnavailable) {
		return cache.Timeline{}, fmt.Errorf("putting the home timeline of %s: %w", viewer, err)
	}
	return cache.Timeline{Found: true, Floor: floor, Entries: entries}, nil
}
