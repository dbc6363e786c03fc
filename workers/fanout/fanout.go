// Package fanout delivers tweets: it appends a tweet to the home timelines of
// its author's followers, one page of followers for each command. It stands at
// the end of the write path; the feed subgraph reads what it wrote.
//
// It appends only to home timelines that exist and never creates one. Doubles
// are harmless, so a command may be repeated and pages carry no marker.
package fanout

import (
	"context"
	"fmt"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
	"github.com/starlinghq/starling/internal/timeline"
	"github.com/starlinghq/starling/workers"
)

// Worker applies the commands of the family feed.
type Worker struct {
	followers store.Relations
	timelines cache.Timelines
	policy    timeline.Policy
}

// New returns the fan-out worker.
func New(s store.Relations, c cache.Timelines, p timeline.Policy) *Worker {
	return &Worker{followers: s, timelines: c, policy: p}
}

// Apply implements workers.Handler. A full page is followed by the command for
// the next one.
func (f *Worker) Apply(ctx context.Context, w workers.Work) ([]social.Event, error) {
	b, ok := w.Event.Body.(social.Fanout)
	if !ok {
		return nil, fmt.Errorf("fan-out: no use for %s", w.Event.Body.Type())
	}
	page, err := f.followers.Members(ctx, store.Followers, snowflake.ID(b.Author), b.After, f.policy.PageSize)
	if err != nil {
		return nil, fmt.Errorf("reading the followers of %s: %w", b.Author, err)
	}
	viewers := make([]social.UserID, 0, len(page)+1)
	if b.After == 0 {
		viewers = append(viewers, b.Author) // everybody sees his own tweets
	}
	for _, m := range page {
		viewers = append(viewers, m.User)
	}
	if err := f.timelines.Append(ctx, cache.Entry{Tweet: b.Tweet, Author: b.Author}, viewers); err != nil {
		return nil, fmt.Errorf("delivering %s: %w", b.Tweet, err)
	}
	if len(page) < f.policy.PageSize {
		return nil, nil
	}
	b.After = page[len(page)-1].User
	return []social.Event{{ID: w.Event.ID, Body: b}}, nil
}
