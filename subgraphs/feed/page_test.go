package feed

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

// feedIs reads a feed in several page sizes and expects these tweets.
func (w *world) feedIs(what string, viewer social.UserID, want ...*social.Tweet) {
	w.Helper()
	ids := make([]social.TweetID, len(want))
	for i, t := range want {
		ids[i] = t.ID
	}
	for _, n := range []int{1, 2, 3, 100} {
		if d := cmp.Diff(ids, w.all(viewer, n), cmpopts.EquateEmpty()); d != "" {
			w.Errorf("%s, in pages of %d (-want +got):\n%s", what, n, d)
		}
	}
}

// TestOwnWrites: what its author was told is accepted is in his next read,
// before any owner has seen it (P5).
func TestOwnWrites(t *testing.T) {
	w := newWorld(t)
	me, friend, stranger := w.user(), w.user(), w.user()
	w.follow(me, friend, social.On)
	theirs := w.post(friend, 0)
	strange := w.post(stranger, 0)
	w.feedIs("at first", me, theirs)

	mine := w.accept(me, 0)
	w.feedIs("a tweet of his own", me, mine, theirs)
	w.feedIs("to its author's follower it has not come", friend, theirs)
	unfollow := w.acceptFollow(me, friend, social.Off)
	w.feedIs("an unfollow", me, mine)
	follow := w.acceptFollow(me, stranger, social.On)
	w.feedIs("a follow", me, mine, strange)
	gone := w.acceptDelete(mine)
	w.feedIs("a deletion of his own", me, strange)

	w.log(mine)
	w.delete(gone)
	w.deliver(mine)
	w.feedIs("tweet and deletion applied", me, strange)
	w.followee(me, friend, social.Last{Event: unfollow, State: social.Off})
	w.followee(me, stranger, social.Last{Event: follow, State: social.On})
	w.feedIs("followees applied", me, strange)
	w.follower(me, friend, social.Last{Event: unfollow, State: social.Off})
	w.follower(me, stranger, social.Last{Event: follow, State: social.On})
	w.feedIs("followers applied", me, strange)
}

// TestRefollow: who is followed again has in the feed what he posted meanwhile,
// at every step of the way.
func TestRefollow(t *testing.T) {
	w := newWorld(t)
	me, friend := w.user(), w.user()
	w.follow(me, friend, social.On)
	first := w.post(friend, 0)
	w.feedIs("followed", me, first)
	w.follow(me, friend, social.Off)
	between := w.post(friend, 0) // not delivered to me
	w.feedIs("unfollowed", me)

	l := social.Last{Event: w.acceptFollow(me, friend, social.On), State: social.On}
	w.feedIs("followed again, accepted", me, between, first)
	w.followee(me, friend, l)
	w.feedIs("followed again, the followee is written", me, between, first)
	w.follower(me, friend, l)
	w.feedIs("followed again, all is written", me, between, first)
	last := w.post(friend, 0)
	w.feedIs("and on", me, last, between, first)
}

// TestOtherSession: an unfollow that the overlay does not know any more, or
// that a newer follow replaced, counts by its row.
func TestOtherSession(t *testing.T) {
	w := newWorld(t)
	me, friend := w.user(), w.user()
	w.follow(me, friend, social.On)
	tweet := w.post(friend, 0)
	old := w.id()
	w.follow(me, friend, social.On)
	w.record(me, cache.WroteFollow, snowflake.ID(friend), old, social.Off) // came late
	w.feedIs("a late unfollow that is older", me, tweet)
	newer := social.Last{Event: w.id(), State: social.Off}
	w.followee(me, friend, newer)
	w.feedIs("an unfollow by another way", me)
}

// TestBuildMeanwhile: what is posted and delivered while a home timeline is
// built is in it, whenever it comes.
func TestBuildMeanwhile(t *testing.T) {
	for name, hook := range map[string]func(w *world, f func()){
		"before its reads": func(w *world, f func()) { w.cache.begun = f },
		"behind its reads": func(w *world, f func()) { w.cache.before = f },
	} {
		w := newWorld(t)
		me, friend := w.user(), w.user()
		w.follow(me, friend, social.On)
		first := w.post(friend, 0)
		var second *social.Tweet
		hook(w, func() {
			w.cache.begun, w.cache.before = nil, nil
			second = w.post(friend, 0)
		})
		w.page(me, 0, 5)
		if second == nil {
			t.Fatalf("%s: nothing was built", name)
		}
		begins := w.cache.begins
		w.feedIs(name, me, second, first)
		if w.cache.begins != begins {
			t.Errorf("%s: built again", name)
		}
	}
}

