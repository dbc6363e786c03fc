package storepebble

import (
	"bytes"

	"github.com/cockroachdb/pebble/v2"

	"github.com/starlinghq/starling/internal/pebbledb"
)

// walk reads rows in the order of their keys, within one prefix after the
// other. It sees the table as it was when the walk began.
type walk struct {
	it     *pebble.Iterator
	prefix []byte // rows outside it end the walk; belongs to the walk
	seek   []byte // buffer of seek keys
}

// walk begins a walk over one table. Close it.
func (s *Store) walk(t table) (*walk, error) {
	it, err := s.db.Pebble().NewIter(&pebble.IterOptions{
		LowerBound: []byte{pebbledb.SpaceStore, byte(t)},
		UpperBound: []byte{pebbledb.SpaceStore, byte(t) + 1},
	})
	if err != nil {
		return nil, translate(err)
	}
	return &walk{it: it, prefix: make([]byte, 0, keyRoom), seek: make([]byte, 0, keyRoom)}, nil
}

// buf returns the empty key in which the next prefix is to be built.
func (w *walk) buf() []byte { return append(w.prefix[:0], pebbledb.SpaceStore) }

// seekAbove goes to the first row of the prefix whose id, ascending, is above
// after. Ids are positive.
func (w *walk) seekAbove(prefix []byte, after int64) bool {
	w.prefix = prefix
	w.seek = appendID(append(w.seek[:0], prefix...), after+1)
	return w.it.SeekGE(w.seek) && w.inside()
}

// seekBelow goes to the first row of the prefix whose id, descending, is below
// before; 0 is no bound.
func (w *walk) seekBelow(prefix []byte, before int64) bool {
	w.prefix = prefix
	w.seek = append(w.seek[:0], prefix...)
	if before > 0 {
		w.seek = appendDesc(w.seek, before-1)
	}
	return w.it.SeekGE(w.seek) && w.inside()
}

func (w *walk) next() bool { return w.it.Next() && w.inside() }

func (w *walk) inside() bool { return bytes.HasPrefix(w.it.Key(), w.prefix) }

// key and row belong to the walk until it goes on.
func (w *walk) key() []byte { return w.it.Key() }

func (w *walk) row() ([]byte, error) {
	row, err := w.it.ValueAndErr()
	return row, translate(err)
}

// err tells whether the walk ended for another reason than its end.
func (w *walk) err() error { return translate(w.it.Error()) }

func (w *walk) close() { _ = w.it.Close() } // repeats what err told
