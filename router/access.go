package router

import (
	"errors"
	"net/http"
	"slices"
	"strings"
)

// Principal is who asks.
type Principal struct {
	// Subject is the token's sub.
	Subject string
	// Scopes are what the token allows.
	Scopes []string
	// Claims are those of the token.
	Claims map[string]any
}

// Authenticator tells who sends a request.
type Authenticator interface {
	// Authenticate returns nil without an error when the request has no token,
	// and an error that wraps [ErrUnauthenticated] when its token is not valid.
	// Any other error means that it could not be decided.
	Authenticate(r *http.Request) (*Principal, error)
}

// ErrUnauthenticated is a token that is not valid.
var ErrUnauthenticated = errors.New("router: the token is not valid or has expired")

// Policies decide @policy.
type Policies func(r *http.Request, p *Principal, policy string) bool

// claimPolicies grants the policies that a claim of the token names.
func claimPolicies(_ *http.Request, p *Principal, policy string) bool {
	if p == nil {
		return false
	}
	switch v := p.Claims["policies"].(type) {
	case string:
		return slices.Contains(strings.Fields(v), policy)
	case []any:
		return slices.ContainsFunc(v, func(x any) bool { return x == policy })
	}
	return false
}

// has reports whether the principal has a scope.
func (p *Principal) has(scope string) bool { return p != nil && slices.Contains(p.Scopes, scope) }
