// Package engagement is the subgraph that owns what people do with tweets:
// likes and comments, their counts and lists.
//
// A mutation is checked here and committed as one event; the engagement owner
// (workers/engagement) writes rows and counts. The facts about all tweets of a
// page are read in one batch (facts.go). Engagement of a deleted tweet is null.
// Called by the router; tested over HTTP with the whole loop in internal/app.
package engagement

import (
	"net/http"

	"github.com/starlinghq/starling/internal/store"
	"github.com/starlinghq/starling/subgraphs"
	"github.com/starlinghq/starling/subgraphs/engagement/internal/gql"
	"github.com/starlinghq/starling/subgraphs/internal/commit"
	"github.com/starlinghq/starling/subgraphs/internal/read"
	"github.com/starlinghq/starling/subgraphs/internal/serve"
)

// Resolver resolves the fields of the subgraph.
type Resolver struct {
	read   *read.Reader
	commit *commit.Committer
	rows   store.Comments
}

// New returns the subgraph as an HTTP handler.
func New(d subgraphs.Deps) http.Handler {
	r := &Resolver{read: d.Reader(), commit: d.Committer(), rows: d.Store}
	return serve.Handler(gql.NewExecutableSchema(gql.Config{Resolvers: r}), d.Tokens, d.Log)
}
