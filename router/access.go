package router

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/starlinghq/starling/router/internal/access"
	"github.com/starlinghq/starling/router/internal/execute"
	"github.com/starlinghq/starling/router/internal/fetch"
	"github.com/starlinghq/starling/router/internal/operation"
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
	// An [*Error] refuses the request in its own words. Any other error means
	// that it could not be decided; clients read INTERNAL and no more.
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

// protected is a coordinate that has a rule.
type protected struct {
	coordinate operation.Coordinate
	rule       *access.Rule
}

// protect finds the coordinates of an operation that have a rule.
func (g *graph) protect(op *operation.Operation) []protected {
	var out []protected
	for _, c := range op.Coordinates() {
		if r := g.rules.Rule(c.Type, c.Field); r != nil {
			out = append(out, protected{c, r})
		}
	}
	return out
}

// decisions are what a viewer may see of an operation. The key tells two sets
// of them apart.
type decisions struct {
	key    string
	labels []string // active override labels
	denied func(operation.Coordinate) *execute.Error
}

// decide decides the operation's protected coordinates for who asks.
func (x *exchange) decide(d *document) decisions {
	labels := x.labels(d)
	if len(d.protected) == 0 {
		return decisions{labels: labels}
	}
	v := &viewerOf{exchange: x}
	key := make([]byte, len(d.protected)+1)
	denied := make(map[operation.Coordinate]bool)
	for i, p := range d.protected {
		key[i] = '1'
		if !p.rule.Allows(v) {
			key[i] = '0'
			denied[p.coordinate] = true
		}
	}
	key[len(key)-1] = 'f' // which error there is
	why := &execute.Error{Code: CodeForbidden, Message: "You may not see this."}
	if x.principal == nil {
		key[len(key)-1] = 'u'
		why = &execute.Error{Code: CodeUnauthenticated, Message: "Sign in to see this."}
	}
	return decisions{key: string(key), labels: labels, denied: func(c operation.Coordinate) *execute.Error {
		if denied[c] {
			return why
		}
		return nil
	}}
}

// viewerOf is what rules ask about the sender of a request.
type viewerOf struct {
	exchange *exchange
	policies map[string]bool
}

func (v *viewerOf) Known() bool { return v.exchange.principal != nil }

func (v *viewerOf) Scope(name string) bool {
	return v.exchange.principal != nil && slices.Contains(v.exchange.principal.Scopes, name)
}

// Policy asks each policy once for a request.
func (v *viewerOf) Policy(name string) bool {
	if granted, ok := v.policies[name]; ok {
		return granted
	}
	decide := v.exchange.router.cfg.Policies
	if decide == nil {
		decide = claimPolicies
	}
	granted := decide(v.exchange.req, v.exchange.principal, name)
	if v.policies == nil {
		v.policies = make(map[string]bool)
	}
	v.policies[name] = granted
	return granted
}

// caching says what may be done with the answer. What a rule touched is kept
// out of shared caches, and what changed something out of all of them.
func (x *exchange) caching(w http.ResponseWriter, session *fetch.Session, d *document) string {
	if d.op.Kind() != "query" {
		return ""
	}
	header, vary := session.Caching(len(d.protected) > 0)
	if header != "" && len(vary) > 0 {
		w.Header().Add("Vary", strings.Join(vary, ", "))
	}
	return header
}
