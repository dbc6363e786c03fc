package viewer

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// maxToken bounds what is looked at: a token is a few hundred bytes, and headers beyond 8 KiB are refused by many proxies.
const maxToken = 8 << 10

// Config says whose tokens are believed.
type Config struct {
	// Issuers are those whose tokens are accepted; at least one, each name once.
	Issuers []Issuer

	// Leeway is how far a token's times may be off, for issuers on machines with other clocks.
	Leeway time.Duration

	// Tokens is how many verified tokens are remembered; 0 is 10,000, less than 0 none.
	Tokens int

	// Remember is the longest time that a verified token is believed without another look at its key; 0 is 5 minutes.
	Remember time.Duration

	// Refresh is how often keys at a URL are fetched; 0 is 10 minutes.
	Refresh time.Duration

	// Client fetches keys; nil is one with a timeout of 5 s.
	Client *http.Client

	Now    func() time.Time // nil is time.Now
	Logger *slog.Logger     // hears of keys that cannot be fetched; nil is silence
}

// Issuer is one whose tokens are believed. Exactly one of JWKS, URL and Keys says where its public keys are.
type Issuer struct {
	Issuer   string // the exact `iss`
	Audience string // must be in `aud`

	JWKS []byte        // a fixed key set (RFC 7517)
	URL  string        // a key set fetched by Run, again every Config.Refresh and soon after an unknown key id
	Keys func() []byte // a key set in this process; it must be cheap
}

// Verifier verifies tokens. It is safe for use by many goroutines.
type Verifier struct {
	issuers map[string]*issuer
	leeway  time.Duration
	refresh time.Duration
	keep    time.Duration
	now     func() time.Time
	client  *http.Client
	log     *slog.Logger
	parser  *jwt.Parser
	tokens  *tokens
}

// NewVerifier checks the configuration. It does no I/O; where an issuer has a URL, Run has to run.
func NewVerifier(cfg Config) (*Verifier, error) {
	v := &Verifier{
		issuers: map[string]*issuer{},
		leeway:  cfg.Leeway,
		refresh: orElse(cfg.Refresh, 10*time.Minute),
		keep:    orElse(cfg.Remember, 5*time.Minute),
		now:     cfg.Now,
		client:  cfg.Client,
		log:     cfg.Logger,
		tokens:  newTokens(orElse(cfg.Tokens, 10_000)),
	}
	if v.now == nil {
		v.now = time.Now
	}
	if v.client == nil {
		v.client = &http.Client{Timeout: fetchTimeout}
	}
	if v.log == nil {
		v.log = slog.New(slog.DiscardHandler)
	}
	v.parser = jwt.NewParser(
		jwt.WithValidMethods([]string{"EdDSA", "RS256", "ES256"}),
		jwt.WithExpirationRequired(), jwt.WithStrictDecoding(),
		jwt.WithLeeway(cfg.Leeway), jwt.WithTimeFunc(v.now),
	)
	if len(cfg.Issuers) == 0 {
		return nil, errors.New("viewer: no issuer is configured")
	}
	for _, c := range cfg.Issuers {
		is, err := newIssuer(c)
		if err != nil {
			return nil, err
		}
		if v.issuers[c.Issuer] != nil {
			return nil, fmt.Errorf("viewer: issuer %q is configured twice", c.Issuer)
		}
		v.issuers[c.Issuer] = is
	}
	return v, nil
}

// Verify answers who holds the token, or ErrExpired, ErrInvalid, ErrUnavailable. It does no I/O.
func (v *Verifier) Verify(ctx context.Context, token string) (Viewer, error) {
	if len(token) > maxToken {
		return Viewer{}, refuse(ErrInvalid, "the token is too long", nil)
	}
	now := v.now()
	sum := sha256.Sum256([]byte(token))
	if known, ok := v.tokens.get(sum, now); ok {
		if !now.Before(known.Expires.Add(v.leeway)) {
			return Viewer{}, expired(known.Expires)
		}
		return known, nil
	}
	who, err := v.verify(ctx, token)
	if err != nil {
		return Viewer{}, err
	}
	v.tokens.put(sum, who, now.Add(v.keep))
	return who, nil
}

func (v *Verifier) verify(ctx context.Context, token string) (Viewer, error) {
	claims := jwt.MapClaims{}
	var from *issuer
	_, err := v.parser.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		name, err := claims.GetIssuer()
		if err != nil {
			return nil, err
		}
		if from = v.issuers[name]; from == nil {
			return nil, errUnknownIssuer
		}
		return from.key(ctx, t)
	})
	if err != nil {
		return Viewer{}, explain(claims, err)
	}
	audience, err := claims.GetAudience()
	if err != nil || !slices.Contains(audience, from.audience) {
		return Viewer{}, refuse(ErrInvalid, "the token is for somebody else", err)
	}
	subject, err := claims.GetSubject()
	if err != nil || subject == "" {
		return Viewer{}, refuse(ErrInvalid, "the token names nobody", err)
	}
	expires, err := claims.GetExpirationTime()
	if err != nil {
		return Viewer{}, refuse(ErrInvalid, "the token has no expiry", err)
	}
	return Viewer{
		Subject: subject, Scopes: scopes(claims), Issuer: from.name, Expires: expires.Time, Claims: claims,
	}, nil
}

// explain turns what the library found into one of our errors and a sentence for people.
func explain(claims jwt.MapClaims, err error) error {
	switch {
	case errors.Is(err, ErrUnavailable):
		return refuse(ErrUnavailable, "tokens cannot be verified now, try again", err)
	case errors.Is(err, jwt.ErrTokenMalformed):
		return refuse(ErrInvalid, "the token cannot be read", err)
	case errors.Is(err, errUnknownIssuer):
		return refuse(ErrInvalid, "the token is from an unknown issuer", err)
	case errors.Is(err, jwt.ErrTokenSignatureInvalid), errors.Is(err, jwt.ErrTokenUnverifiable):
		return refuse(ErrInvalid, "the token's signature is not valid", err)
	case errors.Is(err, jwt.ErrTokenExpired):
		if at, atErr := claims.GetExpirationTime(); atErr == nil && at != nil {
			return expired(at.Time)
		}
		return refuse(ErrExpired, "the token has expired, sign in again", err)
	case errors.Is(err, jwt.ErrTokenNotValidYet):
		return refuse(ErrInvalid, "the token is not valid yet", err)
	case errors.Is(err, jwt.ErrTokenRequiredClaimMissing):
		return refuse(ErrInvalid, "the token has no expiry", err)
	}
	return refuse(ErrInvalid, "the token is not valid", err)
}

func expired(at time.Time) error {
	return refuse(ErrExpired, "the token expired at "+at.UTC().Format(time.RFC3339)+", sign in again", nil)
}

// scopes reads `scope` (a text with spaces, RFC 8693) or `scp` (a list, as some issuers write it).
func scopes(claims jwt.MapClaims) []string {
	raw, ok := claims["scope"]
	if !ok {
		raw = claims["scp"]
	}
	switch have := raw.(type) {
	case string:
		return strings.Fields(have)
	case []any:
		var list []string
		for _, s := range have {
			if s, ok := s.(string); ok {
				list = append(list, s)
			}
		}
		return list
	}
	return nil
}

func orElse[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}
