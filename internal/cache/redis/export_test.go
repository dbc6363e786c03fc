package cacheredis

import (
	"context"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
)

// AppendMany leaves a home timeline as one Append for each of the entries,
// newest first, would, in one command. They must not fill it.
func (c *Cache) AppendMany(ctx context.Context, viewer social.UserID, entries []cache.Entry) error {
	return c.plain.Do(ctx, c.plain.B().Append().Key(c.homeKey(viewer)).Value(string(packEntries(entries))).Build()).Error()
}
