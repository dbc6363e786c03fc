package read

import (
	"context"

	"github.com/starlinghq/starling/internal/cache"
)

// Batch collects what a page needs, to read all of it in one call.
type Batch struct {
	reader *Reader
	keys   []cache.Key
	values []any
}

// Batch returns an empty batch.
func (r *Reader) Batch() *Batch { return &Batch{reader: r} }

// Want adds a key to a batch and returns its value once [Batch.Do] was called:
// the zero T where there is nothing. T is the type that the key's kind has.
func Want[T any](b *Batch, k cache.Key) func() T {
	i := len(b.keys)
	b.keys = append(b.keys, k)
	return func() T {
		v, _ := b.values[i].(T)
		return v
	}
}

// Do reads everything that was wanted.
func (b *Batch) Do(ctx context.Context) (err error) {
	b.values, err = b.reader.Get(ctx, b.keys...)
	return err
}
