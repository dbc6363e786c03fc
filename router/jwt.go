package router

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/textproto"
	"strings"
	"time"

	"github.com/starlinghq/starling/internal/viewer"
)

// JWTConfig says whose tokens are believed. Algorithms are EdDSA, RS256 and
// ES256, each only with a key of its kind.
type JWTConfig struct {
	Issuers []JWTIssuer
	// Header has the token; "" is Authorization.
	Header string
	// Prefix stands before the token; "" is Bearer for Authorization, and
	// nothing for another header.
	Prefix string
	// Leeway is how far a token's times may be off.
	Leeway time.Duration
	// Logger hears of keys that cannot be fetched; nil discards.
	Logger *slog.Logger
}

// JWTIssuer is one issuer. Exactly one of JWKS, URL and Keys says where its
// public keys are.
type JWTIssuer struct {
	// Issuer is the exact iss, Audience must be in aud.
	Issuer, Audience string
	// JWKS is a fixed key set, URL one to be fetched while the router runs, and
	// Keys one within this process.
	JWKS []byte
	URL  string
	Keys func() []byte
}

// JWT authenticates requests by a JSON Web Token.
func JWT(cfg JWTConfig) (Authenticator, error) {
	vc := viewer.Config{Leeway: cfg.Leeway, Logger: cfg.Logger}
	for _, i := range cfg.Issuers {
		vc.Issuers = append(vc.Issuers, viewer.Issuer{Issuer: i.Issuer, Audience: i.Audience, JWKS: i.JWKS, URL: i.URL, Keys: i.Keys})
	}
	v, err := viewer.NewVerifier(vc)
	if err != nil {
		return nil, fmt.Errorf("router: JWT: %w", err)
	}
	a := &jwtAuthenticator{verifier: v, prefix: cfg.Prefix}
	if h := textproto.CanonicalMIMEHeaderKey(cfg.Header); h != "" && h != "Authorization" {
		a.header = h
	}
	return a, nil
}

type jwtAuthenticator struct {
	verifier *viewer.Verifier
	header   string // "" is Authorization
	prefix   string
}

func (a *jwtAuthenticator) Authenticate(r *http.Request) (*Principal, error) {
	token, ok, err := a.token(r.Header)
	if err != nil || !ok {
		return nil, err
	}
	v, err := a.verifier.Verify(r.Context(), token)
	if err != nil {
		return nil, authenticationError(err)
	}
	return &Principal{Subject: v.Subject, Scopes: v.Scopes, Claims: v.Claims}, nil
}

func (a *jwtAuthenticator) token(h http.Header) (string, bool, error) {
	if a.header == "" && a.prefix == "" {
		token, ok, err := viewer.FromHeader(h)
		if err != nil {
			return "", false, authenticationError(err)
		}
		return token, ok, nil
	}
	name := a.tokenHeader()
	values := h[name]
	if len(values) == 0 {
		return "", false, nil
	}
	token := values[0]
	if a.prefix != "" {
		var found bool
		if token, found = strings.CutPrefix(token, a.prefix+" "); !found {
			return "", false, &tokenError{reason: "The header " + name + " must be: " + a.prefix + " <token>."}
		}
	}
	if token = strings.TrimSpace(token); token == "" || len(values) > 1 {
		return "", false, &tokenError{reason: "The header " + name + " must have one token."}
	}
	return token, true, nil
}

// tokenHeader names the header that has the token.
func (a *jwtAuthenticator) tokenHeader() string {
	if a.header == "" {
		return "Authorization"
	}
	return a.header
}

// Run fetches keys until the context ends. The router calls it.
func (a *jwtAuthenticator) Run(ctx context.Context) error { return a.verifier.Run(ctx) }

// Ready says whether the keys of every issuer are there.
func (a *jwtAuthenticator) Ready() error { return a.verifier.Ready() }

// tokenError is a token that is not valid, with what its sender may read.
type tokenError struct {
	reason string
	err    error
}

func (e *tokenError) Error() string { return e.reason }

func (e *tokenError) Unwrap() []error { return []error{ErrUnauthenticated, e.err} }

func authenticationError(err error) error {
	if errors.Is(err, viewer.ErrUnavailable) {
		return fmt.Errorf("%w: %w", errKeysMissing, err)
	}
	return &tokenError{reason: viewer.Reason(err), err: err}
}

var errKeysMissing = errors.New("router: no keys to verify tokens with")
