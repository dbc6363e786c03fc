package read

import (
	"context"
	"fmt"
	"slices"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

// AuthorLogs returns, for each author, at most n entries of his log with ids
// below before (0: from the newest), newest first. The cached heads answer
// what they reach; the store is asked once for all the others.
func (r *Reader) AuthorLogs(ctx context.Context, authors []social.UserID, before social.TweetID, n int) ([][]social.LogEntry, error) {
	return r.authorLogsBy(ctx, authors, before, n, r.cache.Get)
}

// AuthorLogsFresh is AuthorLogs past any copy that this process keeps of a
// shared cache.
func (r *Reader) AuthorLogsFresh(ctx context.Context, authors []social.UserID, before social.TweetID, n int) ([][]social.LogEntry, error) {
	return r.authorLogsBy(ctx, authors, before, n, r.cache.GetFresh)
}

func (r *Reader) authorLogsBy(ctx context.Context, authors []social.UserID, before social.TweetID, n int, look lookup) ([][]social.LogEntry, error) {
	keys := make([]cache.Key, len(authors))
	for i, a := range authors {
		keys[i] = cache.Key{Kind: cache.KindAuthorLog, ID: snowflake.ID(a)}
	}
	heads, err := r.get(ctx, keys, look)
	if err != nil {
		return nil, err
	}
	out := make([][]social.LogEntry, len(authors))
	var deep []social.UserID
	var at []int
	for i, h := range heads {
		log := h.(*cache.AuthorLog)
		part := below(log.Entries, before)
		if len(part) < n && !log.Complete {
			deep, at = append(deep, authors[i]), append(at, i)
			continue
		}
		out[i] = part[:min(len(part), n)]
	}
	if len(deep) == 0 {
		return out, nil
	}
	rest, err := r.store.AuthorLogs(ctx, deep, before, n)
	if err != nil {
		return nil, fmt.Errorf("reading %d author logs: %w", len(deep), err)
	}
	for j, i := range at {
		out[i] = rest[j]
	}
	return out, nil
}

// below returns the entries with ids below before; all of them for 0.
func below(log []social.LogEntry, before social.TweetID) []social.LogEntry {
	if before == 0 {
		return log
	}
	i, _ := slices.BinarySearchFunc(log, before, func(e social.LogEntry, before social.TweetID) int {
		if e.Tweet >= before {
			return -1
		}
		return 1
	})
	return log[i:]
}