// TestFollowMeanwhile: a follow that is applied while the home timeline is
// built, after its reads, leaves no home timeline without the new author.
func TestFollowMeanwhile(t *testing.T) {
	w := newWorld(t)
	me, friend, other := w.user(), w.user(), w.user()
	w.follow(me, friend, social.On)
	old, theirs := w.post(other, 0), w.post(friend, 0)
	w.cache.before = func() {
		w.cache.before = nil
		l := social.Last{Event: w.id(), State: social.On} // by another session
		w.followee(me, other, l)
		w.follower(me, other, l)
	}
	w.page(me, 0, 5)
	w.feedIs("after the build", me, theirs, old)
}

// TestSomebodyBuilds: while another request builds, the pull merge answers.
func TestSomebodyBuilds(t *testing.T) {
	w := newWorld(t)
	me, friend := w.user(), w.user()
	w.follow(me, friend, social.On)
	tweet := w.post(friend, 0)
	token, err := w.cache.Begin(w.ctx, me)
	w.must(err)
	w.feedIs("while it is built", me, tweet)
	if w.cache.begins != 1 {
		t.Error("a second build was begun")
	}
	if ok, _ := w.cache.Put(w.ctx, me, token, nil, cache.NoFloor-1); !ok {
		t.Error("the first build was disturbed")
	}
	w.feedIs("with a home timeline that promises nothing", me, tweet)
}

// TestCacheAway: without a cache the feed is the pull merge.
func TestCacheAway(t *testing.T) {
	w := newWorld(t)
	me, friend := w.user(), w.user()
	w.follow(me, friend, social.On)
	first, second := w.post(friend, 0), w.post(me, 0)
	w.cache.away = true
	w.feedIs("away", me, second, first)
	w.cache.away = false
	w.must(w.cache.Flush(w.ctx))
	w.feedIs("back", me, second, first)
}

// TestRepair is what causal repair is for: the reply has arrived, its parent
// has not; where the viewer follows its author it is there all the same, once,
// in its place (P6), as far as the page with the reply reaches.
func TestRepair(t *testing.T) {
	w := newWorld(t)
	me, a, b, stranger := w.user(), w.user(), w.user(), w.user()
	w.applied(me, a, social.On)
	w.applied(me, b, social.On)
	oldest := w.post(a, 0)
	w.page(me, 0, 5) // builds
	parent := w.accept(a, 0)
	strange := w.post(stranger, 0)
	between := w.post(b, 0)
	reply := w.post(b, parent.ID)
	other := w.post(b, strange.ID)
	onePage := func(what string, n int, want ...*social.Tweet) {
		t.Helper()
		var ids []social.TweetID
		for _, tweet := range want {
			ids = append(ids, tweet.ID)
		}
		if got := w.page(me, 0, n); !slices.Equal(got, ids) {
			t.Errorf("%s: got %v, want %v", what, got, ids)
		}
	}
	onePage("the parent is on its way", 100, other, reply, between, parent, oldest)
	onePage("where the page is full the oldest gives way", 4, other, reply, between, parent)
	onePage("the parent's place is on a later page", 3, other, reply, between)
	if got, want := w.page(me, between.ID, 3), []social.TweetID{parent.ID, oldest.ID}; !slices.Equal(got, want) {
		t.Errorf("the later page: got %v, want %v", got, want)
	}
	w.log(parent)
	onePage("the parent is in its log", 100, other, reply, between, parent, oldest)
	w.deliver(parent)
	w.feedIs("the parent is delivered", me, other, reply, between, parent, oldest)
	gone := w.acceptDelete(parent)
	w.feedIs("the parent is deleted", me, other, reply, between, oldest)
	w.delete(gone)
	w.follow(me, a, social.Off)
	w.feedIs("its author is unfollowed", me, other, reply, between)
}

