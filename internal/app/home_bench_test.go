package app_test

import (
	"testing"

	"github.com/starlinghq/starling/internal/app/apptest"
	"github.com/starlinghq/starling/internal/importer"
)

const homeScreen = `query Home { feed(first: 20) { pageInfo { hasNextPage endCursor } edges { cursor node {
  id text createdAt likeCount commentCount viewerHasLiked
  author { id handle name }
  entities { hashtags { text start end } mentions { text start end } urls { text start end } }
  inReplyTo { id text author { id handle name } }
} } } }`

// BenchmarkHomeScreen is one page of the feed with all that is on it, over
// HTTP, client included.
func BenchmarkHomeScreen(b *testing.B) {
	sys := apptest.Start(b)
	in := importer.Options{URL: sys.URL, People: 150, Seed: 1}
	if _, err := importer.Load(b.Context(), in); err != nil {
		b.Fatal(err)
	}
	plan, err := in.Plan()
	if err != nil {
		b.Fatal(err)
	}
	var people []*apptest.Client
	for _, a := range plan.Accounts[:40] {
		people = append(people, sys.LogIn(b, a.Handle, a.Password))
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		people[i%len(people)].Do(b, homeScreen, nil)
		i++
	}
}
