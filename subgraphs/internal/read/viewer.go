package read

import (
	"context"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

// RowKey names the row that says whether viewer follows or likes object.
func RowKey(kind cache.WriteKind, viewer social.UserID, object snowflake.ID) cache.Key {
	if kind == cache.WroteFollow {
		return cache.Key{Kind: cache.KindFollowee, ID: snowflake.ID(viewer), Sub: object}
	}
	return cache.Key{Kind: cache.KindLiker, ID: object, Sub: snowflake.ID(viewer)}
}

// Stands tells whether a like or follow is on, by its row and by what the
// viewer wrote last: the newer of the two.
func Stands(row social.Last, kind cache.WriteKind, object snowflake.ID, own cache.Overlay) bool {
	if w, ok := own.Of(kind, object); ok && w.Event > row.Event {
		row = w
	}
	return row.State == social.On
}

// unapplied returns those follows or likes of the viewer's overlay that differ
// from their rows because the owner has not come to them yet.
func (r *Reader) unapplied(ctx context.Context, kind cache.WriteKind, viewer social.UserID) ([]cache.Write, error) {
	o, err := r.Overlay(ctx, viewer)
	if err != nil {
		return nil, err
	}
	return r.Unapplied(ctx, kind, viewer, o)
}

// Unapplied is that part of an overlay's follows or likes which the rows do not
// show yet.
func (r *Reader) Unapplied(ctx context.Context, kind cache.WriteKind, viewer social.UserID, o cache.Overlay) ([]cache.Write, error) {
	writes, rows, err := r.standing(ctx, kind, viewer, o)
	if err != nil {
		return nil, err
	}
	var out []cache.Write
	for i, w := range writes {
		if w.Last.Event > rows[i].Event && w.Last.State != rows[i].State {
			out = append(out, w)
		}
	}
	return out, nil
}

// Standing is that part of an overlay's follows or likes which nothing newer
// has replaced, whether the rows show it yet or not. What follows from a row,
// such as the drop of a home timeline, may still be on its way.
func (r *Reader) Standing(ctx context.Context, kind cache.WriteKind, viewer social.UserID, o cache.Overlay) ([]cache.Write, error) {
	writes, rows, err := r.standing(ctx, kind, viewer, o)
	if err != nil {
		return nil, err
	}
	var out []cache.Write
	for i, w := range writes {
		if w.Last.Event >= rows[i].Event {
			out = append(out, w)
		}
	}
	return out, nil
}

// standing returns the writes of one kind, each with its row.
func (r *Reader) standing(ctx context.Context, kind cache.WriteKind, viewer social.UserID, o cache.Overlay) ([]cache.Write, []social.Last, error) {
	var writes []cache.Write
	var keys []cache.Key
	for _, w := range o.Writes {
		if w.Kind == kind {
			writes = append(writes, w)
			keys = append(keys, RowKey(kind, viewer, w.Object))
		}
	}
	values, err := r.Get(ctx, keys...)
	if err != nil {
		return nil, nil, err
	}
	rows := make([]social.Last, len(values))
	for i, v := range values {
		rows[i], _ = v.(social.Last)
	}
	return writes, rows, nil
}
