package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/viewer"
)

const (
	maxBody    = 4 << 20 // bytes of a request: a router's largest batch of entities
	queryCache = 1000    // parsed documents; a router sends few different ones
)

// Verifier checks a token; *viewer.Verifier is one.
type Verifier interface {
	Verify(ctx context.Context, token string) (viewer.Viewer, error)
}

// Handler serves a subgraph over HTTP: POST with a JSON body.
func Handler(schema graphql.ExecutableSchema, tokens Verifier, log *slog.Logger) http.Handler {
	s := handler.New(schema)
	s.AddTransport(transport.POST{})
	s.SetQueryCache(lru.New[*ast.QueryDocument](queryCache))
	s.Use(extension.Introspection{}) // _service answers by it
	s.SetErrorPresenter(present(log))
	s.SetRecoverFunc(func(ctx context.Context, v any) error {
		log.ErrorContext(ctx, "resolver panicked", "panic", v, "stack", string(debug.Stack()))
		return &Error{Code: Internal, Message: "Something went wrong on our side."}
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, err := authenticate(r, tokens)
		if err != nil {
			refuse(w, err)
			return
		}
		ctx = context.WithValue(ctx, addressKey{}, clientAddress(r))
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		s.ServeHTTP(w, r.WithContext(ctx))
	})
}

func authenticate(r *http.Request, tokens Verifier) (context.Context, error) {
	token, ok, err := viewer.FromHeader(r.Header)
	if err != nil {
		return nil, err
	}
	if !ok {
		return r.Context(), nil
	}
	v, err := tokens.Verify(r.Context(), token)
	if err != nil {
		return nil, err
	}
	if _, err := social.ParseUserID(v.Subject); err != nil {
		return nil, fmt.Errorf("%w: its subject is no user id", viewer.ErrInvalid)
	}
	return viewer.With(r.Context(), v), nil
}

// refuse answers a request whose token is bad.
func refuse(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusUnauthorized)
	// The client is gone where this fails; there is nobody to tell.
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []any{map[string]any{
		"message":    viewer.Reason(err),
		"extensions": map[string]any{"code": string(Unauthenticated)},
	}}})
}

// Viewer returns who is asking, 0 for nobody.
func Viewer(ctx context.Context) social.UserID {
	v, ok := viewer.From(ctx)
	if !ok {
		return 0
	}
	id, err := social.ParseUserID(v.Subject)
	if err != nil {
		return 0 // authenticate lets no such subject in
	}
	return id
}

// RequireViewer returns who is asking; UNAUTHENTICATED for nobody.
func RequireViewer(ctx context.Context) (social.UserID, error) {
	if v := Viewer(ctx); v != 0 {
		return v, nil
	}
	return 0, &Error{Code: Unauthenticated, Message: "Sign in first: send the token as Authorization: Bearer."}
}

// AddressHeader is where a router tells a subgraph from which address its
// client came.
const AddressHeader = "X-Forwarded-For"

type addressKey struct{}

func clientAddress(r *http.Request) string {
	if a := r.Header.Get(AddressHeader); a != "" {
		return a
	}
	return r.RemoteAddr
}

// Address returns the address of the client, as the router told it.
func Address(ctx context.Context) string {
	a, _ := ctx.Value(addressKey{}).(string)
	return a
}
