package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

// TestLastStates: the largest id decides, whatever comes last, and again.
func TestLastStates(t *testing.T) {
	like := func(id snowflake.ID, user social.UserID, s social.State) social.Event {
		return social.Event{ID: id, Body: social.Like{User: user, Tweet: 9, State: s}}
	}
	likes, follows := lastStates([]social.Event{
		like(5, 1, social.On), like(7, 1, social.Off), like(6, 1, social.On), like(5, 1, social.On),
		like(5, 2, social.Off), like(8, 2, social.On),
		{ID: 3, Body: social.Follow{Follower: 1, Followee: 2, State: social.On}},
		{ID: 4, Body: social.UserUpdated{User: 1}},
	})
	if d := cmp.Diff([]string{"u2"}, likes.of(1, "t9")); d != "" {
		t.Errorf("likers (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"u1"}, follows.of(1, "u2")); d != "" {
		t.Errorf("followers (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"u2"}, follows.of(0, "u1")); d != "" {
		t.Errorf("followees (-want +got):\n%s", d)
	}
}
