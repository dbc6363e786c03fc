package storepebble

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/social/tweettext"
	"github.com/starlinghq/starling/internal/store"
)

// codec is one kind of row: read returns what was read and what it is when
// written again.
type codec struct {
	name string
	read func(row []byte) (v any, again []byte, err error)
	draw func(t *rapid.T) (v any, row []byte)
}

// kind makes a codec of a pair of functions.
func kind[T any](name string, enc func([]byte, T) []byte, dec func([]byte) (T, error), draw func(*rapid.T) T) codec {
	return codec{
		name: name,
		read: func(row []byte) (any, []byte, error) {
			v, err := dec(row)
			if err != nil {
				return v, nil, err
			}
			return v, enc(nil, v), nil
		},
		draw: func(t *rapid.T) (any, []byte) {
			v := draw(t)
			return v, enc(nil, v)
		},
	}
}

// The keys under which the rows of these tests lie.
const (
	tweetID   social.TweetID   = 11
	userID    social.UserID    = 12
	commentID social.CommentID = 13
	sinceID   snowflake.ID     = 14
)

// likedEntry is what a liked row says.
type likedEntry struct {
	store.Liked
	Last social.Last
}

// codecs are all rows of the store.
func codecs() []codec {
	return []codec{
		kind("tweet", encodeTweet, func(b []byte) (*social.Tweet, error) { return decodeTweet(b, tweetID) }, drawTweet),
		kind("log", encodeLog, func(b []byte) (social.LogEntry, error) { return decodeLog(b, tweetID) }, func(t *rapid.T) social.LogEntry {
			return social.LogEntry{Tweet: tweetID, ReplyTo: draw[social.TweetID](t)}
		}),
		kind("user", encodeUser, func(b []byte) (*social.User, error) { return decodeUser(b, userID) }, func(t *rapid.T) *social.User {
			return &social.User{
				ID: userID, Handle: drawText(t), Name: drawText(t), NameEvent: draw[snowflake.ID](t), Bio: drawText(t), BioEvent: draw[snowflake.ID](t),
			}
		}),
		kind("member", encodeMember, func(b []byte) (store.Member, error) { return decodeMember(b, userID) }, func(t *rapid.T) store.Member {
			return store.Member{User: userID, Since: draw[snowflake.ID](t), Last: drawLast(t)}
		}),
		kind("count", encodeCount, decodeCount, func(t *rapid.T) store.Count {
			return store.Count{N: draw[int64](t), Stamp: store.Stamp{Epoch: draw[store.Epoch](t), Seq: draw[int64](t)}}
		}),
		kind("liked", encodeLikedEntry, decodeLikedEntry, func(t *rapid.T) likedEntry {
			return likedEntry{store.Liked{Since: sinceID, Tweet: draw[social.TweetID](t)}, drawLast(t)}
		}),
		kind("comment", encodeComment, func(b []byte) (*social.Comment, error) { return decodeComment(b, tweetID, commentID) }, func(t *rapid.T) *social.Comment {
			return &social.Comment{ID: commentID, Tweet: tweetID, Author: draw[social.UserID](t), Text: drawText(t), Last: drawLast(t)}
		}),
		kind("tweet of a comment", encodeTweetRef, decodeTweetRef, draw[social.TweetID]),
		kind("account", func(b []byte, a social.Account) []byte { return encodeAccount(b, &a) }, decodeAccount, func(t *rapid.T) social.Account {
			return social.Account{User: draw[social.UserID](t), Handle: drawText(t), Name: drawText(t), PasswordHash: drawText(t)}
		}),
		kind("claim", func(b []byte, c claimRow) []byte { return encodeClaim(b, &c) }, decodeClaim, func(t *rapid.T) claimRow {
			c := claimRow{Expires: draw[int64](t)}
			copy(c.InputHash[:], drawText(t))
			c.Event = append([]byte(nil), drawText(t)...)
			return c
		}),
		kind("epoch", encodeEpoch, decodeEpoch, draw[store.Epoch]),
		kind("lease", encodeLease, decodeLease, func(t *rapid.T) leaseRow {
			return leaseRow{until: draw[snowflake.Millis](t), token: draw[int64](t)}
		}),
		kind("schema", encodeSchema, decodeSchema, func(t *rapid.T) schema {
			return schema{Format: draw[int](t), Shards: draw[int](t)}
		}),
	}
}

