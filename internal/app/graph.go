package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/starlinghq/starling/internal/viewer"
	"github.com/starlinghq/starling/router"
	"github.com/starlinghq/starling/schema/compose"
	"github.com/starlinghq/starling/subgraphs"
)

// supergraph composes our subgraphs. Their URLs are names: in one process
// nothing is called by URL, and separate roles configure them.
func supergraph(ctx context.Context) (string, error) {
	var in []compose.Subgraph
	for _, name := range subgraphs.Names() {
		sdl, err := subgraphs.SDL(name)
		if err != nil {
			return "", err
		}
		in = append(in, compose.Subgraph{Name: name, URL: "http://" + name + ".starling.local/", SDL: sdl, File: name + "/schema.graphqls"})
	}
	res, err := compose.Compose(ctx, in)
	if err != nil {
		return "", fmt.Errorf("composing the subgraphs: %w", err)
	}
	if err := res.Err(); err != nil {
		return "", fmt.Errorf("composing the subgraphs: %w", err)
	}
	return res.Supergraph.SDL(), nil
}

// authenticator lets the router verify the tokens that subgraphs verify again.
type authenticator struct{ tokens *viewer.Verifier }

// Authenticate implements router.Authenticator.
func (a authenticator) Authenticate(r *http.Request) (*router.Principal, error) {
	token, ok, err := viewer.FromHeader(r.Header)
	if err == nil && !ok {
		return nil, nil
	}
	var v viewer.Viewer
	if err == nil {
		v, err = a.tokens.Verify(r.Context(), token)
	}
	if errors.Is(err, viewer.ErrInvalid) || errors.Is(err, viewer.ErrExpired) {
		return nil, fmt.Errorf("%w: %w", router.ErrUnauthenticated, err)
	}
	if err != nil {
		return nil, err
	}
	return &router.Principal{Subject: v.Subject, Scopes: v.Scopes, Claims: v.Claims}, nil
}
