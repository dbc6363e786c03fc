package queuerabbitmq

import (
	"fmt"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/queue/queuetest"
	"github.com/starlinghq/starling/internal/social"
)

// BenchmarkPublish compares 256 callers under the window as it is with the
// same callers under a window of one, in one run.
func BenchmarkPublish(b *testing.B) {
	for _, window := range []int{256, 1} {
		b.Run(fmt.Sprintf("window=%d", window), func(b *testing.B) {
			cfg := config(b)
			cfg.Window, cfg.Limits, cfg.Patience = window, nil, time.Minute
			p := start(b, cfg)
			queuetest.Callers(b, 256, func(i int64) error { return p.Publish(b.Context(), queuetest.Posted(i)) })
		})
	}
}

// BenchmarkConsume takes and acknowledges messages one by one, as many as the
// prefetch lets the broker send ahead.
func BenchmarkConsume(b *testing.B) {
	cfg := config(b)
	cfg.Limits = nil
	p := start(b, cfg)
	const batch = 200
	for i := 0; i < b.N; i += batch {
		ms := make([]queue.Message, 0, batch)
		for j := range batch {
			m := queuetest.Posted(int64(i + j))
			m.Key = 1
			ms = append(ms, m)
		}
		if err := p.Relay(b.Context(), ms...); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	sub, err := p.Subscribe(b.Context(), queue.QueueOf(queue.Message{Family: social.FamilyTweets, Key: 1}, testShards), 500)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = sub.Close() }()
	for range b.N {
		d, err := sub.Next(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if err := sub.AckThrough(b.Context(), d); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msgs/s")
}
