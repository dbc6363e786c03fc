package queue_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

// Queues hold messages across releases, so where a key goes may never change.
func TestShardOfIsFixed(t *testing.T) {
	for _, tc := range []struct {
		key  snowflake.ID
		n    int
		want int
	}{
		{1, 16, 1}, {2, 16, 14}, {4194304000, 16, 9}, {9223372036854775807, 16, 7}, {1, 4, 1}, {7, 1, 0},
	} {
		if got := queue.ShardOf(tc.key, tc.n); got != tc.want {
			t.Errorf("ShardOf(%d, %d) = %d, want %d", tc.key, tc.n, got, tc.want)
		}
	}
	m := queue.Message{ID: "1:feed.fanout", Family: social.FamilyFeed}
	if got, want := queue.QueueOf(m, 16).String(), "feed.03"; got != want {
		t.Errorf("QueueOf = %s, want %s", got, want)
	}
}

// Ids of one node in one second differ in few bits; their shards must not.
func TestShardOfSpreads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const n, each = 16, 500
		base := snowflake.ID(rapid.Int64Range(1, 1<<62).Draw(t, "base"))
		step := snowflake.ID(rapid.SampledFrom([]int64{1, 1 << 12, 1 << 22}).Draw(t, "step"))
		var count [n]int
		for i := range snowflake.ID(n * each) {
			s := queue.ShardOf(base+i*step, n)
			if s < 0 || s >= n {
				t.Fatalf("shard %d of %d", s, n)
			}
			count[s]++
		}
		for s, c := range count {
			if c < each*7/10 || c > each*13/10 {
				t.Fatalf("shard %d has %d of %d keys", s, c, n*each)
			}
		}
	})
}
