package cacheredis

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/social/tweettext"
)

func TestObjectsSurviveTheCodec(t *testing.T) {
	for _, o := range []cache.Object{
		{Key: cache.Key{Kind: cache.KindTweet}, Value: &social.Tweet{ID: 1, Author: 2, Text: "hé #go", ReplyTo: 3, Root: 3, Last: social.Last{Event: 1, State: social.On}, Entities: tweettext.Extract("hé #go")}},
		{Key: cache.Key{Kind: cache.KindUser}, Value: &social.User{ID: 1, Handle: "Ann", Name: "Ann", NameEvent: 1, Bio: "b", BioEvent: 9}},
		{Key: cache.Key{Kind: cache.KindComment}, Value: &social.Comment{ID: 4, Tweet: 1, Author: 2, Text: "c", Last: social.Last{Event: 4, State: social.On}}},
		{Key: cache.Key{Kind: cache.KindLiker}, Value: social.Last{Event: 5, State: social.On}},
		{Key: cache.Key{Kind: cache.KindFollowee}, Value: social.Last{}},
		{Key: cache.Key{Kind: cache.KindLikerCount}, Value: int64(7)},
		{Key: cache.Key{Kind: cache.KindAuthorLog}, Value: &cache.AuthorLog{Complete: true, Entries: []social.LogEntry{{Tweet: 9, ReplyTo: 8}, {Tweet: 7}}}},
		{Key: cache.Key{Kind: cache.KindFollowing}, Value: cache.Following{1, 2, 1 << 60}},
	} {
		s, err := encode(o)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decode(o.Key.Kind, s)
		if err != nil {
			t.Fatalf("kind %d: %v", o.Key.Kind, err)
		}
		if d := cmp.Diff(o.Value, got); d != "" {
			t.Errorf("kind %d (-wrote +read):\n%s", o.Key.Kind, d)
		}
	}
}

func TestVersionsCompareAsBytes(t *testing.T) {
	ordered := []cache.Version{{}, {Minor: 1}, {Minor: 1 << 40}, {Major: 1}, {Major: 1, Minor: 5}, {Major: 1 << 62}}
	for i, a := range ordered {
		for j, b := range ordered {
			if got := string(version(a)) > string(version(b)); got != (i > j) {
				t.Errorf("bytes of %v and %v compare otherwise than the versions", a, b)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for k := cache.KindTweet; k <= cache.KindFollowing; k++ {
		f.Add(byte(k), []byte("0123456789abcdef\x01{}"))
	}
	f.Add(byte(cache.KindAuthorLog), []byte("0123456789abcdef\x01\x01"))
	f.Fuzz(func(t *testing.T, kind byte, b []byte) {
		// What is in Redis may be anybody's: it must be read or refused.
		_, _ = decode(cache.Kind(kind), string(b))
		_, _ = decodeHome(string(b))
		_, _ = decodeWrite(string(b))
	})
}

func FuzzWrite(f *testing.F) {
	f.Add(int64(5), byte(1), byte(2), int64(7), int64(9))
	f.Fuzz(func(t *testing.T, event int64, state, kind byte, object, parent int64) {
		if event < 0 || object < 0 || parent < 0 {
			return
		}
		w := cache.Write{Kind: cache.WriteKind(kind), Object: 1, Parent: 2, Last: social.Last{Event: 3, State: social.State(state)}}
		got, err := decodeWrite(string(encodeWrite(w, time.UnixMilli(5))) + "0000000000000001")
		if err != nil || got.Write != w {
			t.Errorf("%+v came back as %+v, %v", w, got, err)
		}
	})
}
