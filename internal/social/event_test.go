package social_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/social/tweettext"
)

func anID() *rapid.Generator[snowflake.ID] {
	return rapid.Custom(func(t *rapid.T) snowflake.ID { return snowflake.ID(rapid.Int64Min(1).Draw(t, "id")) })
}

// events draws one event of each type.
func events() *rapid.Generator[[]social.Event] {
	return rapid.Custom(func(t *rapid.T) []social.Event {
		id := func(name string) snowflake.ID { return anID().Draw(t, name) }
		user := func(name string) social.UserID { return social.UserID(id(name)) }
		text := func() string { return rapid.String().Draw(t, "text") }
		state := rapid.SampledFrom([]social.State{social.Off, social.On}).Draw(t, "state")
		optional := func() *string { return rapid.Ptr(rapid.String(), true).Draw(t, "optional") }
		tweet, comment := social.TweetID(id("tweet")), social.CommentID(id("comment"))
		words := text() + " #go @ann example.com"
		var out []social.Event
		for _, body := range []social.Body{
			social.TweetPosted{Author: user("author"), Text: words, Entities: tweettext.Extract(words), ReplyTo: tweet, Root: social.TweetID(id("root"))},
			social.TweetPosted{Author: user("author"), Text: text()},
			social.TweetDeleted{Tweet: tweet, Author: user("author")},
			social.UserRegistered{User: user("user"), Handle: "ann", Name: text()},
			social.UserUpdated{User: user("user"), Name: optional(), Bio: optional()},
			social.Follow{Follower: user("follower"), Followee: user("followee"), State: state},
			social.FollowerChanged{Follower: user("follower"), Followee: user("followee"), Since: id("since"), State: state},
			social.Like{User: user("user"), Tweet: tweet, State: state},
			social.CommentPosted{Tweet: tweet, Author: user("author"), Text: text()},
			social.CommentDeleted{Comment: comment, Tweet: tweet, Author: user("author")},
			social.Fanout{Tweet: tweet, Author: user("author"), After: user("after")},
		} {
			out = append(out, social.Event{ID: id("event"), Body: body})
		}
		return out
	})
}

// TestEventsSurviveTheWire: what is encoded is decoded, type by type, and an
// event keeps the family, key and message id by which it was sent.
func TestEventsSurviveTheWire(t *testing.T) {
	types := map[social.EventType]bool{}
	rapid.Check(t, func(t *rapid.T) {
		for _, e := range events().Draw(t, "events") {
			survives(t, e)
			types[e.Body.Type()] = true
		}
	})
	if len(types) < 10 {
		t.Errorf("only %d types were drawn: %v", len(types), types)
	}
}

func survives(t *rapid.T, want social.Event) {
	b, err := social.Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := social.Decode(b)
	if err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	if got.MessageID() != want.MessageID() || got.Body.Key() != want.Body.Key() || got.Body.Family() != want.Body.Family() || got.Body.Type() != want.Body.Type() {
		t.Fatalf("%#v is sent as %#v", want, got)
	}
	if got.Body.Key() == 0 && !slices.Contains(social.Lanes(), got.Body.Family()) {
		t.Fatalf("%s of an owned family has no key", got.Body.Type())
	}
}

// TestDecodeSaysWhatANewerReleaseMustRead: unknown types and versions can be
// parked; everything else is broken.
func TestDecodeSaysWhatANewerReleaseMustRead(t *testing.T) {
	for _, tt := range []struct {
		in      string
		unknown bool
	}{
		{`{"v":1,"id":7,"type":"tweet.pinned","data":{}}`, true},
		{`{"v":2,"id":7,"type":"tweet.posted","data":{}}`, true},
		{`{"v":1,"id":0,"type":"tweet.posted","data":{}}`, false},
		{`{"v":1,"id":-1,"type":"tweet.posted","data":{}}`, false},
		{`{"v":1,"id":7,"type":"tweet.posted","data":[]}`, false},
		{`{"v":1,"id":7,"type":"tweet.posted"}`, false},
		{`{`, false},
		{``, false},
	} {
		e, err := social.Decode([]byte(tt.in))
		if err == nil || errors.Is(err, social.ErrUnknownEvent) != tt.unknown {
			t.Errorf("Decode(%s) = %+v, %v; unknown must be %t", tt.in, e, err, tt.unknown)
		}
	}
	e, err := social.Decode([]byte(`{"v":1,"id":7,"type":"like.set","new":1,"data":{"user":3,"tweet":4,"mood":"good"}}`))
	if want := (social.Like{User: 3, Tweet: 4, State: social.On}); err != nil || e.Body != social.Body(want) {
		t.Errorf("fields of a newer release: %+v, %v; want %+v", e, err, want)
	}
}

// FuzzDecode: no bytes make it panic, and what it reads it writes.
func FuzzDecode(f *testing.F) {
	for _, b := range []social.Body{
		social.TweetPosted{Author: 1, Text: "x"}, social.UserUpdated{User: 1}, social.Follow{Follower: 1, Followee: 2, State: social.On}, social.Fanout{Tweet: 1, Author: 2, After: 3},
	} {
		seed, err := social.Encode(social.Event{ID: 7, Body: b})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := social.Decode(b)
		if err != nil {
			return
		}
		again, err := social.Encode(e)
		if err != nil {
			t.Fatalf("read and not written: %v", err)
		}
		same, err := social.Decode(again)
		if err != nil || same.MessageID() != e.MessageID() {
			t.Fatalf("%#v became %#v, %v", e, same, err)
		}
		if diff := cmp.Diff(e, same); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

// TestStatesFollowEvents: the newer event wins, field by field for profiles,
// whatever the order of arrival.
func TestStatesFollowEvents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		updates := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) social.Event {
			return social.Event{ID: anID().Draw(t, "event"), Body: social.UserUpdated{
				Name: rapid.Ptr(rapid.StringN(0, 3, 3), true).Draw(t, "name"),
				Bio:  rapid.Ptr(rapid.StringN(0, 3, 3), true).Draw(t, "bio"),
			}}
		}), 1, 6).Draw(t, "updates")
		apply := func(events []social.Event) *social.User {
			u := &social.User{ID: 1}
			for _, e := range events {
				u = u.Update(e.ID, e.Body.(social.UserUpdated))
			}
			return u
		}
		unique := slices.CompactFunc(slices.SortedFunc(slices.Values(updates), func(a, b social.Event) int {
			return strings.Compare(a.ID.String(), b.ID.String())
		}), func(a, b social.Event) bool { return a.ID == b.ID })
		want := apply(unique)
		got := apply(append(rapid.Permutation(unique).Draw(t, "order"), rapid.Permutation(unique).Draw(t, "again")...))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}
