package storecassandra

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/social/tweettext"
	"github.com/starlinghq/starling/internal/store"
)

// Tweets implements [store.Tweets].
func (s *Store) Tweets(ctx context.Context, ids []social.TweetID) ([]*social.Tweet, error) {
	out := make([]*social.Tweet, len(ids))
	err := each(ctx, len(ids), func(ctx context.Context, i int) (err error) {
		out[i], err = s.tweet(ctx, ids[i])
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: read %d tweets: %w", len(ids), err)
	}
	return out, nil
}

// tweet returns nil where there is none.
func (s *Store) tweet(ctx context.Context, id social.TweetID) (*social.Tweet, error) {
	var (
		author, replyTo, root int64
		text, entities        string
		last                  lastCell
	)
	found, err := s.one(ctx, s.cql.tweet, []any{int64(id)}, &author, &text, &entities, &replyTo, &root, &last.event, &last.state)
	if err != nil || !found {
		return nil, err
	}
	t := &social.Tweet{
		ID: id, Author: social.UserID(author), ReplyTo: social.TweetID(replyTo), Root: social.TweetID(root), Last: last.value(),
	}
	// What a deleted tweet said is overwritten; but under one timestamp columns
	// are merged each by itself, and the old text may be the larger one.
	if t.Deleted() {
		return t, nil
	}
	t.Text = text
	t.Entities, err = decodeEntities(entities)
	if err != nil {
		return nil, fmt.Errorf("tweet %s: %w", id, err)
	}
	return t, nil
}

// PutTweet implements [store.Tweets].
func (s *Store) PutTweet(ctx context.Context, _ store.Fence, t social.Tweet) error {
	entities, err := encodeEntities(t.Entities)
	if err != nil {
		return wrap(err, "write tweet %s", t.ID)
	}
	err = s.write(ctx, statement{s.cql.putTweet, bind(
		int64(t.ID), int64(t.Author), t.Text, entities, int64(t.ReplyTo), int64(t.Root), lastValue(t.Last), timestamp(t.Last.Event),
	)})
	return wrap(err, "write tweet %s", t.ID)
}

// encodeEntities writes entities as JSON, and none as nothing.
func encodeEntities(e tweettext.Entities) (string, error) {
	if len(e.Hashtags)+len(e.Mentions)+len(e.Cashtags)+len(e.URLs) == 0 {
		return "", nil
	}
	b, err := json.Marshal(e)
	return string(b), err
}

func decodeEntities(text string) (e tweettext.Entities, err error) {
	if text == "" {
		return e, nil
	}
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return e, fmt.Errorf("entities: %w", err)
	}
	return e, nil
}

// LogTweet implements [store.Tweets].
func (s *Store) LogTweet(ctx context.Context, _ store.Fence, author social.UserID, e social.LogEntry) error {
	id := snowflake.ID(e.Tweet)
	err := s.putBucket(ctx, logMonths, snowflake.ID(author), id)
	if err == nil {
		err = s.write(ctx, statement{s.cql.logTweet, []any{int64(author), month(id), int64(id), int64(e.ReplyTo), timestamp(id)}})
	}
	return wrap(err, "log tweet %s of %s", e.Tweet, author)
}

// AuthorLogs implements [store.Tweets].
func (s *Store) AuthorLogs(ctx context.Context, authors []social.UserID, before social.TweetID, n int) ([][]social.LogEntry, error) {
	out := make([][]social.LogEntry, len(authors))
	err := each(ctx, len(authors), func(ctx context.Context, i int) (err error) {
		out[i], err = s.authorLog(ctx, authors[i], before, n)
		return wrap(err, "read author log %s", authors[i])
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *Store) authorLog(ctx context.Context, author social.UserID, before social.TweetID, n int) ([]social.LogEntry, error) {
	return walk(ctx, s, logMonths, snowflake.ID(author), snowflake.ID(before), n, func(month int, before int64, limit int) (p page[social.LogEntry], err error) {
		var id, replyTo int64
		err = s.all(ctx, s.cql.authorLog, []any{int64(author), month, before, limit},
			func() { p = page[social.LogEntry]{} },
			func() {
				p.add(id, social.LogEntry{Tweet: social.TweetID(id), ReplyTo: social.TweetID(replyTo)}, true)
			},
			&id, &replyTo)
		return p, err
	})
}
