package account

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// IssuerConfig says what tokens say. Zero fields are the defaults.
type IssuerConfig struct {
	Issuer   string        // `iss`; default "starling"
	Audience string        // `aud`; default "starling"
	Lifetime time.Duration // default 24 h
}

// notBefore dates a token back a little, so that it is good at once on a machine whose clock is behind.
const notBefore = 5 * time.Second

// Issuer signs tokens with one Ed25519 key. It is safe for use by many goroutines.
type Issuer struct {
	cfg  IssuerConfig
	key  ed25519.PrivateKey
	kid  string
	jwks []byte
}

// NewIssuer is an issuer with a new key that is kept nowhere.
func NewIssuer() (*Issuer, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("account: make signing key: %w", err)
	}
	return newIssuer(key)
}

func newIssuer(key ed25519.PrivateKey) (*Issuer, error) {
	i := &Issuer{key: key}
	x := base64.RawURLEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	// The key id is the key's thumbprint (RFC 7638, with the members of RFC 8037): equal on every instance.
	sum := sha256.Sum256(fmt.Appendf(nil, `{"crv":"Ed25519","kty":"OKP","x":%q}`, x))
	i.kid = base64.RawURLEncoding.EncodeToString(sum[:])
	var err error
	i.jwks, err = json.Marshal(map[string]any{"keys": []map[string]string{{
		"kty": "OKP", "crv": "Ed25519", "x": x, "kid": i.kid, "use": "sig", "alg": "EdDSA",
	}}})
	if err != nil {
		return nil, fmt.Errorf("account: write key set: %w", err)
	}
	return i.With(IssuerConfig{}), nil
}

// With is the same key with other names or another lifetime.
func (i *Issuer) With(cfg IssuerConfig) *Issuer {
	if cfg.Issuer == "" {
		cfg.Issuer = "starling"
	}
	if cfg.Audience == "" {
		cfg.Audience = "starling"
	}
	if cfg.Lifetime == 0 {
		cfg.Lifetime = 24 * time.Hour
	}
	c := *i
	c.cfg = cfg
	return &c
}

// Name is the `iss` of the tokens, Audience their `aud`.
func (i *Issuer) Name() string { return i.cfg.Issuer }

// Audience is the `aud` of the tokens.
func (i *Issuer) Audience() string { return i.cfg.Audience }

// JWKS is the public key as a key set (RFC 7517). The caller must not change it.
func (i *Issuer) JWKS() []byte { return i.jwks }

// Issue signs a token for the subject, a user id. expires is in whole seconds.
func (i *Issuer) Issue(subject string, scopes []string, now time.Time) (token string, expires time.Time, err error) {
	if subject == "" {
		return "", time.Time{}, errors.New("account: a token needs a subject")
	}
	expires = now.Add(i.cfg.Lifetime).Truncate(time.Second).UTC()
	claims := jwt.MapClaims{
		"iss": i.cfg.Issuer, "aud": i.cfg.Audience, "sub": subject,
		"iat": now.Unix(), "nbf": now.Add(-notBefore).Unix(), "exp": expires.Unix(),
	}
	if len(scopes) > 0 {
		claims["scope"] = strings.Join(scopes, " ")
	}
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims)
	t.Header["kid"] = i.kid
	token, err = t.SignedString(i.key)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("account: sign token: %w", err)
	}
	return token, expires, nil
}
