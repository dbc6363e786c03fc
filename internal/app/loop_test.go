package app_test

import (
	"slices"
	"testing"

	"github.com/starlinghq/starling/internal/app/apptest"
)

func TestATweetReachesAFollowersFeed(t *testing.T) {
	sys := apptest.Start(t)
	ann, bob := sys.SignUp(t, "ann"), sys.SignUp(t, "bob")
	bob.Follows(t, ann)
	first := ann.Posts(t, "hello #world")
	sys.Settled(t)
	second := ann.Posts(t, "again")
	sys.Settled(t)
	want := []string{second, first}
	if got := bob.Feed(t, 1); !slices.Equal(got, want) {
		t.Errorf("bob's feed is %v, want %v", got, want)
	}
	sys.Restart(t)
	if got := bob.Feed(t, 20); !slices.Equal(got, want) {
		t.Errorf("after a restart bob's feed is %v, want %v", got, want)
	}
}
