package cache_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

// TestVersionOrder: of two different versions exactly one is newer.
func TestVersionOrder(t *testing.T) {
	version := rapid.Custom(func(t *rapid.T) cache.Version {
		return cache.Version{Major: rapid.Int64Range(0, 3).Draw(t, "major"), Minor: rapid.Int64Range(0, 3).Draw(t, "minor")}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := version.Draw(t, "a"), version.Draw(t, "b"), version.Draw(t, "c")
		if a == b && (a.Newer(b) || b.Newer(a)) {
			t.Error("a version is newer than itself")
		}
		if a != b && a.Newer(b) == b.Newer(a) {
			t.Errorf("%v and %v: newer both ways, or neither", a, b)
		}
		if a.Newer(b) && b.Newer(c) && !a.Newer(c) {
			t.Errorf("%v > %v > %v, but not the first > the last", a, b, c)
		}
	})
}

// TestUserObjectMerge: updates of a profile reach the cache in any order, from
// subgraphs that each know some of them and from the owner, who knows more and
// more. What the owner merged last always stands.
func TestUserObjectMerge(t *testing.T) {
	const id = social.UserID(100)
	registered := social.NewUser(snowflake.ID(id), social.UserRegistered{User: id, Handle: "ada", Name: "Ada"})
	name, bio := "name", "bio"
	update := rapid.Custom(func(t *rapid.T) social.UserUpdated {
		b := social.UserUpdated{User: id}
		which := rapid.IntRange(1, 3).Draw(t, "fields")
		if which&1 != 0 {
			b.Name = &name
		}
		if which&2 != 0 {
			b.Bio = &bio
		}
		return b
	})
	rapid.Check(t, func(t *rapid.T) {
		updates := rapid.SliceOfN(update, 1, 5).Draw(t, "updates")
		event := func(i int) snowflake.ID { return snowflake.ID(200 + i) }
		var shown []cache.Object
		merged := registered
		order := make([]int, len(updates))
		for i := range order {
			order[i] = i
		}
		for _, i := range rapid.Permutation(order).Draw(t, "order of arrival at the owner") {
			// A subgraph lays the update over what it has read, which may be old.
			read := rapid.SampledFrom([]*social.User{registered, merged}).Draw(t, "read")
			shown = append(shown, cache.UserObject(read.Update(event(i), updates[i])))
			merged = merged.Update(event(i), updates[i])
			shown = append(shown, cache.UserObject(merged))
		}
		last := cache.UserObject(merged)
		for _, o := range shown {
			if u := o.Value.(*social.User); *u != *merged && !last.Version.Newer(o.Version) {
				t.Errorf("%+v under %v stands against the owner's %+v under %v", *u, o.Version, *merged, last.Version)
			}
		}
	})
}
