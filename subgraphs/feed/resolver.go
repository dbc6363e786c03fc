// Package feed is the subgraph of the home feed. It answers with the keys of
// tweets; the router asks their owners for the rest.
//
// A page is the head that fan-out prepared (cache.Timelines) where there is
// one, and the pull merge of author logs below it and where there is none
// (page.go). Both are filtered as they are read: deleted tweets and authors no
// longer followed leave the feed at once, the viewer's own last writes are in
// it at once. A viewer without a home timeline gets one built (build.go).
// Called by the router; calls internal/timeline for every decision and
// internal/read for every row.
package feed

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/subgraphs"
	"github.com/starlinghq/starling/subgraphs/feed/internal/gql"
	"github.com/starlinghq/starling/subgraphs/internal/read"
	"github.com/starlinghq/starling/subgraphs/internal/serve"
)

// Resolver resolves the fields of the subgraph.
type Resolver struct {
	read      *read.Reader
	timelines cache.Timelines
	now       func() time.Time
	log       *slog.Logger
}

// New returns the subgraph as an HTTP handler.
func New(d subgraphs.Deps) http.Handler {
	r := &Resolver{read: d.Reader(), timelines: d.Cache, now: d.Now, log: d.Log}
	return serve.Handler(gql.NewExecutableSchema(gql.Config{Resolvers: r}), d.Tokens, d.Log)
}