// TestTheFloor: a feed of more tweets than a home timeline holds goes on below
// its floor, without gap or double, in pages that end anywhere (P2, P3).
func TestTheFloor(t *testing.T) {
	w := newWorld(t)
	me := w.user()
	var authors []social.UserID
	for range 4 {
		a := w.user()
		authors = append(authors, a)
		w.follow(me, a, social.On)
	}
	var want []social.TweetID
	for i := range 1000 {
		// One author posts most, so that his log is cut where a build reads it.
		author := authors[0]
		if i%4 == 0 {
			author = authors[i/4%3+1]
		}
		tweet := w.accept(author, 0)
		w.log(tweet)
		if i%7 == 3 {
			w.delete(tweet.Delete(w.id()))
			continue
		}
		want = slices.Insert(want, 0, tweet.ID)
	}
	check := func(what string) {
		t.Helper()
		home, _, err := w.cache.Home(w.ctx, me)
		w.must(err)
		t.Logf("%s: %d entries above the floor, %d tweets", what, len(home.Entries), len(want))
		for _, n := range []int{7, 50, 2000} {
			if d := cmp.Diff(want, w.all(me, n)); d != "" {
				t.Fatalf("%s, in pages of %d (-want +got):\n%s", what, n, d)
			}
		}
		// Pages that begin just around the floor.
		for _, at := range []social.TweetID{home.Floor - 1, home.Floor, home.Floor + 1, home.Floor + 2} {
			i := slices.IndexFunc(want, func(id social.TweetID) bool { return id < at })
			if i >= 0 && home.Found {
				if d := cmp.Diff(want[i:min(len(want), i+5)], w.page(me, at, 5)); d != "" {
					t.Errorf("%s, below %d where the floor is %d (-want +got):\n%s", what, at, home.Floor, d)
				}
			}
		}
	}
	check("not built yet")
	check("built")
	for i := range cache.MaxEntries {
		tweet := w.post(authors[i%4], 0)
		want = slices.Insert(want, 0, tweet.ID)
	}
	check("trimmed")
}

// TestNewest: a page is filled where there is enough to fill it, whatever is
// filtered out.
func TestNewest(t *testing.T) {
	w := newWorld(t)
	me, friend := w.user(), w.user()
	w.follow(me, friend, social.On)
	var live []social.TweetID
	for i := range 40 {
		tweet := w.post(friend, 0)
		if i%10 == 0 {
			live = slices.Insert(live, 0, tweet.ID)
			continue
		}
		w.delete(tweet.Delete(w.id()))
	}
	for n := 1; n <= 5; n++ {
		want := live[:min(n, len(live))]
		if got := w.page(me, 0, n); !slices.Equal(got, want) {
			t.Errorf("a page of %d: %v, want %v", n, got, want)
		}
	}
	if got := w.page(w.user(), 0, 5); len(got) != 0 {
		t.Errorf("a new user's feed: %v", got)
	}
}

// TestRepairChain: the parent that is put in is a reply itself.
func TestRepairChain(t *testing.T) {
	w := newWorld(t)
	me, a, b := w.user(), w.user(), w.user()
	w.applied(me, a, social.On)
	w.applied(me, b, social.On)
	oldest := w.post(b, 0)
	w.page(me, 0, 5) // builds
	first := w.accept(a, 0)
	second := w.accept(a, first.ID)
	third := w.post(b, second.ID)
	want := []social.TweetID{third.ID, second.ID, first.ID, oldest.ID}
	if got := w.page(me, 0, 10); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for i := range want {
		var got []social.TweetID
		for at := social.TweetID(0); ; at = got[len(got)-1] {
			page := w.page(me, at, i+1)
			if got = append(got, page...); len(page) <= i {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("in pages of %d: got %v, want %v", i+1, got, want)
		}
	}
}

// TestRepairLooksBackAMinute: how long a parent may be on its way is bounded,
// and so is what a later page looks at for it.
func TestRepairLooksBackAMinute(t *testing.T) {
	w := newWorld(t)
	me, a, b := w.user(), w.user(), w.user()
	w.applied(me, a, social.On)
	w.applied(me, b, social.On)
	w.page(me, 0, 5) // builds
	parent := w.accept(a, 0)
	between := w.post(b, 0)
	w.post(b, parent.ID)
	for age, want := range map[time.Duration]int{unsettled / 2: 1, 2 * unsettled: 0} {
		w.feed.now = func() time.Time { return snowflake.ID(between.ID).Time().Add(age) }
		if got := w.page(me, between.ID, 3); len(got) != want {
			t.Errorf("%s later: %v", age, got)
		}
	}
}

func TestShownWhileBuilt(t *testing.T) {
	w := newWorld(t)
	me, friend := w.user(), w.user()
	w.applied(me, friend, social.On)
	w.post(friend, 0)
	var x *social.Tweet
	w.cache.before = func() {
		w.cache.before = nil
		x = w.accept(friend, 0)
		w.log(x)
		if got := w.page(me, 0, 5); !slices.Contains(got, x.ID) {
			t.Error("the second reader does not see it")
		}
	}
	w.page(me, 0, 5)
	if got := w.page(me, 0, 5); !slices.Contains(got, x.ID) {
		t.Error("the third reader does not see what the second saw")
	}
}
