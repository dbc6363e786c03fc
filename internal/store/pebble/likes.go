package storepebble

import (
	"context"
	"fmt"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// PutLiked implements [store.Likes].
func (s *Store) PutLiked(ctx context.Context, f store.Fence, user social.UserID, l store.Liked, last social.Last) error {
	err := s.write(ctx, f, tabLiked, int64(user), func(b batch) error {
		key := likedKey(s.key(), user, l.Since)
		was, _, err := read(s, key, lastOf)
		if err != nil {
			return err
		}
		if was.Judge(last.Event) == social.Newer {
			b.set(key, encodeLiked(nil, l.Tweet, last))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store: write like %d of %s: %w", l.Since, user, err)
	}
	return nil
}

// Liked implements [store.Likes].
func (s *Store) Liked(ctx context.Context, user social.UserID, before snowflake.ID, n int) ([]store.Liked, error) {
	out, err := s.liked(ctx, user, before, n)
	if err != nil {
		return nil, fmt.Errorf("store: list likes of %s: %w", user, err)
	}
	return out, nil
}

func (s *Store) liked(ctx context.Context, user social.UserID, before snowflake.ID, n int) ([]store.Liked, error) {
	if err := s.alive(ctx); err != nil {
		return nil, err
	}
	w, err := s.walk(tabLiked)
	if err != nil {
		return nil, err
	}
	defer w.close()
	var out []store.Liked
	for ok := w.seekBelow(likedPrefix(w.buf(), user), int64(before)); ok && len(out) < n; ok = w.next() {
		row, err := w.row()
		if err != nil {
			return nil, err
		}
		l, last, err := decodeLiked(row, snowflake.ID(lastDesc(w.key())))
		if err != nil {
			return nil, err
		}
		if last.State == social.On {
			out = append(out, l)
		}
	}
	return out, w.err()
}
