package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/ops/chaos/fleet"
	"github.com/starlinghq/starling/ops/chaos/wire"
)

// races are the scenarios in which two instances are asked at once.
func races() []scenario {
	return []scenario{
		{name: "same-key", about: `the same idempotency key is sent to two instances at once, 1,000 times: one tweet each`, run: sameKey},
		{
			name: "clocks", about: `like and unlike, follow and unfollow race over two instances whose clocks are 500 ms apart:
				the last by event id wins, both directions agree, counts equal sets`,
			prepare: clocksApart, run: clocks,
		},
	}
}

const keys = 1000

// sameKey posts each key at both instances at the same time.
func sameKey(ctx context.Context, w *world) error {
	ms, err := w.crowd(ctx, 10)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	errs := make([]error, len(ms))
	for n, m := range ms {
		wg.Go(func() {
			for i := n; i < keys && errs[n] == nil; i += len(ms) {
				errs[n] = w.twice(ctx, m, fmt.Sprintf("key %d", i))
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	w.say("%d keys were sent to two instances at once; both always answered the same tweet", keys)
	all := 0
	err = w.wrote(ctx, ms, func(m member) []string {
		var want []string
		for i := slices.Index(ms, m); i < keys; i += len(ms) {
			want = append(want, fmt.Sprintf("key %d", i))
		}
		slices.Sort(want)
		all += len(want)
		return want
	})
	if err == nil {
		w.say("the authors have one tweet for each key")
	}
	return err
}

// twice posts one tweet at two instances and compares what they answer.
func (w *world) twice(ctx context.Context, m member, key string) error {
	var got [2]payload
	var errs [2]error
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() {
			in := input(map[string]any{"text": key, "idempotencyKey": key})
			errs[i] = w.at(m, "tweets", i).get(ctx, settled, "postTweet", &got[i], post, in)
		})
	}
	wg.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	for _, p := range got {
		if p.Tweet == nil || len(p.UserErrors) > 0 {
			return fmt.Errorf("%s: the answers are %+v and %+v", key, got[0], got[1])
		}
	}
	if got[0].Tweet.ID != got[1].Tweet.ID {
		return fmt.Errorf("%s became %s at one instance and %s at the other", key, got[0].Tweet.ID, got[1].Tweet.ID)
	}
	return nil
}

// clocksApart sets the clock of the second instance of each 500 ms ahead.
func clocksApart(_ *world, c *fleet.Config) error {
	for _, name := range []string{"users-2", "engagement-2"} {
		c.Env[name] = map[string]string{"STARLING_CLOCK_OFFSET": "500ms"}
	}
	return nil
}

func clocks(ctx context.Context, w *world) error {
	tap, err := wire.Open(w.servers.Endpoint(broker), w.Prefix(), shards, 0)
	if err != nil {
		return err
	}
	w.ends = append(w.ends, tap.Close)
	r, err := w.newFlips(ctx, 10)
	if err != nil {
		return err
	}
	if err := r.race(ctx, 15*time.Second); err != nil {
		return err
	}
	w.say("%d flips in %d pairs of requests at two instances at once", r.flips, r.flips/2)
	raced := r.flips
	if err := r.agree(ctx, tap); err != nil {
		return err
	}
	w.say("the last by event id holds everywhere, lists of both directions and counts agree")
	if err := r.sequence(ctx, 15*time.Second); err != nil {
		return err
	}
	w.say("%d flips after another, each at another instance than the one before: the last of each viewer holds", r.flips-raced)
	return r.agree(ctx, tap)
}

// flips is a crowd that likes and follows, and takes it back.
type flips struct {
	w      *world
	ms     []member
	tweets []string // of each member

	mu    sync.Mutex
	flips int                // guarded by mu
	last  map[[2]string]bool // guarded by mu: viewer and tweet, or viewer and user, to what was asked for last
}

func (w *world) newFlips(ctx context.Context, n int) (*flips, error) {
	ms, err := w.crowd(ctx, n)
	if err != nil {
		return nil, err
	}
	r := &flips{w: w, ms: ms, last: map[[2]string]bool{}}
	for _, m := range ms {
		var p payload
		if err := w.as(m, 0).get(ctx, settled, "postTweet", &p, post, input(map[string]any{"text": "of " + m.handle})); err != nil {
			return nil, err
		}
		r.tweets = append(r.tweets, p.Tweet.ID)
	}
	return r, nil
}

// flip asks one instance for a state: a like of the tweet of a member, or a
// follow of the member.
func (r *flips) flip(ctx context.Context, viewer, other int, likes, on bool, instance int) error {
	m := r.ms[viewer]
	kind, query, field, in := "engagement", unlike, "unlikeTweet", map[string]any{"tweetId": r.tweets[other]}
	if on {
		query, field = like, "likeTweet"
	}
	if !likes {
		kind, query, field, in = "users", unfollow, "unfollow", map[string]any{"userId": r.ms[other].id}
		if on {
			query, field = follow, "follow"
		}
	}
	var p payload
	if err := r.w.at(m, kind, instance).get(ctx, settled, field, &p, query, input(in)); err != nil {
		return err
	}
	if len(p.UserErrors) > 0 {
		return fmt.Errorf("%s was refused: %s", field, p.UserErrors[0].Code)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flips++
	r.last[[2]string{m.id, in[map[bool]string{true: "tweetId", false: "userId"}[likes]].(string)}] = on
	return nil
}

// each lets every member act for a time, with random numbers of his own.
func (r *flips) each(ctx context.Context, d time.Duration, act func(viewer int, rnd func(int) int) error) error {
	until := time.Now().Add(d)
	errs := make([]error, len(r.ms))
	var wg sync.WaitGroup
	for n := range r.ms {
		rnd := r.w.dice()
		wg.Go(func() {
			for time.Now().Before(until) && errs[n] == nil && ctx.Err() == nil {
				errs[n] = act(n, rnd)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// race sends opposite wishes to both instances at once.
func (r *flips) race(ctx context.Context, d time.Duration) error {
	return r.each(ctx, d, func(viewer int, rnd func(int) int) error {
		other, likes, first := rnd(len(r.ms)), rnd(2) == 0, rnd(2)
		if other == viewer {
			likes = true // nobody follows himself
		}
		var errs [2]error
		var wg sync.WaitGroup
		for i := range 2 {
			wg.Go(func() { errs[i] = r.flip(ctx, viewer, other, likes, i == 0, (first+i)%2) })
		}
		wg.Wait()
		return errors.Join(errs[:]...)
	})
}

// sequence changes one thing several times, each time at the other instance,
// and then looks whether the viewer sees what he asked for last.
func (r *flips) sequence(ctx context.Context, d time.Duration) error {
	return r.each(ctx, d, func(viewer int, rnd func(int) int) error {
		other, likes, instance, on := rnd(len(r.ms)), rnd(2) == 0, rnd(2), rnd(2) == 0
		if other == viewer {
			likes = true
		}
		for range 1 + rnd(4) {
			on, instance = !on, 1-instance
			if err := r.flip(ctx, viewer, other, likes, on, instance); err != nil {
				return err
			}
		}
		for i := range 2 {
			got, err := r.sees(ctx, viewer, other, likes, i)
			if err != nil {
				return err
			}
			if got != on {
				return fmt.Errorf("%s asked for %t of %s (a like: %t), and reads %t at once after", r.ms[viewer].handle, on, r.ms[other].handle, likes, got)
			}
		}
		return nil
	})
}

// sees reads a viewer's own flag.
func (r *flips) sees(ctx context.Context, viewer, other int, likes bool, router int) (bool, error) {
	if likes {
		var t struct{ ViewerHasLiked bool }
		err := r.w.as(r.ms[viewer], router).get(ctx, settled, "tweet", &t, `query($id: ID!) { tweet(id: $id) { viewerHasLiked } }`, map[string]any{"id": r.tweets[other]})
		return t.ViewerHasLiked, err
	}
	var u struct{ ViewerFollows bool }
	err := r.w.as(r.ms[viewer], router).get(ctx, settled, "user", &u, `query($id: ID!) { user(id: $id) { viewerFollows } }`, map[string]any{"id": r.ms[other].id})
	return u.ViewerFollows, err
}

// agree compares every list, flag and count with the last events that the tap
// has heard.
func (r *flips) agree(ctx context.Context, tap *wire.Tap) error {
	return eventually(ctx, settled, func() error {
		events, _, err := tap.Heard()
		if err != nil {
			return err
		}
		likes, follows := lastStates(events)
		for i, m := range r.ms {
			if err := r.compare(ctx, m, r.tweets[i], likes, follows); err != nil {
				return err
			}
		}
		return nil
	})
}

// edges says which pairs of global ids are joined.
type edges map[[2]string]bool

// lastStates returns the state that the event with the largest id of each pair
// sets, whatever the order in which they came.
func lastStates(events []social.Event) (likes, follows edges) {
	likes, follows = edges{}, edges{}
	newest := map[[2]string]snowflake.ID{}
	for _, ev := range events {
		var pair [2]string
		var on bool
		into := likes
		switch b := ev.Body.(type) {
		case social.Like:
			pair, on = [2]string{b.User.String(), b.Tweet.String()}, b.State == social.On
		case social.Follow:
			pair, on, into = [2]string{b.Follower.String(), b.Followee.String()}, b.State == social.On, follows
		default:
			continue
		}
		if ev.ID > newest[pair] {
			newest[pair] = ev.ID
			into[pair] = on
		}
	}
	return likes, follows
}

// of returns the other ends of the pairs whose end at is id, sorted.
func (e edges) of(at int, id string) []string {
	out := []string{}
	for pair, on := range e {
		if on && pair[at] == id {
			out = append(out, pair[1-at])
		}
	}
	slices.Sort(out)
	return out
}

type idList struct {
	Edges []struct{ Node struct{ ID string } }
}

func (l idList) ids() []string {
	out := []string{}
	for _, e := range l.Edges {
		out = append(out, e.Node.ID)
	}
	slices.Sort(out)
	return out
}

// compare reads everything about one member and his tweet, as nobody: without
// what an overlay adds.
func (r *flips) compare(ctx context.Context, m member, tweet string, likes, follows edges) error {
	const both = `query($id: ID!) { user(id: $id) { followerCount followeeCount
		followers(first: 100) { edges { node { id } } } followees(first: 100) { edges { node { id } } } likes(first: 100) { edges { node { id } } } } }`
	var u struct {
		FollowerCount, FolloweeCount int
		Followers, Followees, Likes  idList
	}
	if err := r.w.as(member{}, 0).get(ctx, settled, "user", &u, both, map[string]any{"id": m.id}); err != nil {
		return err
	}
	var t struct {
		LikeCount int
		Likers    idList
	}
	if err := r.w.as(member{}, 1).get(ctx, settled, "tweet", &t, `query($id: ID!) { tweet(id: $id) { likeCount likers(first: 100) { edges { node { id } } } } }`, map[string]any{"id": tweet}); err != nil {
		return err
	}
	var errs []error
	same := func(what string, got, want []string) {
		if !slices.Equal(got, want) {
			errs = append(errs, fmt.Errorf("%s of %s are %v, by the last events %v", what, m.handle, got, want))
		}
	}
	same("followers", u.Followers.ids(), follows.of(1, m.id))
	same("followees", u.Followees.ids(), follows.of(0, m.id))
	same("likes", u.Likes.ids(), likes.of(0, m.id))
	same("likers of the tweet", t.Likers.ids(), likes.of(1, tweet))
	count := func(what string, got int, want []string) {
		if got != len(want) {
			errs = append(errs, fmt.Errorf("%s of %s is %d, the set has %d", what, m.handle, got, len(want)))
		}
	}
	count("followerCount", u.FollowerCount, follows.of(1, m.id))
	count("followeeCount", u.FolloweeCount, follows.of(0, m.id))
	count("likeCount", t.LikeCount, likes.of(1, tweet))
	return errors.Join(errs...)
}
