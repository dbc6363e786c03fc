package queuepebble

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"

	"github.com/starlinghq/starling/internal/pebbledb"
	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/social"
)

// Config says which queues there are and when they are full.
type Config struct {
	Shards   int             // queues of each family, 1 to 4,096; 0 means 16
	Families []social.Family // nil means every family of package social
	// Limits is how many messages of a family may wait before Admit and Publish
	// refuse more. Families without an entry have no limit, as those must be that
	// workers relay to: owners would wait for each other in a circle.
	Limits map[social.Family]int64
	Logger *slog.Logger
}

// DefaultShards is the number of queues of a family. Changing it would change
// the queue of most keys, so it is stored with the queues.
const DefaultShards = 16

// ErrShards says that the queues were made with another number of shards.
var ErrShards = errors.New("queuepebble: number of shards differs")

// Queue implements [queue.Queue]. Its methods may be called concurrently.
type Queue struct {
	db       *pebbledb.DB
	log      *slog.Logger
	shards   int
	families map[social.Family]*family // read-only after Open
	ladder   ladder
	parking  sync.Mutex   // makes read and write of a parked message one step
	backlog  atomic.Int64 // messages found by Open and not yet acknowledged
}

// family is the queues of one family and their common depth.
type family struct {
	name   social.Family
	limit  int64        // 0 means none
	depth  atomic.Int64 // messages not acknowledged
	shards []*shard
}

var _ queue.Queue = (*Queue)(nil)

// Open reads the state of the queues from db, which must outlive the result.
func Open(ctx context.Context, db *pebbledb.DB, cfg Config) (*Queue, error) {
	if cfg.Shards == 0 {
		cfg.Shards = DefaultShards
	}
	if cfg.Shards < 1 || cfg.Shards > maxShards {
		return nil, fmt.Errorf("queuepebble: %d shards, between 1 and %d are possible", cfg.Shards, maxShards)
	}
	if cfg.Families == nil {
		cfg.Families = social.Families()
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	q := &Queue{db: db, log: cfg.Logger, shards: cfg.Shards, families: map[social.Family]*family{}, ladder: newLadder()}
	if err := q.checkShards(); err != nil {
		return nil, err
	}
	for _, name := range cfg.Families {
		if name == "" || strings.ContainsRune(string(name), 0) {
			return nil, fmt.Errorf("queuepebble: %q cannot be the name of a family", name)
		}
		if err := q.openFamily(name, cfg.Limits[name]); err != nil {
			return nil, fmt.Errorf("queuepebble: open the queues of %s: %w", name, err)
		}
	}
	if err := q.openLadder(); err != nil {
		return nil, fmt.Errorf("queuepebble: open the ladder: %w", err)
	}
	if n := q.backlog.Load(); n > 0 {
		q.log.LogAttrs(ctx, slog.LevelInfo, "messages of an earlier run are queued", slog.Int64("messages", n))
	}
	return q, nil
}

// checkShards compares the number of shards with the stored one, or stores it.
func (q *Queue) checkShards() error {
	stored, err := q.number(table(tableShards))
	if err != nil {
		return fmt.Errorf("queuepebble: read the number of shards: %w", err)
	}
	if stored == uint64(q.shards) {
		return nil
	}
	if stored != 0 {
		return fmt.Errorf("%w: the data has %d, the configuration says %d", ErrShards, stored, q.shards)
	}
	return q.write(func(b *pebble.Batch) error {
		return b.Set(table(tableShards), binary.BigEndian.AppendUint64(nil, uint64(q.shards)), nil)
	})
}

func (q *Queue) openFamily(name social.Family, limit int64) error {
	f := &family{name: name, limit: limit}
	for i := range q.shards {
		s, err := q.openShard(f, queue.Name{Family: name, Shard: i})
		if err != nil {
			return err
		}
		f.shards = append(f.shards, s)
		f.depth.Add(s.ready())
		q.backlog.Add(s.ready())
	}
	q.families[name] = f
	return nil
}

// shard returns a queue by its name.
func (q *Queue) shard(n queue.Name) (*shard, error) {
	f, ok := q.families[n.Family]
	if !ok {
		return nil, fmt.Errorf("queuepebble: no queues for the family %q", n.Family)
	}
	if n.Shard < 0 || n.Shard >= len(f.shards) {
		return nil, fmt.Errorf("queuepebble: no queue %s, there are %d", n, len(f.shards))
	}
	return f.shards[n.Shard], nil
}

// Backlog returns how many of the messages that Open found are not yet
// acknowledged. It only falls; a system is ready when it is 0. What workers
// relay meanwhile is not in it.
func (q *Queue) Backlog() int64 { return q.backlog.Load() }

// Depths implements [queue.Gauge].
func (q *Queue) Depths(context.Context) ([]queue.Depth, error) {
	resting := q.ladder.resting()
	var all []queue.Depth
	for _, name := range slices.Sorted(maps.Keys(q.families)) {
		for _, s := range q.families[name].shards {
			s.mu.Lock()
			all = append(all, queue.Depth{Name: s.name, Ready: s.ready(), Resting: resting[s.name]})
			s.mu.Unlock()
		}
	}
	return all, nil
}

// write commits a batch of its own, without sync.
func (q *Queue) write(fill func(b *pebble.Batch) error) error {
	b := q.db.Pebble().NewBatch()
	err := fill(b)
	if err == nil {
		err = q.db.CommitNoSync(b)
	}
	return errors.Join(err, b.Close())
}

// number reads a stored number, 0 where there is none.
func (q *Queue) number(key []byte) (uint64, error) {
	value, closer, err := q.db.Pebble().Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if len(value) != 8 {
		return 0, errors.Join(errRecord, closer.Close())
	}
	n := binary.BigEndian.Uint64(value)
	return n, closer.Close()
}

// record reads a stored record; pebble.ErrNotFound where there is none.
func (q *Queue) record(key []byte) (record, error) {
	value, closer, err := q.db.Pebble().Get(key)
	if err != nil {
		return record{}, err
	}
	r, err := decode(value)
	return r, errors.Join(err, closer.Close())
}
