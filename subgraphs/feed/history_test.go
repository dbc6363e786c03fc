package feed

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/starlinghq/starling/internal/social"
)

// TestFeedIsPullMerge (P3, P4, P5, P7): through random histories in which
// everything is accepted, applied and delivered in steps of its own, every
// viewer's feed is the pull merge of what he knows: all that is in the logs of
// those whom he follows, or said he follows, and his own tweets from the moment
// they were accepted. Only what is on its way may be missing, and what he has
// seen of it stays.
func TestFeedIsPullMerge(t *testing.T) {
	base := newWorld(t)
	type step struct {
		name string
		do   func(*history, *rapid.T)
	}
	steps := []step{
		{"accept", (*history).accept},
		{"accept", (*history).accept},
		{"log", (*history).log},
		{"log", (*history).log},
		{"deliver", (*history).deliver},
		{"deliver", (*history).deliver},
		{"accept delete", (*history).remove},
		{"follow", (*history).follow},
		{"follow", (*history).follow},
		{"apply follow", (*history).apply},
		{"apply follow", (*history).apply},
		{"drop", (*history).drop},
		{"flush", (*history).flush},
	}
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(base, t)
		for range rapid.IntRange(20, 80).Draw(t, "steps") {
			i := 0
			for range 6 {
				i *= 2
				if rapid.Bool().Draw(t, "bit") {
					i++
				}
			}
			s := steps[i*len(steps)/64]
			s.do(h, t)
			h.check(t, s.name)
		}
		h.settle()
		h.check(t, "the end")
	})
}

// history is a world with a book of what happened.
type history struct {
	*world
	users   []social.UserID
	tweets  []*posted
	follows map[[2]social.UserID]*followed
	seen    map[social.UserID]map[social.TweetID]bool
}

type posted struct {
	*social.Tweet
	logged, delivered bool
	gone              *social.Tweet // accepted deletion
}

// followed is the last follow or its end of one pair.
type followed struct {
	social.Last
	phase int // 0 accepted, 1 followee written, 2 follower written
}

func newHistory(base *world, t *rapid.T) *history {
	w := *base
	w.tester = t
	h := &history{world: &w, follows: map[[2]social.UserID]*followed{}, seen: map[social.UserID]map[social.TweetID]bool{}}
	for range 4 {
		u := h.user()
		h.users = append(h.users, u)
		h.seen[u] = map[social.TweetID]bool{}
	}
	// Ids go on where they are, for the next history too.
	t.Cleanup(func() { base.next = w.next })
	return h
}

func (h *history) someone(t *rapid.T) social.UserID {
	return rapid.SampledFrom(h.users).Draw(t, "user")
}

// some draws one of the tweets that pass, or nil.
func (h *history) some(t *rapid.T, pass func(*posted) bool) *posted {
	var all []*posted
	for _, p := range h.tweets {
		if pass(p) {
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return rapid.SampledFrom(all).Draw(t, "tweet")
}

func (h *history) accept(t *rapid.T) {
	h.tweets = append(h.tweets, &posted{Tweet: h.world.accept(h.someone(t), 0)})
}

func (h *history) log(t *rapid.T) {
	if p := h.some(t, func(p *posted) bool { return !p.logged }); p != nil {
		h.apply1(p)
	}
}

func (h *history) apply1(p *posted) {
	p.logged = true
	h.world.log(p.Tweet)
	if p.gone != nil {
		h.world.delete(p.gone)
	}
}

func (h *history) deliver(t *rapid.T) {
	if p := h.some(t, func(p *posted) bool { return p.logged }); p != nil { // again is harmless
		p.delivered = true
		h.world.deliver(p.Tweet)
	}
}

func (h *history) remove(t *rapid.T) {
	if p := h.some(t, func(p *posted) bool { return p.gone == nil }); p != nil {
		p.gone = h.acceptDelete(p.Tweet)
		if p.logged {
			h.world.delete(p.gone)
		}
	}
}

func (h *history) follow(t *rapid.T) {
	v, a := h.someone(t), h.someone(t)
	if v == a {
		return
	}
	f := h.follows[[2]social.UserID{v, a}]
	if f != nil && f.phase < 2 {
		return // the owners take the events of one pair one after another
	}
	s := social.On
	if f != nil && f.State == social.On {
		s = social.Off
	}
	h.follows[[2]social.UserID{v, a}] = &followed{Last: social.Last{Event: h.acceptFollow(v, a, s), State: s}}
}

// apply takes one follow that is accepted one step further.
func (h *history) apply(t *rapid.T) {
	var open [][2]social.UserID
	for _, v := range h.users {
		for _, a := range h.users {
			if f := h.follows[[2]social.UserID{v, a}]; f != nil && f.phase < 2 {
				open = append(open, [2]social.UserID{v, a})
			}
		}
	}
	if len(open) > 0 {
		h.further(rapid.SampledFrom(open).Draw(t, "follow"))
	}
}

func (h *history) further(pair [2]social.UserID) {
	f := h.follows[pair]
	if f.phase++; f.phase == 1 {
		h.followee(pair[0], pair[1], f.Last)
	} else {
		h.follower(pair[0], pair[1], f.Last)
	}
}

func (h *history) drop(t *rapid.T) { h.must(h.cache.Drop(h.ctx, h.someone(t))) }

// flush loses the cache. What was accepted and not applied is lost to its
// author's eyes, which is allowed; so all is applied before.
func (h *history) flush(*rapid.T) {
	h.settle()
	h.must(h.cache.Flush(h.ctx))
}

// settle applies and delivers everything.
func (h *history) settle() {
	for _, v := range h.users {
		for _, a := range h.users {
			pair := [2]social.UserID{v, a}
			for f := h.follows[pair]; f != nil && f.phase < 2; {
				h.further(pair)
			}
		}
	}
	for _, p := range h.tweets {
		if !p.logged {
			h.apply1(p)
		}
		p.delivered = true
		h.world.deliver(p.Tweet)
	}
}

func (h *history) check(t *rapid.T, after string) {
	for i, v := range h.users {
		got := h.all(v, 1+i)
		seen := map[social.TweetID]bool{}
		for _, id := range got {
			seen[id] = true
		}
		var allowed []social.TweetID
		for _, p := range h.tweets {
			f := h.follows[[2]social.UserID{v, p.Author}]
			own := p.Author == v
			if p.gone != nil || !own && (!p.logged || f == nil || f.State == social.Off) {
				continue
			}
			allowed = append(allowed, p.ID)
			if must := own || p.delivered || f.phase < 2 || h.seen[v][p.ID]; must && !seen[p.ID] {
				t.Fatalf("after %q: user %d does not see tweet %d of user %d (delivered %t, seen before %t)",
					after, i, p.ID, slices.Index(h.users, p.Author), p.delivered, h.seen[v][p.ID])
			}
		}
		for _, id := range got {
			if !slices.Contains(allowed, id) {
				t.Fatalf("after %q: user %d sees tweet %d, which he should not", after, i, id)
			}
		}
		h.seen[v] = seen
	}
}
