// Package tweets is the subgraph that owns tweets: posting, reading, deleting,
// and the list of what a user posted.
//
// A mutation is checked here and committed as one event; the tweets owner
// (workers/tweets) writes the rows. Reads go through the cache. Tweets are
// resolved in batches: one call for all entities of a request, one for all
// their parents. Called by the router; tested over HTTP with the whole loop in
// internal/app.
package tweets

import (
	"net/http"

	"github.com/starlinghq/starling/internal/store"
	"github.com/starlinghq/starling/subgraphs"
	"github.com/starlinghq/starling/subgraphs/internal/commit"
	"github.com/starlinghq/starling/subgraphs/internal/read"
	"github.com/starlinghq/starling/subgraphs/internal/serve"
	"github.com/starlinghq/starling/subgraphs/tweets/internal/gql"
)

// Resolver resolves the fields of the subgraph.
type Resolver struct {
	read   *read.Reader
	commit *commit.Committer
	rows   store.Tweets
}

// New returns the subgraph as an HTTP handler.
func New(d subgraphs.Deps) http.Handler {
	r := &Resolver{read: d.Reader(), commit: d.Committer(), rows: d.Store}
	return serve.Handler(gql.NewExecutableSchema(gql.Config{Resolvers: r}), d.Tokens, d.Log)
}
