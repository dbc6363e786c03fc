package queuerabbitmq

import (
	"sync/atomic"
	"testing"
)

// TestReadingsAreForWhoAsks: the broker is asked for depths at the first look,
// and from then on only where admission was asked since.
func TestReadingsAreForWhoAsks(t *testing.T) {
	d := &depth{limit: 10, moved: new(atomic.Int64)}
	asks := func(after string, want bool) {
		t.Helper()
		if got := d.stale(); got != want {
			t.Errorf("after %s: stale is %v", after, got)
		}
		d.learned(0, d.asking())
	}
	asks("the start", true)
	asks("a reading", false)
	_ = d.room()
	asks("a question for room", true)
	_ = d.enter(1, false)
	asks("a relay", false)
	_ = d.enter(1, true)
	asks("a publish", true)
	_ = d.room()
	d.limit = 0
	asks("the limit is gone", false)
}

// TestAFullQueueIsReadUntilItHasRoom: whoever comes after a pause is not refused
// for a queue that has long been empty, nor for a reading that failed.
func TestAFullQueueIsReadUntilItHasRoom(t *testing.T) {
	d := &depth{limit: 10, moved: new(atomic.Int64)}
	d.learned(10, d.asking())
	if !d.stale() {
		t.Error("a full queue is not read again")
	}
	d.learned(0, d.asking())
	if d.stale() {
		t.Error("an empty queue is read again")
	}
	_ = d.asking()
	d.failed()
	if !d.stale() {
		t.Error("a reading that failed is not tried again")
	}
}
