package storecassandra

import (
	"context"
	"fmt"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// newComment puts a row together. What a deleted comment said is left out, as
// with tweets.
func newComment(id, tweet, author int64, text string, last lastCell) *social.Comment {
	c := &social.Comment{
		ID: social.CommentID(id), Tweet: social.TweetID(tweet), Author: social.UserID(author), Text: text, Last: last.value(),
	}
	if c.Deleted() {
		c.Text = ""
	}
	return c
}

// Comments implements [store.Comments].
func (s *Store) Comments(ctx context.Context, ids []social.CommentID) ([]*social.Comment, error) {
	out := make([]*social.Comment, len(ids))
	err := each(ctx, len(ids), func(ctx context.Context, i int) error {
		var (
			tweet, author int64
			text          string
			last          lastCell
		)
		found, err := s.one(ctx, s.cql.commentByID, []any{int64(ids[i])}, &tweet, &author, &text, &last.event, &last.state)
		if found {
			out[i] = newComment(int64(ids[i]), tweet, author, text, last)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: read %d comments: %w", len(ids), err)
	}
	return out, nil
}

// Comment implements [store.Comments].
func (s *Store) Comment(ctx context.Context, tweet social.TweetID, id social.CommentID) (c *social.Comment, n store.Count, err error) {
	var (
		row, author int64
		text        string
		last        lastCell
		count       countCell
	)
	err = s.all(ctx, s.cql.comment, []any{int64(tweet), month(snowflake.ID(id)), int64(id)},
		func() { c, n = nil, store.Count{} },
		func() {
			if row == 0 {
				n = count.value()
				return
			}
			c = newComment(row, int64(tweet), author, text, last)
		},
		&row, &author, &text, &last.event, &last.state, &count.epoch, &count.seq, &count.n)
	if err != nil {
		return nil, store.Count{}, fmt.Errorf("store: read comment %s of %s: %w", id, tweet, err)
	}
	return c, n, nil
}

// PutComment implements [store.Comments]: by id first, then by tweet with the
// count, so that whoever finds a comment in its list finds it by id too. An
// error after the first write leaves the call unsure.
func (s *Store) PutComment(ctx context.Context, _ store.Fence, c social.Comment, n store.Count) error {
	err := s.putComment(ctx, c, n)
	return wrap(err, "write comment %s of %s", c.ID, c.Tweet)
}

func (s *Store) putComment(ctx context.Context, c social.Comment, n store.Count) error {
	id, at := snowflake.ID(c.ID), timestamp(c.Last.Event)
	writes := []statement{{s.cql.putComment, bind(
		int64(c.Tweet), month(id), int64(id), int64(c.Author), c.Text, lastValue(c.Last), at,
	)}}
	if n.Stamp != (store.Stamp{}) {
		stamp, err := countTimestamp(n.Stamp)
		if err != nil {
			return err
		}
		writes = append(writes, statement{s.cql.putCommentCount, bind(stamp, countValue(n), int64(c.Tweet), month(id))})
	}
	if err := s.putBucket(ctx, commentMonths, snowflake.ID(c.Tweet), id); err != nil {
		return err
	}
	byID := statement{s.cql.putCommentByID, bind(int64(id), int64(c.Tweet), int64(c.Author), c.Text, lastValue(c.Last), at)}
	if err := s.write(ctx, byID); err != nil {
		return err
	}
	return store.Unsure(s.write(ctx, writes...))
}

// RecountComments implements [store.Comments].
func (s *Store) RecountComments(ctx context.Context, tweet social.TweetID, id social.CommentID) (int64, error) {
	n, err := s.countOn(ctx, s.cql.commentStates, []any{int64(tweet), month(snowflake.ID(id))}, new(lastCell))
	return n, wrap(err, "recount comments of %s", tweet)
}

// CommentsOf implements [store.Comments].
func (s *Store) CommentsOf(ctx context.Context, tweet social.TweetID, before social.CommentID, n int) ([]social.Comment, error) {
	out, err := walk(ctx, s, commentMonths, snowflake.ID(tweet), snowflake.ID(before), n, func(month int, before int64, limit int) (p page[social.Comment], err error) {
		var (
			id, author int64
			text       string
			last       lastCell
		)
		err = s.all(ctx, s.cql.comments, []any{int64(tweet), month, before, limit},
			func() { p = page[social.Comment]{} },
			func() { p.add(id, *newComment(id, int64(tweet), author, text, last), last.on()) },
			&id, &author, &text, &last.event, &last.state)
		return p, err
	})
	return out, wrap(err, "list comments of %s", tweet)
}

// CommentCounts implements [store.Comments].
func (s *Store) CommentCounts(ctx context.Context, tweets []social.TweetID) ([]int64, error) {
	out := make([]int64, len(tweets))
	err := each(ctx, len(tweets), func(ctx context.Context, i int) (err error) {
		out[i], err = s.commentCount(ctx, tweets[i])
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: read %d counts of comments: %w", len(tweets), err)
	}
	return out, nil
}

// commentCount sums the months of a tweet; most have one, or none.
func (s *Store) commentCount(ctx context.Context, tweet social.TweetID) (sum int64, err error) {
	months, err := s.bucketsOf(ctx, commentMonths, snowflake.ID(tweet), 0)
	if err != nil {
		return 0, err
	}
	for _, month := range months {
		var c countCell
		if _, err := s.one(ctx, s.cql.commentCount, []any{int64(tweet), month}, &c.epoch, &c.seq, &c.n); err != nil {
			return 0, err
		}
		sum += c.n
	}
	return sum, nil
}
