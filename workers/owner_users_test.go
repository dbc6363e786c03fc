package workers_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
	"github.com/starlinghq/starling/workers/users"
)

// TestBothDirectionsAgree: whatever order follows and unfollows arrive in, and
// whatever order what follows from them does, followees and followers end as
// the newest events say, each counted once (P7).
func TestBothDirectionsAgree(t *testing.T) {
	e, f := openEngines(t, social.FamilyUsers), openEngines(t, social.FamilyFollowers)
	owner, followers := users.New(e.store, e.cache), users.NewFollowers(f.store, f.cache)
	round := 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		base := snowflake.ID(round) << 20
		me := social.UserID(base)
		var events []social.Event
		follows := map[social.UserID]social.State{}
		for i := range rapid.IntRange(1, 10).Draw(t, "events") {
			other := me + social.UserID(rapid.IntRange(1, 3).Draw(t, "whom"))
			follows[other] = rapid.SampledFrom([]social.State{social.On, social.Off}).Draw(t, "state")
			events = append(events, social.Event{ID: base + snowflake.ID(i) + 1, Body: social.Follow{Follower: me, Followee: other, State: follows[other]}})
		}
		follow := e.deliver(t, owner, events)
		f.deliver(t, followers, follow)

		var want []social.UserID
		for u, s := range follows {
			if s == social.On {
				want = append(want, u)
			}
			rows, err := f.store.Members(t.Context(), store.Followers, snowflake.ID(u), 0, 10)
			counts, cerr := f.store.Counts(t.Context(), store.Followers, []snowflake.ID{snowflake.ID(u)})
			if err != nil || cerr != nil || len(rows) != int(s) || counts[0].N != int64(s) {
				t.Fatalf("followers of %s are %v, counted %v, want %d (%v %v)", u, rows, counts, s, err, cerr)
			}
		}
		slices.Sort(want)
		rows, err := e.store.Members(t.Context(), store.Followees, snowflake.ID(me), 0, 10)
		var got []social.UserID
		for _, m := range rows {
			got = append(got, m.User)
		}
		counts, cerr := e.store.Counts(t.Context(), store.Followees, []snowflake.ID{snowflake.ID(me)})
		if err != nil || cerr != nil || !slices.Equal(got, want) || counts[0].N != int64(len(want)) {
			t.Fatalf("followees %v, counted %v, want %v (%v %v)", got, counts, want, err, cerr)
		}
	})
}

// TestProfilesConverge: each field is what its newest event set.
func TestProfilesConverge(t *testing.T) {
	e := openEngines(t, social.FamilyUsers)
	owner := users.New(e.store, e.cache)
	round := 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		id := social.UserID(round) << 20
		events := []social.Event{{ID: snowflake.ID(id), Body: social.UserRegistered{User: id, Handle: "ann", Name: "ann"}}}
		name, bio := "ann", ""
		for i := range rapid.IntRange(0, 6).Draw(t, "updates") {
			b := social.UserUpdated{User: id}
			if rapid.Bool().Draw(t, "name") {
				name = rapid.StringMatching(`[a-c]{1,3}`).Draw(t, "new name")
				b.Name = new(string)
				*b.Name = name
			} else {
				bio = rapid.StringMatching(`[a-c]{0,3}`).Draw(t, "new bio")
				b.Bio = new(string)
				*b.Bio = bio
			}
			events = append(events, social.Event{ID: snowflake.ID(id) + snowflake.ID(i) + 1, Body: b})
		}
		e.deliver(t, owner, events)
		got, err := e.store.Users(t.Context(), []social.UserID{id})
		if err != nil || got[0] == nil || got[0].Handle != "ann" || got[0].Name != name || got[0].Bio != bio {
			t.Fatalf("the profile is %+v, want name %q and bio %q (%v)", got[0], name, bio, err)
		}
	})
}
