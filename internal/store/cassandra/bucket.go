package storecassandra

import (
	"context"
	"math"
	"sync"

	"github.com/starlinghq/starling/internal/snowflake"
)

// bucketKind names a list whose partitions are months or quarters.
type bucketKind string

const (
	logMonths     bucketKind = "log"      // the author log, by month of the tweet
	commentMonths bucketKind = "comments" // comments of a tweet, by month of the comment
	likedQuarters bucketKind = "liked"    // what a user likes, by quarter of the like
)

// month numbers the months of ids: year * 12 + month, from 0 for January.
func month(id snowflake.ID) int {
	t := id.Time()
	return t.Year()*12 + int(t.Month()) - 1
}

// quarter numbers the quarters of ids.
func quarter(id snowflake.ID) int { return month(id) / 3 }

// of returns the bucket of an id in lists of a kind.
func (k bucketKind) of(id snowflake.ID) int {
	if k == likedQuarters {
		return quarter(id)
	}
	return month(id)
}

// bucketKey names one bucket of one list.
type bucketKey struct {
	owner  int64
	kind   bucketKind
	bucket int
}

// knownBuckets is how many buckets a process remembers as written.
const knownBuckets = 1 << 16

// buckets remembers which buckets are written, so that not every row writes its
// bucket again. Forgetting is harmless; it forgets all when it is full.
type buckets struct {
	mu   sync.Mutex
	seen map[bucketKey]struct{} // guarded by mu
}

func (b *buckets) has(k bucketKey) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, ok := b.seen[k]
	return ok
}

func (b *buckets) add(k bucketKey) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.seen == nil || len(b.seen) >= knownBuckets {
		b.seen = make(map[bucketKey]struct{})
	}
	b.seen[k] = struct{}{}
}

// putBucket makes sure that a list's bucket is known to readers, before the
// first row goes into it.
func (s *Store) putBucket(ctx context.Context, kind bucketKind, owner, id snowflake.ID) error {
	k := bucketKey{owner: int64(owner), kind: kind, bucket: kind.of(id)}
	if s.known.has(k) {
		return nil
	}
	cql := s.cql.putLikeBucket
	if kind == logMonths {
		cql = s.cql.putTweetBucket
	}
	// Buckets are never deleted, so that any timestamp will do.
	if err := s.write(ctx, statement{cql, []any{k.owner, string(kind), k.bucket, timestamp(id)}}); err != nil {
		return err
	}
	s.known.add(k)
	return nil
}

// bucketsOf returns the buckets of a list, newest first, from that of an id on
// (0: from the newest).
func (s *Store) bucketsOf(ctx context.Context, kind bucketKind, owner, before snowflake.ID) (out []int, err error) {
	newest := math.MaxInt32
	if before > 0 {
		newest = kind.of(before)
	}
	cql := s.cql.likeBuckets
	if kind == logMonths {
		cql = s.cql.tweetBuckets
	}
	var bucket int
	err = s.all(ctx, cql, []any{int64(owner), string(kind), newest}, func() { out = nil }, func() { out = append(out, bucket) }, &bucket)
	return out, err
}

// walk reads a list newest first, bucket by bucket, until it has n items.
func walk[T any](ctx context.Context, s *Store, kind bucketKind, owner, before snowflake.ID, n int, read func(bucket int, before int64, limit int) (page[T], error)) ([]T, error) {
	if err := gone(ctx); err != nil || n <= 0 {
		return nil, err
	}
	all, err := s.bucketsOf(ctx, kind, owner, before)
	if err != nil {
		return nil, err
	}
	from := int64(before)
	if from <= 0 {
		from = math.MaxInt64
	}
	var out []T
	for _, bucket := range all {
		more, full, err := fill(n-len(out), from, func(before int64, limit int) (page[T], error) { return read(bucket, before, limit) })
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
		if full {
			break
		}
	}
	return out, nil
}