func encodeLikedEntry(b []byte, l likedEntry) []byte { return encodeLiked(b, l.Tweet, l.Last) }

func decodeLikedEntry(b []byte) (likedEntry, error) {
	l, last, err := decodeLiked(b, sinceID)
	return likedEntry{l, last}, err
}

func draw[T ~int64 | ~int](t *rapid.T) T { return T(rapid.Int64().Draw(t, "number")) }

func drawText(t *rapid.T) string { return rapid.String().Draw(t, "text") }

func drawLast(t *rapid.T) social.Last {
	return social.Last{Event: draw[snowflake.ID](t), State: social.State(rapid.IntRange(0, 1).Draw(t, "state"))}
}

func drawTweet(t *rapid.T) *social.Tweet {
	entities := rapid.Custom(func(t *rapid.T) tweettext.Entity {
		return tweettext.Entity{Text: drawText(t), Start: draw[int](t), End: draw[int](t)}
	})
	list := func() []tweettext.Entity {
		if es := rapid.SliceOfN(entities, 0, 3).Draw(t, "entities"); len(es) > 0 {
			return es
		}
		return nil
	}
	return &social.Tweet{
		ID: tweetID, Author: draw[social.UserID](t), Text: drawText(t),
		Entities: tweettext.Entities{Hashtags: list(), Mentions: list(), Cashtags: list(), URLs: list()},
		ReplyTo:  draw[social.TweetID](t), Root: draw[social.TweetID](t), Last: drawLast(t),
	}
}

// sameRow compares what was read, unexported fields and all.
func sameRow(a, b any) string {
	return cmp.Diff(a, b, cmp.AllowUnexported(leaseRow{}))
}

// TestRowsRoundTrip: what is written is read, and nothing that was cut short or
// lengthened, or is of another version, is.
func TestRowsRoundTrip(t *testing.T) {
	for _, c := range codecs() {
		t.Run(c.name, rapid.MakeCheck(func(t *rapid.T) {
			want, row := c.draw(t)
			got, again, err := c.read(row)
			if err != nil {
				t.Fatalf("read: %v", err)
			}
			if d := sameRow(want, got); d != "" {
				t.Errorf("read (-want +got):\n%s", d)
			}
			if !bytes.Equal(row, again) {
				t.Errorf("written %x, and again %x", row, again)
			}
			newer := append([]byte{rowVersion + 1}, row[1:]...)
			damaged := [][]byte{nil, newer, row[:rapid.IntRange(0, len(row)-1).Draw(t, "cut")], append(bytes.Clone(row), 0)}
			for _, d := range damaged {
				if v, _, err := c.read(d); !errors.Is(err, errCorrupt) {
					t.Errorf("read %x as %+v, %v", d, v, err)
				}
			}
		}))
	}
}

// TestLastOfReadsEveryJudgedRow: a write is judged by the start of the row.
func TestLastOfReadsEveryJudgedRow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawLast(t)
		rows := map[string][]byte{
			"tweet":   encodeTweet(nil, &social.Tweet{Last: want}),
			"member":  encodeMember(nil, store.Member{Last: want}),
			"liked":   encodeLiked(nil, 1, want),
			"comment": encodeComment(nil, &social.Comment{Last: want}),
		}
		for name, row := range rows {
			if got, err := lastOf(row); err != nil || got != want {
				t.Errorf("%s: last is %+v, %v, want %+v", name, got, err, want)
			}
		}
	})
}

// FuzzRows feeds every decoder any bytes: it fails with errCorrupt, or what it
// read is what it reads when that is written again.
func FuzzRows(f *testing.F) {
	all := codecs()
	for i, c := range all {
		f.Add(byte(i), rapid.Custom(func(t *rapid.T) []byte { _, row := c.draw(t); return row }).Example(i))
	}
	f.Fuzz(func(t *testing.T, which byte, row []byte) {
		c := all[int(which)%len(all)]
		got, again, err := c.read(row)
		if err != nil {
			if !errors.Is(err, errCorrupt) {
				t.Fatalf("%s: %v", c.name, err)
			}
			return
		}
		twice, _, err := c.read(again)
		if err != nil {
			t.Fatalf("%s: cannot read what was written: %v", c.name, err)
		}
		if d := sameRow(got, twice); d != "" {
			t.Errorf("%s (-first +second):\n%s", c.name, d)
		}
	})
}
