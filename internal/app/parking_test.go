package app_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/app/apptest"
	"github.com/starlinghq/starling/internal/cli"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/testenv"
)

// starling runs a command on the data of a system as a shell does, and returns
// its exit code and what it printed.
func starling(t *testing.T, sys *apptest.System, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = cli.Run(t.Context(), append(args, "--data", sys.Dir), cli.Streams{Out: &o, Err: &e, Env: []string{"STARLING_SHARDS=4"}})
	return code, o.String(), e.String()
}

// parked lists the ids of parked messages, as `starling queue list` prints them.
func parked(t *testing.T, sys *apptest.System) []string {
	t.Helper()
	code, out, errs := starling(t, sys, "queue", "list")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != 0 || !strings.HasPrefix(lines[0], "ID ") {
		t.Fatalf("queue list: exit code %d: %s%s", code, out, errs)
	}
	var ids []string
	for _, l := range lines[1:] {
		ids = append(ids, strings.Fields(l)[0])
	}
	return ids
}

// TestAPoisonedMessageIsParked: a handler that panics or fails for good is
// tried again a few times and its message laid aside; everything else goes on,
// the same author's tweets too. People then list, show, replay and drop it,
// while the process runs and while it does not.
func TestAPoisonedMessageIsParked(t *testing.T) {
	t.Parallel()
	var tries atomic.Int64
	p := &plant{putTweet: func(t social.Tweet) error {
		switch {
		case strings.HasPrefix(t.Text, "poison: panic"):
			tries.Add(1)
			panic("planted: a nil map")
		case strings.HasPrefix(t.Text, "poison: error"):
			return errors.New("planted: no such column")
		}
		return nil
	}}
	sys := apptest.StartWith(t, p.opener())
	ann, bob := sys.SignUp(t, "ann"), sys.SignUp(t, "bob")
	bob.Follows(t, ann)
	var poison []string
	for _, kind := range []string{"panic 1", "panic 2", "error 3"} {
		poison = append(poison, ann.Posts(t, "poison: "+kind))
	}
	good := []string{ann.Posts(t, "good"), bob.Posts(t, "good too")}
	mine := append(slices.Clone(poison), good[0])
	testenv.Eventually(t, 10*time.Second, func() error {
		if got := bob.Feed(t, 20); !slices.Equal(got, newestFirst(good)) {
			return fmt.Errorf("bob's feed is %v, want %v", got, newestFirst(good))
		}
		return nil
	})
	testenv.Eventually(t, 30*time.Second, func() error {
		if ids := parked(t, sys); len(ids) != len(poison) {
			return fmt.Errorf("%d messages are parked after %d panics: %v", len(ids), tries.Load(), ids)
		}
		return nil
	})
	if n := tries.Load(); n != 2*5 {
		t.Errorf("the handler panicked %d times for two messages, want 5 each", n)
	}
	sys.Settled(t)
	if err := sys.Server().Ready(); err != nil {
		t.Errorf("not ready: %v", err)
	}

	id := func(i int) string { return poison[i][1:] + ":tweet.posted" }
	if got, want := parked(t, sys), []string{id(0), id(1), id(2)}; !slices.Equal(got, want) {
		t.Fatalf("parked are %v, want %v", got, want)
	}
	show := func(i int, reason string) {
		t.Helper()
		code, out, errs := starling(t, sys, "queue", "show", id(i))
		for _, want := range []string{id(i), "tweets", "attempts  5", reason, "poison: "} {
			if code != 0 || !strings.Contains(out, want) {
				t.Errorf("queue show: exit code %d, no %q in %s%s", code, want, out, errs)
			}
		}
	}
	for _, running := range []bool{true, false} {
		if !running {
			sys.Stop(t)
		}
		if code, out, errs := starling(t, sys, "queue", "depths"); code != 0 || len(strings.Split(out, "\n")) != 3 || !strings.Contains(out, "all    0        0") {
			t.Errorf("queue depths: exit code %d: %s%s", code, out, errs)
		}
	}
	sys.Run(t)
	sys.Ready(t)
	show(0, "planted: a nil map")
	show(2, "planted: no such column")
	for _, command := range []string{"show", "replay", "drop"} {
		if code, out, errs := starling(t, sys, "queue", command, "nothing"); code != 1 || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, "nothing") {
			t.Errorf("queue %s of nothing: exit code %d: %s%s", command, code, out, errs)
		}
	}

	do := func(command string, i int) {
		t.Helper()
		if code, out, errs := starling(t, sys, "queue", command, id(i)); code != 0 {
			t.Errorf("queue %s: exit code %d: %s%s", command, code, out, errs)
		}
	}
	p.set(func() { p.putTweet = nil })
	do("replay", 0)
	do("drop", 1)
	sys.Settled(t)
	same(t, "ann's tweets once one was replayed", bob.List(t, ann.UserID, "tweets", 20), newestFirst([]string{poison[0], good[0]}))

	sys.Stop(t)
	if got, want := parked(t, sys), []string{id(2)}; !slices.Equal(got, want) {
		t.Fatalf("parked in the folder are %v, want %v", got, want)
	}
	show(2, "planted: no such column")
	do("replay", 2)
	if got := parked(t, sys); len(got) != 0 {
		t.Errorf("still parked: %v", got)
	}
	sys.Run(t)
	sys.Ready(t)
	sys.Settled(t)
	want := newestFirst(slices.DeleteFunc(mine, func(id string) bool { return id == poison[1] }))
	same(t, "ann's tweets in the end", bob.List(t, ann.UserID, "tweets", 20), want)
	same(t, "bob's feed in the end", bob.Feed(t, 20), newestFirst(append(want, good[1])))
}
