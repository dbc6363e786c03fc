package storepebble

import (
	"bytes"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/starlinghq/starling/internal/pebbledb"
)

// find hands the rows under n keys to yield, each with its place; keys without
// a row are left out. Key appends key i to the start of a key of the store's space.
// Rows belong to the iterator until yield returns.
//
// One iterator that goes through many keys in their order costs a quarter of as
// many single reads: blocks of the index and of the data stay open from one key
// to the next, and the filters still answer for what is not there. It has to
// open every level first, though, where a single read ends at the first that
// has the key; two rows by iterator took four times as long as by single reads
// while writes went on.
func (s *Store) find(n int, key func(k []byte, i int) []byte, yield func(i int, row []byte) error) error {
	if n < manyKeys {
		return s.findFew(n, key, yield)
	}
	it, err := s.db.Pebble().NewIter(&pebble.IterOptions{
		LowerBound: []byte{pebbledb.SpaceStore},
		UpperBound: []byte{pebbledb.SpaceStore + 1},
	})
	if err != nil {
		return translate(err)
	}
	defer it.Close()
	for _, k := range inOrder(n, key) {
		if !it.SeekPrefixGE(k.key) || !bytes.Equal(it.Key(), k.key) {
			continue
		}
		row, err := it.ValueAndErr()
		if err != nil {
			return translate(err)
		}
		if err := yield(k.place, row); err != nil {
			return err
		}
	}
	return translate(it.Error())
}

// manyKeys is the number of keys from which on an iterator pays.
const manyKeys = 8

// findFew is find by single reads.
func (s *Store) findFew(n int, key func(k []byte, i int) []byte, yield func(i int, row []byte) error) error {
	space := s.key()
	for i := range n {
		_, _, err := read(s, key(space, i), func(row []byte) (struct{}, error) { return struct{}{}, yield(i, row) })
		if err != nil {
			return err
		}
	}
	return nil
}

// placed is a key and its place in the question.
type placed struct {
	key   []byte
	place int
}

// inOrder builds all keys in one buffer and sorts them.
func inOrder(n int, key func(k []byte, i int) []byte) []placed {
	buf := make([]byte, 0, n*findRoom)
	keys := make([]placed, n)
	for i := range keys {
		from := len(buf)
		buf = key(append(buf, pebbledb.SpaceStore), i)
		keys[i] = placed{buf[from:], i}
	}
	slices.SortFunc(keys, func(a, b placed) int { return bytes.Compare(a.key, b.key) })
	return keys
}

// findRoom holds the longest key that find is used for, that of a member.
const findRoom = 3 + 2*idLen
