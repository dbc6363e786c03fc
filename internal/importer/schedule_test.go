package importer

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestScheduleHandsOutEverythingOnceInOrder drives a schedule with sign-ups
// and completions in random order, and checks each piece of work against what
// is known at that moment.
func TestScheduleHandsOutEverythingOnceInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := GeneratePlan(rapid.IntRange(1, 25).Draw(t, "people"), rapid.Uint64Range(1, 50).Draw(t, "seed"))
		batch := rapid.IntRange(1, 8).Draw(t, "batch")
		d := &scheduleDriver{t: t, plan: p, schedule: newSchedule(p, batch), batch: batch}
		for n := range p.Accounts {
			d.signUps = append(d.signUps, n)
		}
		d.signUps = rapid.Permutation(d.signUps).Draw(t, "sign-ups")
		d.busy, d.in, d.seen = map[int]bool{}, map[int]bool{}, map[string]bool{}
		d.lastLine = map[int]int{}
		for d.step() {
		}
		want := len(p.Tweets) + len(p.Follows) + len(p.Comments) + len(p.Likes)
		if len(d.seen) != want {
			t.Fatalf("%d items handed out, want %d", len(d.seen), want)
		}
	})
}

type scheduleDriver struct {
	t        *rapid.T
	plan     Plan
	schedule *schedule
	batch    int

	signUps  []int
	inFlight []work
	in, busy map[int]bool
	posted   []bool
	lastLine map[int]int
	seen     map[string]bool
}

// step takes work, ends work or signs somebody up; false when all is done.
func (d *scheduleDriver) step() bool {
	if d.posted == nil {
		d.posted = make([]bool, len(d.plan.Tweets))
	}
	d.schedule.mu.Lock()
	w, ok := d.schedule.take()
	left := d.schedule.left
	d.schedule.mu.Unlock()
	switch {
	case ok:
		d.check(w)
		d.inFlight = append(d.inFlight, w)
	case len(d.inFlight) > 0 && (len(d.signUps) == 0 || rapid.Bool().Draw(d.t, "end work")):
		i := rapid.IntRange(0, len(d.inFlight)-1).Draw(d.t, "which")
		d.end(d.inFlight[i])
		d.inFlight = append(d.inFlight[:i], d.inFlight[i+1:]...)
	case len(d.signUps) > 0:
		n := d.signUps[0]
		d.signUps = d.signUps[1:]
		d.in[n] = true
		d.schedule.signedIn(n, fmt.Sprint("u", n))
	case left > 0:
		d.t.Fatalf("stuck: %d items left and nothing to do", left)
	default:
		return false
	}
	return true
}

func (d *scheduleDriver) end(w work) {
	d.busy[w.account] = false
	id := ""
	if w.chore == choreTweet {
		d.posted[w.items[0]] = true
		id = fmt.Sprint("t", w.items[0])
	}
	d.schedule.done(w, id)
}

func (d *scheduleDriver) check(w work) {
	if !d.in[w.account] || d.busy[w.account] || len(w.items) == 0 || len(w.items) > d.batch {
		d.t.Fatalf("work %+v: signed in %t, busy %t", w, d.in[w.account], d.busy[w.account])
	}
	if w.chore == choreTweet && len(w.items) > 1 {
		d.t.Fatalf("work %+v: more than one tweet", w)
	}
	d.busy[w.account] = true
	for _, item := range w.items {
		key := fmt.Sprint(w.chore, "/", item)
		if d.seen[key] {
			d.t.Fatalf("work %+v: twice", w)
		}
		d.seen[key] = true
		actor, ready := w.account, true
		switch w.chore {
		case choreTweet:
			tweet := d.plan.Tweets[item]
			actor, ready = tweet.Author, tweet.Parent == NoParent || d.posted[tweet.Parent]
			if last, any := d.lastLine[actor]; any && last > item {
				d.t.Fatalf("work %+v: after line %d", w, last+1)
			}
			d.lastLine[actor] = item
		case choreFollow:
			actor, ready = d.plan.Follows[item].Follower, d.in[d.plan.Follows[item].Followee]
		case choreComment:
			actor, ready = d.plan.Comments[item].Account, d.posted[d.plan.Comments[item].Tweet]
		case choreLike:
			actor, ready = d.plan.Likes[item].Account, d.posted[d.plan.Likes[item].Tweet]
		}
		if actor != w.account || !ready {
			d.t.Fatalf("work %+v: item %d of %d, ready %t", w, item, actor, ready)
		}
	}
}
