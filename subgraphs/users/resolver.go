// Package users is the subgraph that owns people: accounts and signing in,
// profiles, and who follows whom.
//
// Signing up claims the handle with the password hash in the store, because
// the caller needs the verdict at once (accounts.go); everything else is an
// event for the users owner (workers/users). Profiles of a page are read in one
// batch with the counts and flags that were asked for (profiles.go). Called by
// the router; tested over HTTP with the whole loop in internal/app.
package users

import (
	"net/http"
	"time"

	"github.com/starlinghq/starling/internal/account"
	"github.com/starlinghq/starling/internal/store"
	"github.com/starlinghq/starling/subgraphs"
	"github.com/starlinghq/starling/subgraphs/internal/commit"
	"github.com/starlinghq/starling/subgraphs/internal/read"
	"github.com/starlinghq/starling/subgraphs/internal/serve"
	"github.com/starlinghq/starling/subgraphs/users/internal/gql"
)

// Accounts are the parts that signing up and signing in need.
type Accounts struct {
	Passwords *account.Passwords
	Issuer    *account.Issuer // nil where people sign in with somebody else
	Throttle  *account.Throttle
}

// Resolver resolves the fields of the subgraph.
type Resolver struct {
	read     *read.Reader
	commit   *commit.Committer
	claims   store.Claims
	rows     store.Users
	accounts Accounts
	now      func() time.Time
}

// New returns the subgraph as an HTTP handler.
func New(d subgraphs.Deps, a Accounts) http.Handler {
	r := &Resolver{read: d.Reader(), commit: d.Committer(), claims: d.Store, rows: d.Store, accounts: a, now: d.Now}
	return serve.Handler(gql.NewExecutableSchema(gql.Config{Resolvers: r}), d.Tokens, d.Log)
}
