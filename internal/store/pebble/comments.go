package storepebble

import (
	"context"
	"fmt"

	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// All comments of a tweet are one partition here: Pebble has no limit that
// would ask for one a month.

// readComment returns nil where there is none.
func (s *Store) readComment(key []byte, tweet social.TweetID, id social.CommentID) (*social.Comment, error) {
	c, found, err := read(s, commentKey(key, tweet, id), func(row []byte) (*social.Comment, error) { return decodeComment(row, tweet, id) })
	if !found {
		return nil, err
	}
	return c, nil
}

// Comments implements [store.Comments].
func (s *Store) Comments(ctx context.Context, ids []social.CommentID) ([]*social.Comment, error) {
	if err := s.alive(ctx); err != nil {
		return nil, fmt.Errorf("store: read %d comments: %w", len(ids), err)
	}
	out := make([]*social.Comment, len(ids))
	tweets := make([]social.TweetID, len(ids)) // where each is; 0, under which nothing is, where there is none
	err := s.find(len(ids), func(k []byte, i int) []byte { return commentIDKey(k, ids[i]) }, func(i int, row []byte) (err error) {
		tweets[i], err = decodeTweetRef(row)
		return err
	})
	if err == nil {
		err = s.find(len(ids), func(k []byte, i int) []byte { return commentKey(k, tweets[i], ids[i]) }, func(i int, row []byte) (err error) {
			out[i], err = decodeComment(row, tweets[i], ids[i])
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("store: read %d comments: %w", len(ids), err)
	}
	return out, nil
}

// Comment implements [store.Comments].
func (s *Store) Comment(ctx context.Context, tweet social.TweetID, id social.CommentID) (*social.Comment, store.Count, error) {
	c, n, err := s.comment(ctx, tweet, id)
	if err != nil {
		return nil, store.Count{}, fmt.Errorf("store: read comment %s of %s: %w", id, tweet, err)
	}
	return c, n, nil
}

func (s *Store) comment(ctx context.Context, tweet social.TweetID, id social.CommentID) (c *social.Comment, n store.Count, err error) {
	if err := s.alive(ctx); err != nil {
		return nil, n, err
	}
	// The lock is what makes the two reads one.
	mu := s.locks.of(tabComments, int64(tweet))
	mu.RLock()
	defer mu.RUnlock()
	key := s.key()
	if c, err = s.readComment(key, tweet, id); err != nil {
		return nil, n, err
	}
	n, _, err = read(s, commentCountKey(key, tweet), decodeCount)
	return c, n, err
}

// PutComment implements [store.Comments].
func (s *Store) PutComment(ctx context.Context, f store.Fence, c social.Comment, n store.Count) error {
	err := s.write(ctx, f, tabComments, int64(c.Tweet), func(b batch) error {
		key := commentKey(s.key(), c.Tweet, c.ID)
		last, found, err := read(s, key, lastOf)
		if err != nil {
			return err
		}
		if last.Judge(c.Last.Event) == social.Newer {
			b.set(key, encodeComment(nil, &c))
		}
		if !found {
			b.set(commentIDKey(s.key(), c.ID), encodeTweetRef(nil, c.Tweet))
		}
		return s.putCount(b, commentCountKey(s.key(), c.Tweet), n)
	})
	if err != nil {
		return fmt.Errorf("store: write comment %s of %s: %w", c.ID, c.Tweet, err)
	}
	return nil
}

// RecountComments implements [store.Comments].
func (s *Store) RecountComments(ctx context.Context, tweet social.TweetID, _ social.CommentID) (int64, error) {
	var n int64
	err := s.eachComment(ctx, tweet, 0, func(*social.Comment) bool { n++; return true })
	if err != nil {
		return 0, fmt.Errorf("store: recount comments of %s: %w", tweet, err)
	}
	return n, nil
}

// CommentsOf implements [store.Comments].
func (s *Store) CommentsOf(ctx context.Context, tweet social.TweetID, before social.CommentID, n int) ([]social.Comment, error) {
	if n <= 0 {
		return nil, nil
	}
	var out []social.Comment
	err := s.eachComment(ctx, tweet, before, func(c *social.Comment) bool {
		out = append(out, *c)
		return len(out) < n
	})
	if err != nil {
		return nil, fmt.Errorf("store: list comments of %s: %w", tweet, err)
	}
	return out, nil
}

// eachComment hands the live comments below before to yield, newest first,
// until it returns false.
func (s *Store) eachComment(ctx context.Context, tweet social.TweetID, before social.CommentID, yield func(*social.Comment) bool) error {
	if err := s.alive(ctx); err != nil {
		return err
	}
	w, err := s.walk(tabComments)
	if err != nil {
		return err
	}
	defer w.close()
	for ok := w.seekBelow(commentPrefix(w.buf(), tweet), int64(before)); ok; ok = w.next() {
		id := social.CommentID(lastDesc(w.key()))
		if id == 0 {
			break // the count
		}
		row, err := w.row()
		if err != nil {
			return err
		}
		c, err := decodeComment(row, tweet, id)
		if err != nil {
			return err
		}
		if !c.Deleted() && !yield(c) {
			return nil
		}
	}
	return w.err()
}

// CommentCounts implements [store.Comments].
func (s *Store) CommentCounts(ctx context.Context, tweets []social.TweetID) ([]int64, error) {
	if err := s.alive(ctx); err != nil {
		return nil, fmt.Errorf("store: read %d counts of comments: %w", len(tweets), err)
	}
	out := make([]int64, len(tweets))
	err := s.find(len(tweets), func(k []byte, i int) []byte { return commentCountKey(k, tweets[i]) }, func(i int, row []byte) error {
		c, err := decodeCount(row)
		out[i] = c.N
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: read %d counts of comments: %w", len(tweets), err)
	}
	return out, nil
}
