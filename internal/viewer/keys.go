package viewer

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

var (
	errUnknownIssuer = errors.New("unknown issuer")
	errUnknownKey    = errors.New("no key of the issuer fits")
	errNoKeys        = errors.New("the key set is empty")
)

// issuer is one issuer and its keys.
type issuer struct {
	name, audience string
	url            string
	source         func() []byte

	keys  atomic.Pointer[keyfunc.Keyfunc] // nil until the first fetch
	nudge chan struct{}                   // tells Run of an unknown key id

	mu   sync.Mutex
	last []byte // guarded by mu: what source answered when keys were read from it
}

func newIssuer(c Issuer) (*issuer, error) {
	if c.Issuer == "" || c.Audience == "" {
		return nil, errors.New("viewer: an issuer needs a name and an audience")
	}
	ways := 0
	for _, given := range []bool{c.JWKS != nil, c.URL != "", c.Keys != nil} {
		if given {
			ways++
		}
	}
	if ways != 1 {
		return nil, fmt.Errorf("viewer: issuer %q needs exactly one of a key set, a URL and a function", c.Issuer)
	}
	is := &issuer{name: c.Issuer, audience: c.Audience, url: c.URL, source: c.Keys, nudge: make(chan struct{}, 1)}
	if c.JWKS != nil {
		keys, err := parse(c.JWKS)
		if err != nil {
			return nil, fmt.Errorf("viewer: keys of issuer %q: %w", c.Issuer, err)
		}
		is.keys.Store(&keys)
	}
	if c.URL != "" {
		if u, err := url.Parse(c.URL); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
			return nil, fmt.Errorf("viewer: keys of issuer %q: %q is no http address", c.Issuer, c.URL)
		}
	}
	return is, nil
}

// key is the key that the token names, if it is one for the token's algorithm.
func (is *issuer) key(ctx context.Context, t *jwt.Token) (crypto.PublicKey, error) {
	if err := is.refill(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	keys := is.keys.Load()
	if keys == nil {
		return nil, fmt.Errorf("%w: no keys of issuer %q yet", ErrUnavailable, is.name)
	}
	found, err := (*keys).KeyfuncCtx(ctx)(t)
	if err != nil {
		select { // the issuer may have a new key
		case is.nudge <- struct{}{}:
		default:
		}
		return nil, fmt.Errorf("%w: %w", errUnknownKey, err)
	}
	if set, ok := found.(jwt.VerificationKeySet); ok { // the token names no key
		if len(set.Keys) != 1 {
			return nil, fmt.Errorf("%w: the token names none of %d", errUnknownKey, len(set.Keys))
		}
		found = set.Keys[0]
	}
	if alg := algorithm(found); alg == "" || alg != t.Method.Alg() {
		return nil, fmt.Errorf("%w: the key is not for %s", errUnknownKey, t.Method.Alg())
	}
	return found, nil
}

// algorithm is the one algorithm that is accepted with the key; empty where the key is of no use.
func algorithm(key crypto.PublicKey) string {
	switch k := key.(type) {
	case ed25519.PublicKey:
		return "EdDSA"
	case *rsa.PublicKey:
		if k.N.BitLen() >= 2048 {
			return "RS256"
		}
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P256() {
			return "ES256"
		}
	}
	return ""
}

// refill reads the keys of an issuer in this process again where they have changed.
func (is *issuer) refill() error {
	if is.source == nil {
		return nil
	}
	set := is.source()
	is.mu.Lock()
	defer is.mu.Unlock()
	if is.last != nil && bytes.Equal(set, is.last) {
		return nil
	}
	keys, err := parse(set)
	if err != nil {
		return err
	}
	is.keys.Store(&keys)
	is.last = bytes.Clone(set)
	return nil
}

// parse reads a key set. An empty one is an error: a broken issuer's answer must not lock everybody out.
func parse(set []byte) (keyfunc.Keyfunc, error) {
	var keys jwkset.JWKSMarshal
	if err := json.Unmarshal(set, &keys); err != nil {
		return nil, fmt.Errorf("read key set: %w", err)
	}
	if len(keys.Keys) == 0 {
		return nil, errNoKeys
	}
	store, err := keys.ToStorage()
	if err != nil {
		return nil, fmt.Errorf("read key set: %w", err)
	}
	return signing(store)
}

// signing looks keys up in store, but passes over those for encryption: a signature by one proves nothing.
func signing(store jwkset.Storage) (keyfunc.Keyfunc, error) {
	return keyfunc.New(keyfunc.Options{Storage: store, UseWhitelist: []jwkset.USE{"", jwkset.UseSig}})
}
