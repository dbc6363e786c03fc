package queuetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

// Posted is message number i, of the size of a posted tweet, with a key of its
// own.
func Posted(i int64) queue.Message {
	return queue.Message{
		ID: fmt.Sprintf("%d:tweet.posted", i), Type: social.TypeTweetPosted, Family: social.FamilyTweets, Key: snowflake.ID(i),
		Headers: map[string]string{"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
		Body:    make([]byte, 350),
	}
}

// Callers runs do b.N times from n goroutines at once, with numbers from 1, and
// reports how often a second.
func Callers(b *testing.B, n int, do func(i int64) error) {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range n {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				if err := do(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msgs/s")
}
