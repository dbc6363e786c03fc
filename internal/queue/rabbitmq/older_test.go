package queuerabbitmq

import (
	"testing"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/social"
)

// TestQueuesOfAnOlderRelease: a broker with the queues of a release that had one
// lane gets the others, and what waits in the old ones is delivered: also a
// later page, which today would be in the bulk lane.
func TestQueuesOfAnOlderRelease(t *testing.T) {
	cfg := config(t)
	cfg.Families = social.Families()
	older := cfg
	older.Families = append(social.OwnedFamilies(), social.FamilyFeed)
	body := []byte(`{"id":"1"}`)
	left := queue.Message{ID: "1:feed.fanout:7", Type: social.TypeFanout, Family: social.FamilyFeed, Body: body}
	before := start(t, older)
	if err := before.Publish(t.Context(), left); err != nil {
		t.Fatal(err)
	}
	before.stop()

	p := start(t, cfg)
	t.Cleanup(func() { wipe(t, cfg) }) // has more families than config knew of
	next := queue.Message{ID: "2:feed.fanout:7", Type: social.TypeFanout, Family: social.FamilyFeedBulk, Body: body}
	if err := p.Publish(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	for _, m := range []queue.Message{left, next} {
		sub := subscribe(t, p, queue.QueueOf(m, cfg.Shards))
		d, err := sub.Next(t.Context())
		if err != nil || d.ID != m.ID || d.Family != m.Family {
			t.Errorf("got %s of %s, %v; want %s of %s", d.ID, d.Family, err, m.ID, m.Family)
		}
	}
}
