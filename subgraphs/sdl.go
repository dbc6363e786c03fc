// Package subgraphs is the GraphQL side of the product: five services, each
// with a schema of its own, composed into the one graph that clients see.
//
//	tweets      posting, reading and deleting; a user's own list
//	users       accounts, profiles, follows
//	engagement  likes and comments
//	feed        the home feed: keys only, the owners fill them in
//	node        any global id: a key, the owners fill it in
//
// A subgraph checks what is asked, publishes an event (internal/commit) or
// reads (internal/read), and maps between the nouns and its generated models
// (convert.go). It never imports another subgraph; what they share stands in
// internal. This package itself holds their SDL for whoever composes it.
package subgraphs

import (
	"embed"
	"fmt"

	"github.com/starlinghq/starling/subgraphs/internal/serve"
)

//go:embed */schema.graphqls
var files embed.FS

// Names returns the names of the subgraphs, in order.
func Names() []string { return []string{"engagement", "feed", "node", "tweets", "users"} }

// SDL returns the schema of a subgraph as a composer reads it.
func SDL(name string) (string, error) {
	schema, err := files.ReadFile(name + "/schema.graphqls")
	if err != nil {
		return "", fmt.Errorf("subgraphs: no subgraph %q: %w", name, err)
	}
	return string(schema), nil
}

// Codes returns the extensions.code of top-level errors and the codes of
// userErrors that subgraphs answer. Both lists are closed; docs/errors.md says
// what they mean.
func Codes() (errors, userErrors []string) {
	for _, c := range serve.Codes() {
		errors = append(errors, string(c))
	}
	for _, c := range serve.UserCodes() {
		userErrors = append(userErrors, string(c))
	}
	return errors, userErrors
}
