package store

import "errors"

var (
	// ErrNotFound says that the row asked for does not exist.
	ErrNotFound = errors.New("store: not found")
	// ErrUnavailable says that the store cannot answer now. The call may be
	// repeated; whether it was applied is told by [MaybeApplied].
	ErrUnavailable = errors.New("store: unavailable")
	// ErrStale says that the fence of a write, or the epoch a take-over began
	// from, is not the present one: somebody else owns the shard now.
	ErrStale = errors.New("store: ownership lost")
)

// maybeApplied marks an error after which a write may have happened.
type maybeApplied struct{ error }

func (e maybeApplied) Unwrap() error { return e.error }

// Unsure marks err as one after which the write may have been applied. Adapters
// use it when a request was sent and its answer is missing.
func Unsure(err error) error {
	if err == nil {
		return nil
	}
	return maybeApplied{err}
}

// MaybeApplied tells whether the write that failed with err may have been
// applied all the same. False means surely not.
func MaybeApplied(err error) bool {
	var m maybeApplied
	return errors.As(err, &m)
}
