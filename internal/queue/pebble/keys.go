package queuepebble

import (
	"encoding/binary"
	"errors"

	"github.com/starlinghq/starling/internal/pebbledb"
	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/social"
)

// The tables of the queue's key space, by their second byte.
//
//	q f <queue>                frontier: the last sequence number acknowledged
//	q m <queue> <seq>          message
//	q n                        number of shards
//	q p <id>                   parked message
//	q r <due> <queue> <seq>    message resting on the ladder, by unix milliseconds
//
// A queue is its family, a zero byte and the shard in two bytes; numbers are
// big-endian, so that keys sort as the numbers do.
const (
	tableFrontier byte = 'f'
	tableMessages byte = 'm'
	tableShards   byte = 'n'
	tableParked   byte = 'p'
	tableResting  byte = 'r'
)

// maxShards bounds the shard numbers that fit the keys.
const maxShards = 1 << 12

var errKey = errors.New("malformed key")

func table(t byte) []byte { return []byte{pebbledb.SpaceQueue, t} }

// tableEnd is the first key behind a table.
func tableEnd(t byte) []byte { return []byte{pebbledb.SpaceQueue, t + 1} }

func appendName(b []byte, n queue.Name) []byte {
	b = append(b, n.Family...)
	b = append(b, 0)
	return binary.BigEndian.AppendUint16(b, uint16(n.Shard))
}

// cutName reads a queue from the front of b.
func cutName(b []byte) (n queue.Name, rest []byte, err error) {
	for i, c := range b {
		if c != 0 {
			continue
		}
		if len(b) < i+3 {
			break
		}
		n.Family = social.Family(b[:i])
		n.Shard = int(binary.BigEndian.Uint16(b[i+1:]))
		return n, b[i+3:], nil
	}
	return n, nil, errKey
}

func queueKey(t byte, n queue.Name) []byte { return appendName(table(t), n) }

func seqKey(prefix []byte, seq uint64) []byte {
	key := make([]byte, len(prefix), len(prefix)+8)
	copy(key, prefix)
	return binary.BigEndian.AppendUint64(key, seq)
}

func restingKey(due int64, n queue.Name, seq uint64) []byte {
	key := binary.BigEndian.AppendUint64(table(tableResting), uint64(due))
	return binary.BigEndian.AppendUint64(appendName(key, n), seq)
}

// cutResting reads a key of the ladder.
func cutResting(key []byte) (due int64, n queue.Name, err error) {
	if len(key) < 10 {
		return 0, n, errKey
	}
	due = int64(binary.BigEndian.Uint64(key[2:]))
	n, _, err = cutName(key[10:])
	return due, n, err
}

func parkedKey(id string) []byte { return append(table(tableParked), id...) }
