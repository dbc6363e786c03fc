package storepebble_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// TestBatchesOfAnySize: few keys are read one by one and many by an iterator;
// both answer what single reads do, doubles and missing rows included.
func TestBatchesOfAnySize(t *testing.T) {
	r := newRig(t)
	f := own(t, r.store)
	for k := range 40 {
		if k%3 == 0 {
			continue
		}
		owner, last := snowflake.ID(k), social.Last{Event: snowflake.ID(100 + k), State: social.On}
		must(t, r.store.PutMember(t.Context(), f, store.Likers, owner, store.Member{User: 7, Last: last}, store.Count{N: int64(k), Stamp: f.Next()}))
		must(t, r.store.PutComment(t.Context(), f, social.Comment{ID: social.CommentID(1000 + k), Tweet: social.TweetID(k), Last: last}, store.Count{N: int64(k), Stamp: f.Next()}))
	}
	rapid.Check(t, func(t *rapid.T) {
		var (
			owners  []snowflake.ID
			keys    []store.MemberKey
			ids     []social.CommentID
			counts  []store.Count
			members []store.Member
			texts   []*social.Comment
		)
		for _, k := range rapid.SliceOfN(rapid.IntRange(0, 40), 0, 30).Draw(t, "keys") {
			owners = append(owners, snowflake.ID(k))
			keys = append(keys, store.MemberKey{Owner: snowflake.ID(k), User: 7})
			ids = append(ids, social.CommentID(1000+k))
			m, c, err := r.store.Member(t.Context(), store.Likers, snowflake.ID(k), 7)
			must(t, err)
			text, _, err := r.store.Comment(t.Context(), social.TweetID(k), social.CommentID(1000+k))
			must(t, err)
			counts, members, texts = append(counts, c), append(members, m), append(texts, text)
		}
		gotCounts, err := r.store.Counts(t.Context(), store.Likers, owners)
		must(t, err)
		gotMembers, err := r.store.Has(t.Context(), store.Likers, keys)
		must(t, err)
		gotTexts, err := r.store.Comments(t.Context(), ids)
		must(t, err)
		for i := range owners {
			if gotCounts[i] != counts[i] || gotMembers[i] != members[i] || !cmp.Equal(gotTexts[i], texts[i]) {
				t.Errorf("key %d of %d, owner %d: %+v, %+v, %+v", i, len(owners), owners[i], gotCounts[i], gotMembers[i], gotTexts[i])
			}
		}
		if len(gotCounts) != len(owners) || len(gotMembers) != len(owners) || len(gotTexts) != len(owners) {
			t.Errorf("%d keys, %d counts, %d members, %d comments", len(owners), len(gotCounts), len(gotMembers), len(gotTexts))
		}
	})
}
