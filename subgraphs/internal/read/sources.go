package read

import (
	"context"
	"fmt"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// source asks the store for many objects of one kind: an object for each key,
// in order, its Value nil where there is none.
type source func(ctx context.Context, keys []cache.Key) ([]cache.Object, error)

func (r *Reader) table() map[cache.Kind]source {
	return map[cache.Kind]source{
		cache.KindTweet:         rows(r.store.Tweets, func(t *social.Tweet) snowflake.ID { return t.Last.Event }),
		cache.KindUser:          rows(r.store.Users, func(u *social.User) snowflake.ID { return u.Version() }),
		cache.KindComment:       rows(r.store.Comments, func(c *social.Comment) snowflake.ID { return c.Last.Event }),
		cache.KindFollowee:      r.members(store.Followees),
		cache.KindLiker:         r.members(store.Likers),
		cache.KindFolloweeCount: r.counts(store.Followees),
		cache.KindFollowerCount: r.counts(store.Followers),
		cache.KindLikerCount:    r.counts(store.Likers),
		cache.KindCommentCount:  r.commentCounts,
		cache.KindAuthorLog:     r.authorLogs,
		cache.KindFollowing:     r.following,
	}
}

// rows is the source of a table that is read by id.
func rows[T any, I ~int64](read func(context.Context, []I) ([]*T, error), version func(*T) snowflake.ID) source {
	return func(ctx context.Context, keys []cache.Key) ([]cache.Object, error) {
		ids := make([]I, len(keys))
		for i, k := range keys {
			ids[i] = I(k.ID)
		}
		found, err := read(ctx, ids)
		if err != nil {
			return nil, err
		}
		out := make([]cache.Object, len(keys))
		for i, row := range found {
			if row != nil {
				out[i] = cache.Object{Value: row, Version: cache.Version{Major: int64(version(row))}}
			}
		}
		return out, nil
	}
}

// members is the source of single rows of a relation. That there is no row is
// worth keeping too: most tweets on a page are not liked by their reader.
func (r *Reader) members(rel store.Relation) source {
	return func(ctx context.Context, keys []cache.Key) ([]cache.Object, error) {
		mk := make([]store.MemberKey, len(keys))
		for i, k := range keys {
			mk[i] = store.MemberKey{Owner: k.ID, User: social.UserID(k.Sub)}
		}
		found, err := r.store.Has(ctx, rel, mk)
		if err != nil {
			return nil, err
		}
		out := make([]cache.Object, len(keys))
		for i, m := range found {
			out[i] = cache.Object{Value: m.Last, Version: cache.Version{Major: int64(m.Last.Event)}}
		}
		return out, nil
	}
}

func (r *Reader) counts(rel store.Relation) source {
	return func(ctx context.Context, keys []cache.Key) ([]cache.Object, error) {
		owners := make([]snowflake.ID, len(keys))
		for i, k := range keys {
			owners[i] = k.ID
		}
		found, err := r.store.Counts(ctx, rel, owners)
		if err != nil {
			return nil, err
		}
		out := make([]cache.Object, len(keys))
		for i, c := range found {
			out[i] = cache.Object{Value: c.N, Version: cache.Version{Major: int64(c.Stamp.Epoch), Minor: c.Stamp.Seq}}
		}
		return out, nil
	}
}

func (r *Reader) commentCounts(ctx context.Context, keys []cache.Key) ([]cache.Object, error) {
	tweets := make([]social.TweetID, len(keys))
	for i, k := range keys {
		tweets[i] = social.TweetID(k.ID)
	}
	found, err := r.store.CommentCounts(ctx, tweets)
	if err != nil {
		return nil, err
	}
	out := make([]cache.Object, len(keys))
	for i, n := range found {
		out[i] = cache.Object{Value: n}
	}
	return out, nil
}

func (r *Reader) authorLogs(ctx context.Context, keys []cache.Key) ([]cache.Object, error) {
	authors := make([]social.UserID, len(keys))
	for i, k := range keys {
		authors[i] = social.UserID(k.ID)
	}
	found, err := r.store.AuthorLogs(ctx, authors, 0, cache.LogSize)
	if err != nil {
		return nil, err
	}
	out := make([]cache.Object, len(keys))
	for i, entries := range found {
		out[i] = cache.Object{Value: &cache.AuthorLog{Entries: entries, Complete: len(entries) < cache.LogSize}}
	}
	return out, nil
}

// followeePage is how many followees are read from the store at once.
const followeePage = 1000

func (r *Reader) following(ctx context.Context, keys []cache.Key) ([]cache.Object, error) {
	out := make([]cache.Object, len(keys))
	for i, k := range keys {
		all := cache.Following{}
		for after := social.UserID(0); ; {
			page, err := r.store.Members(ctx, store.Followees, k.ID, after, followeePage)
			if err != nil {
				return nil, fmt.Errorf("reading who u%s follows: %w", k.ID, err)
			}
			for _, m := range page {
				all = append(all, m.User)
			}
			if len(page) < followeePage {
				break
			}
			after = page[len(page)-1].User
		}
		out[i] = cache.Object{Value: all}
	}
	return out, nil
}
