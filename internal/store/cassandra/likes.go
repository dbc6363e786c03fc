package storecassandra

import (
	"context"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// PutLiked implements [store.Likes].
func (s *Store) PutLiked(ctx context.Context, _ store.Fence, user social.UserID, l store.Liked, last social.Last) error {
	err := s.putBucket(ctx, likedQuarters, snowflake.ID(user), l.Since)
	if err == nil {
		err = s.write(ctx, statement{s.cql.putLiked, bind(
			int64(user), quarter(l.Since), int64(l.Since), int64(l.Tweet), lastValue(last), timestamp(last.Event),
		)})
	}
	return wrap(err, "write like %d of %s", l.Since, user)
}

// Liked implements [store.Likes].
func (s *Store) Liked(ctx context.Context, user social.UserID, before snowflake.ID, n int) ([]store.Liked, error) {
	out, err := walk(ctx, s, likedQuarters, snowflake.ID(user), before, n, func(quarter int, before int64, limit int) (p page[store.Liked], err error) {
		var (
			since, tweet int64
			last         lastCell
		)
		err = s.all(ctx, s.cql.liked, []any{int64(user), quarter, before, limit},
			func() { p = page[store.Liked]{} },
			func() {
				p.add(since, store.Liked{Since: snowflake.ID(since), Tweet: social.TweetID(tweet)}, last.on())
			},
			&since, &tweet, &last.event, &last.state)
		return p, err
	})
	return out, wrap(err, "list likes of %s", user)
}
