package viewer

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Viewer is who is asking, as a verified token says. Treat Scopes and Claims as read-only: requests share them.
type Viewer struct {
	Subject string // the user id; never empty
	Scopes  []string
	Issuer  string
	Expires time.Time
	Claims  map[string]any // the whole token
}

// HasScope says whether the token carries the scope.
func (v Viewer) HasScope(scope string) bool { return slices.Contains(v.Scopes, scope) }

type contextKey struct{}

// With is a context in which v is asking.
func With(ctx context.Context, v Viewer) context.Context {
	return context.WithValue(ctx, contextKey{}, v)
}

// From is who is asking in ctx; false when nobody is signed in.
func From(ctx context.Context) (Viewer, bool) {
	v, ok := ctx.Value(contextKey{}).(Viewer)
	return v, ok
}

// FromHeader reads the token of `Authorization: Bearer`. Without the header ok is false. A header that is something else,
// or is there twice, is ErrInvalid: a client that tried to sign in must not be taken for a stranger.
func FromHeader(h http.Header) (token string, ok bool, err error) {
	values := h.Values("Authorization")
	if len(values) == 0 {
		return "", false, nil
	}
	if len(values) > 1 {
		return "", false, refuse(ErrInvalid, "there is more than one Authorization header", nil)
	}
	scheme, token, found := strings.Cut(strings.TrimSpace(values[0]), " ")
	token = strings.TrimSpace(token)
	if !found || !strings.EqualFold(scheme, "Bearer") || token == "" || strings.ContainsAny(token, " \t,") {
		return "", false, refuse(ErrInvalid, "the Authorization header must be: Bearer <token>", nil)
	}
	return token, true, nil
}
