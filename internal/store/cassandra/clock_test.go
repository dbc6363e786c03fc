package storecassandra

import (
	"testing"
	"time"
)

// TestClock: the node of the tests runs on this machine, so its clock is ours.
func TestClock(t *testing.T) {
	s := open(t)
	before := time.Now().Truncate(time.Millisecond)
	at, err := s.Clock(t.Context())
	must(t, err)
	if after := time.Now(); at.Before(before) || at.After(after) {
		t.Errorf("the node's clock is %s, asked between %s and %s", at, before, after)
	}
}
