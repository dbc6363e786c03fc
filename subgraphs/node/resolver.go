// Package node is the smallest subgraph: it turns a global id into the key of
// whatever it names, and the router asks the owners for the rest.
//
// It owns no data. Because node(id) must be null where there is nothing, it
// looks for the row of the id before it answers with the key.
package node

import (
	"context"
	"errors"
	"net/http"

	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/subgraphs"
	"github.com/starlinghq/starling/subgraphs/internal/read"
	"github.com/starlinghq/starling/subgraphs/internal/serve"
	"github.com/starlinghq/starling/subgraphs/node/internal/gql"
)

// Resolver resolves the fields of the subgraph.
type Resolver struct {
	read *read.Reader
}

// New returns the subgraph as an HTTP handler.
func New(d subgraphs.Deps) http.Handler {
	r := &Resolver{read: d.Reader()}
	return serve.Handler(gql.NewExecutableSchema(gql.Config{Resolvers: r}), d.Tokens, d.Log)
}

func (r *Resolver) find(ctx context.Context, id string) (gql.Node, error) {
	kind, sid, err := social.ParseID(id)
	if err != nil {
		return nil, err
	}
	var node gql.Node
	switch kind {
	case social.KindUser:
		node = &gql.User{ID: id}
		_, err = r.read.User(ctx, social.UserID(sid))
	case social.KindTweet:
		node = &gql.Tweet{ID: id}
		_, err = r.read.Tweet(ctx, social.TweetID(sid))
	case social.KindComment:
		node = &gql.Comment{ID: id}
		_, err = r.read.Comment(ctx, social.CommentID(sid))
	}
	if errors.Is(err, read.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return node, nil
}
