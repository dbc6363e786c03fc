package storepebble

import "sync"

// stripes is how many locks the partitions share: enough that 32 writers
// rarely meet.
const stripes = 256

// locks serialises the writers of a partition: they read, compare and write
// under its lock, so that what they compared with is what they replace. Two
// partitions may share one; nobody holds two.
type locks [stripes]sync.RWMutex

// of returns the lock of the partition of one id in one table. Snowflakes have
// their entropy in the time, so the bits are spread by a multiplicative hash
// (Knuth, The Art of Computer Programming 3, 6.4) first.
func (l *locks) of(t table, id int64) *sync.RWMutex {
	h := (uint64(id) ^ uint64(t)<<56) * 0x9e3779b97f4a7c15
	return &l[h>>56]
}

// ofText is of for partitions named by a text.
func (l *locks) ofText(t table, id int64, text string) *sync.RWMutex {
	const prime = 1099511628211 // FNV-1a
	h := uint64(14695981039346656037)
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * prime
	}
	return l.of(t, id^int64(h))
}
