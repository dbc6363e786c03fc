package storepebble

import (
	"context"
	"fmt"
	"slices"

	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// Tweets implements [store.Tweets].
func (s *Store) Tweets(ctx context.Context, ids []social.TweetID) ([]*social.Tweet, error) {
	if err := s.alive(ctx); err != nil {
		return nil, fmt.Errorf("store: read %d tweets: %w", len(ids), err)
	}
	out := make([]*social.Tweet, len(ids))
	err := s.find(len(ids), func(k []byte, i int) []byte { return tweetKey(k, ids[i]) }, func(i int, row []byte) (err error) {
		out[i], err = decodeTweet(row, ids[i])
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: read %d tweets: %w", len(ids), err)
	}
	return out, nil
}

// PutTweet implements [store.Tweets].
func (s *Store) PutTweet(ctx context.Context, f store.Fence, t social.Tweet) error {
	err := s.write(ctx, f, tabTweets, int64(t.ID), func(b batch) error {
		key := tweetKey(s.key(), t.ID)
		last, _, err := read(s, key, lastOf)
		if err != nil {
			return err
		}
		if last.Judge(t.Last.Event) == social.Newer {
			b.set(key, encodeTweet(nil, &t))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store: write tweet %s: %w", t.ID, err)
	}
	return nil
}

// LogTweet implements [store.Tweets].
func (s *Store) LogTweet(ctx context.Context, f store.Fence, author social.UserID, e social.LogEntry) error {
	err := s.write(ctx, f, tabAuthorLog, int64(author), func(b batch) error {
		b.set(logKey(s.key(), author, e.Tweet), encodeLog(nil, e))
		return nil
	})
	if err != nil {
		return fmt.Errorf("store: log tweet %s of %s: %w", e.Tweet, author, err)
	}
	return nil
}

// AuthorLogs implements [store.Tweets].
func (s *Store) AuthorLogs(ctx context.Context, authors []social.UserID, before social.TweetID, n int) ([][]social.LogEntry, error) {
	if err := s.alive(ctx); err != nil {
		return nil, fmt.Errorf("store: read %d author logs: %w", len(authors), err)
	}
	out := make([][]social.LogEntry, len(authors))
	if n <= 0 || len(authors) == 0 {
		return out, nil
	}
	w, err := s.walk(tabAuthorLog)
	if err != nil {
		return nil, fmt.Errorf("store: read %d author logs: %w", len(authors), err)
	}
	defer w.close()
	var log []social.LogEntry // filled anew for each author: logs are cached one by one, so they share no memory
	for i, author := range authors {
		if log, err = w.appendLog(log[:0], author, before, n); err != nil {
			return nil, fmt.Errorf("store: read author log %s: %w", author, err)
		}
		out[i] = slices.Clone(log)
	}
	return out, nil
}

// appendLog appends at most n entries of an author's log.
func (w *walk) appendLog(log []social.LogEntry, author social.UserID, before social.TweetID, n int) ([]social.LogEntry, error) {
	prefix := logPrefix(w.buf(), author)
	for ok := w.seekBelow(prefix, int64(before)); ok && len(log) < n; ok = w.next() {
		row, err := w.row()
		if err != nil {
			return nil, err
		}
		e, err := decodeLog(row, social.TweetID(lastDesc(w.key())))
		if err != nil {
			return nil, err
		}
		log = append(log, e)
	}
	return log, w.err()
}
