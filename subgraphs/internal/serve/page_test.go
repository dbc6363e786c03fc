package serve

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/starlinghq/starling/internal/snowflake"
)

func lists() []List {
	return []List{ListFeed, ListTweets, ListFollowers, ListFollowees, ListLikers, ListLikes, ListComments}
}

// TestCursorsSurviveTheWire: a cursor is read back as its place, by its list.
func TestCursorsSurviveTheWire(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := rapid.SampledFrom(lists()).Draw(t, "list")
		at := snowflake.ID(rapid.Int64Min(1).Draw(t, "at"))
		got, err := ParseCursor(l, Cursor(l, at))
		if got != at || err != nil {
			t.Fatalf("%d came back as %d, %v", at, got, err)
		}
		for _, other := range lists() {
			if _, err := ParseCursor(other, Cursor(l, at)); other != l && err == nil {
				t.Fatalf("list %d takes a cursor of list %d", other, l)
			}
		}
	})
}

// FuzzParseCursor: no text makes it panic; what it reads is the one way to
// write it, and all else is BAD_USER_INPUT.
func FuzzParseCursor(f *testing.F) {
	for _, l := range lists() {
		f.Add(byte(l), Cursor(l, 7))
	}
	f.Add(byte(1), "")
	f.Add(byte(1), "AQEAAAAAAAAAAA")
	f.Add(byte(0), "!")
	f.Fuzz(func(t *testing.T, list byte, s string) {
		at, err := ParseCursor(List(list), s)
		if err == nil {
			if at <= 0 || Cursor(List(list), at) != s {
				t.Fatalf("%q is read as %d, which is written %q", s, at, Cursor(List(list), at))
			}
			return
		}
		var e *Error
		if !errors.As(err, &e) || e.Code != BadUserInput {
			t.Fatalf("%q: %v is not BAD_USER_INPUT", s, err)
		}
	})
}

// TestPagesCoverAListOnce: paging by any sizes shows everything once, and says
// truly whether there is more.
func TestPagesCoverAListOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := make([]snowflake.ID, rapid.IntRange(0, 30).Draw(t, "length"))
		for i := range all {
			all[i] = snowflake.ID(i + 1)
		}
		var got []snowflake.ID
		var after *string
		for {
			first := rapid.IntRange(1, 7).Draw(t, "first")
			p, err := NewPage(ListLikers, &first, after)
			if err != nil {
				t.Fatal(err)
			}
			w := p.Window()
			rest := all[int(w.After):]
			items, cursors, info := Cut(p, slices.Clone(rest[:min(len(rest), w.N)]), func(id snowflake.ID) snowflake.ID { return id })
			got = append(got, items...)
			if len(cursors) != len(items) || info.HasPreviousPage != (after != nil) || info.HasNextPage != (len(got) < len(all)) {
				t.Fatalf("after %d of %d: %+v", len(got), len(all), info)
			}
			if !info.HasNextPage {
				break
			}
			after = info.EndCursor
		}
		if !slices.Equal(got, all) {
			t.Fatalf("got %v, want %v", got, all)
		}
	})
}

func TestFirstHasBounds(t *testing.T) {
	for _, first := range []int{-1, 0, MaxFirst + 1, 1 << 40} {
		if _, err := NewPage(ListFeed, &first, nil); fmt.Sprint(err) != "first must be between 1 and 100." {
			t.Errorf("first %d: %v", first, err)
		}
	}
	if p, err := NewPage(ListFeed, nil, nil); p.First != 20 || err != nil {
		t.Errorf("without first: %+v, %v", p, err)
	}
}
