package workers

import (
	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/store"
)

// CountObject returns a count as the cache holds it, under the owner's stamp.
func CountObject(k cache.Kind, id snowflake.ID, c store.Count) cache.Object {
	return cache.Object{
		Key:     cache.Key{Kind: k, ID: id},
		Version: cache.Version{Major: int64(c.Stamp.Epoch), Minor: c.Stamp.Seq},
		Value:   c.N,
	}
}
