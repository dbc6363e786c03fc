package read

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// Tables are the roles of the store that reading needs.
type Tables interface {
	store.Tweets
	store.Users
	store.Relations
	store.Likes
	store.Comments
}

// Reader reads for one subgraph. It is safe for concurrent use.
type Reader struct {
	store   Tables
	cache   cache.Cache
	log     *slog.Logger
	now     func() time.Time
	waiters chan struct{}
	sources map[cache.Kind]source
}

// maxWaiters bounds how many requests may wait at once for an id that nobody
// knows yet.
const maxWaiters = 256

// New returns a reader of the tables through the cache.
func New(s Tables, c cache.Cache, log *slog.Logger, now func() time.Time) *Reader {
	r := &Reader{store: s, cache: c, log: log, now: now, waiters: make(chan struct{}, maxWaiters)}
	r.sources = r.table()
	return r
}

// Get returns the values of keys, in their order, typed as the kinds of
// package cache say. Nil stands for a row that does not exist.
func (r *Reader) Get(ctx context.Context, keys ...cache.Key) ([]any, error) {
	return r.get(ctx, keys, r.cache.Get)
}

// GetFresh is Get past any copy that this process keeps of a shared cache.
func (r *Reader) GetFresh(ctx context.Context, keys ...cache.Key) ([]any, error) {
	return r.get(ctx, keys, r.cache.GetFresh)
}

type lookup func(context.Context, []cache.Key) ([]cache.Lookup, error)

func (r *Reader) get(ctx context.Context, keys []cache.Key, look lookup) ([]any, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	found, err := look(ctx, keys)
	if err != nil {
		if !errors.Is(err, cache.ErrUnavailable) {
			return nil, fmt.Errorf("reading the cache: %w", err)
		}
		found = make([]cache.Lookup, len(keys))
	}
	values := make([]any, len(keys))
	missed := map[cache.Kind][]int{}
	for i, f := range found {
		if f.Found {
			values[i] = f.Value
			continue
		}
		missed[keys[i].Kind] = append(missed[keys[i].Kind], i)
	}
	var fills []cache.Fill
	for kind, at := range missed {
		more, err := r.load(ctx, kind, keys, at, found, values)
		if err != nil {
			return nil, err
		}
		fills = append(fills, more...)
	}
	if len(fills) == 0 {
		return values, nil
	}
	if err := r.cache.Fill(ctx, fills...); err != nil && !errors.Is(err, cache.ErrUnavailable) {
		return nil, fmt.Errorf("filling the cache: %w", err)
	}
	return values, nil
}

// load reads the keys at the positions at from the store, into values, and
// returns what the cache is to be filled with.
func (r *Reader) load(ctx context.Context, kind cache.Kind, keys []cache.Key, at []int, found []cache.Lookup, values []any) ([]cache.Fill, error) {
	missing := make([]cache.Key, len(at))
	for j, i := range at {
		missing[j] = keys[i]
	}
	objects, err := r.sources[kind](ctx, missing)
	if err != nil {
		return nil, err
	}
	fills := make([]cache.Fill, 0, len(at))
	for j, i := range at {
		o := objects[j]
		values[i] = o.Value
		if o.Value == nil || found[i].Token == 0 {
			continue
		}
		o.Key = keys[i]
		fills = append(fills, cache.Fill{Object: o, Token: found[i].Token})
	}
	return fills, nil
}

// many reads one kind of object by id.
func many[T any, I ~int64](ctx context.Context, r *Reader, kind cache.Kind, ids []I) ([]*T, error) {
	keys := make([]cache.Key, len(ids))
	for i, id := range ids {
		keys[i] = cache.Key{Kind: kind, ID: snowflake.ID(id)}
	}
	values, err := r.Get(ctx, keys...)
	if err != nil {
		return nil, err
	}
	out := make([]*T, len(ids))
	for i, v := range values {
		out[i], _ = v.(*T)
	}
	return out, nil
}

// Tweets returns the tweets of ids in their order; nil where there is none.
func (r *Reader) Tweets(ctx context.Context, ids []social.TweetID) ([]*social.Tweet, error) {
	return many[social.Tweet](ctx, r, cache.KindTweet, ids)
}

// Users returns the profiles of ids in their order; nil where there is none.
func (r *Reader) Users(ctx context.Context, ids []social.UserID) ([]*social.User, error) {
	return many[social.User](ctx, r, cache.KindUser, ids)
}

// Comments returns the comments of ids in their order; nil where there is none.
func (r *Reader) Comments(ctx context.Context, ids []social.CommentID) ([]*social.Comment, error) {
	return many[social.Comment](ctx, r, cache.KindComment, ids)
}

// Overlay returns the viewer's own last writes; none where the cache is away.
func (r *Reader) Overlay(ctx context.Context, viewer social.UserID) (cache.Overlay, error) {
	o, err := r.cache.Overlay(ctx, viewer)
	if errors.Is(err, cache.ErrUnavailable) {
		return cache.Overlay{}, nil
	}
	if err != nil {
		return o, fmt.Errorf("reading the pending overlay of %s: %w", viewer, err)
	}
	return o, nil
}
