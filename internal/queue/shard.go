package queue

import (
	"fmt"
	"hash/fnv"

	"github.com/starlinghq/starling/internal/snowflake"
)

// String returns family.number with two digits.
func (n Name) String() string { return fmt.Sprintf("%s.%02d", n.Family, n.Shard) }

// ShardOf returns the shard, 0 to n-1, of an ordering key. Every publisher of
// a system must use it with the same n: it decides which queue keeps the order
// of a key. Snowflakes share their low bits, so they are mixed first
// (splitmix64, Steele, Lea, Flood: "Fast splittable pseudorandom number
// generators", OOPSLA 2014).
func ShardOf(key snowflake.ID, n int) int {
	x := uint64(key) + 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	x ^= x >> 31
	return int(x % uint64(n))
}

// QueueOf returns the queue of a message in a system of n shards. A message
// without a key is spread by its id.
func QueueOf(m Message, n int) Name {
	if m.Key != 0 {
		return Name{Family: m.Family, Shard: ShardOf(m.Key, n)}
	}
	h := fnv.New64a()
	h.Write([]byte(m.ID))
	return Name{Family: m.Family, Shard: int(h.Sum64() % uint64(n))}
}
