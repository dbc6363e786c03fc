package viewer_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"

	"github.com/starlinghq/starling/internal/viewer"
)

const (
	iss = "https://issuer.test"
	aud = "starling"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// keys are those of one issuer.
type keys struct {
	ed  ed25519.PrivateKey
	rsa *rsa.PrivateKey
	ec  *ecdsa.PrivateKey
}

func makeKeys() (k keys, err error) {
	if _, k.ed, err = ed25519.GenerateKey(rand.Reader); err != nil {
		return k, err
	}
	if k.rsa, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		return k, err
	}
	k.ec, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return k, err
}

// RSA keys are slow to make, so all tests share those of two issuers.
var ours, theirs = sync.OnceValues(makeKeys), sync.OnceValues(makeKeys)

func have(t testing.TB, made func() (keys, error)) keys {
	t.Helper()
	k, err := made()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (k keys) jwks(t testing.TB) []byte {
	return jwks(t, map[string]any{"ed": k.ed.Public(), "rsa": k.rsa.Public(), "ec": k.ec.Public()}, nil)
}

func jwks(t testing.TB, public map[string]any, meta map[string]jwkset.JWKMetadataOptions) []byte {
	t.Helper()
	store := jwkset.NewMemoryStorage()
	for _, id := range slices.Sorted(maps.Keys(public)) {
		m := meta[id]
		m.KID = id
		key, err := jwkset.NewJWKFromKey(public[id], jwkset.JWKOptions{
			Metadata: m, Marshal: jwkset.JWKMarshalOptions{Private: true}, Validate: jwkset.JWKValidateOptions{SkipAll: true},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := store.KeyWrite(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	set, err := store.JSONWithOptions(t.Context(), jwkset.JWKMarshalOptions{Private: true}, jwkset.JWKValidateOptions{SkipAll: true})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func claims(change func(jwt.MapClaims)) jwt.MapClaims {
	c := jwt.MapClaims{
		"iss": iss, "aud": aud, "sub": "u42", "scope": "read write",
		"exp": noon.Add(time.Hour).Unix(), "nbf": noon.Unix(), "iat": noon.Unix(),
	}
	if change != nil {
		change(c)
	}
	return c
}

func sign(t testing.TB, method jwt.SigningMethod, kid string, key crypto.PrivateKey, c jwt.MapClaims) string {
	t.Helper()
	token := jwt.NewWithClaims(method, c)
	if kid != "" {
		token.Header["kid"] = kid
	}
	s, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func verifier(t testing.TB, cfg viewer.Config) *viewer.Verifier {
	t.Helper()
	if cfg.Now == nil {
		cfg.Now = func() time.Time { return noon }
	}
	v, err := viewer.NewVerifier(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestGoodTokens(t *testing.T) {
	k := have(t, ours)
	v := verifier(t, viewer.Config{Issuers: []viewer.Issuer{{Issuer: iss, Audience: aud, JWKS: k.jwks(t)}}})
	for name, token := range map[string]string{
		"EdDSA":    sign(t, jwt.SigningMethodEdDSA, "ed", k.ed, claims(nil)),
		"RS256":    sign(t, jwt.SigningMethodRS256, "rsa", k.rsa, claims(nil)),
		"ES256":    sign(t, jwt.SigningMethodES256, "ec", k.ec, claims(nil)),
		"aud list": sign(t, jwt.SigningMethodEdDSA, "ed", k.ed, claims(func(c jwt.MapClaims) { c["aud"] = []string{"x", aud} })),
		"scp list": sign(t, jwt.SigningMethodEdDSA, "ed", k.ed, claims(func(c jwt.MapClaims) {
			delete(c, "scope")
			c["scp"] = []string{"read", "write"}
		})),
	} {
		for range 2 { // the second time it is remembered
			who, err := v.Verify(t.Context(), token)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if who.Subject != "u42" || who.Issuer != iss || !slices.Equal(who.Scopes, []string{"read", "write"}) ||
				!who.Expires.Equal(noon.Add(time.Hour)) || who.Claims["sub"] != "u42" {
				t.Errorf("%s: %+v", name, who)
			}
		}
	}
}

func TestBadTokens(t *testing.T) {
	k, foreign := have(t, ours), have(t, theirs)
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	secret := []byte("a secret that somebody put into a key set")
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	set := jwks(t, map[string]any{
		"ed": k.ed.Public(), "rsa": k.rsa.Public(), "ec": k.ec.Public(), "weak": weak.Public(), "oct": secret,
		"p384": p384.Public(), "enc": k.rsa.Public(),
	}, map[string]jwkset.JWKMetadataOptions{"enc": {USE: jwkset.UseEnc}})
	v := verifier(t, viewer.Config{Issuers: []viewer.Issuer{
		{Issuer: iss, Audience: aud, JWKS: set},
		{Issuer: "https://other.test", Audience: aud, JWKS: foreign.jwks(t)},
	}})
	der, err := x509.MarshalPKIXPublicKey(k.rsa.Public())
	if err != nil {
		t.Fatal(err)
	}
	publicPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	edd := jwt.SigningMethodEdDSA
	with := func(field string, value any) jwt.MapClaims {
		return claims(func(c jwt.MapClaims) { c[field] = value })
	}
	without := func(field string) jwt.MapClaims { return claims(func(c jwt.MapClaims) { delete(c, field) }) }
	good := sign(t, edd, "ed", k.ed, claims(nil))
	parts := strings.Split(good, ".")
	forged, err := json.Marshal(with("sub", "u1"))
	if err != nil {
		t.Fatal(err)
	}

	for name, c := range map[string]struct {
		token string
		want  error
	}{
		"alg none":                      {sign(t, jwt.SigningMethodNone, "ed", jwt.UnsafeAllowNoneSignatureType, claims(nil)), viewer.ErrInvalid},
		"alg none, no kid":              {sign(t, jwt.SigningMethodNone, "", jwt.UnsafeAllowNoneSignatureType, claims(nil)), viewer.ErrInvalid},
		"HS256 with the public PEM":     {sign(t, jwt.SigningMethodHS256, "rsa", publicPEM, claims(nil)), viewer.ErrInvalid},
		"HS256 with the public DER":     {sign(t, jwt.SigningMethodHS256, "rsa", der, claims(nil)), viewer.ErrInvalid},
		"HS256 with the Ed25519 key":    {sign(t, jwt.SigningMethodHS256, "ed", []byte(k.ed.Public().(ed25519.PublicKey)), claims(nil)), viewer.ErrInvalid},
		"HS256 with a key of the set":   {sign(t, jwt.SigningMethodHS256, "oct", secret, claims(nil)), viewer.ErrInvalid},
		"RS512":                         {sign(t, jwt.SigningMethodRS512, "rsa", k.rsa, claims(nil)), viewer.ErrInvalid},
		"PS256":                         {sign(t, jwt.SigningMethodPS256, "rsa", k.rsa, claims(nil)), viewer.ErrInvalid},
		"ES384":                         {sign(t, jwt.SigningMethodES384, "p384", p384, claims(nil)), viewer.ErrInvalid},
		"RSA of 1024 bits":              {sign(t, jwt.SigningMethodRS256, "weak", weak, claims(nil)), viewer.ErrInvalid},
		"key for encryption":            {sign(t, jwt.SigningMethodRS256, "enc", k.rsa, claims(nil)), viewer.ErrInvalid},
		"wrong kid":                     {sign(t, edd, "nobody", k.ed, claims(nil)), viewer.ErrInvalid},
		"kid of another algorithm":      {sign(t, edd, "rsa", k.ed, claims(nil)), viewer.ErrInvalid},
		"no kid, several keys":          {sign(t, edd, "", k.ed, claims(nil)), viewer.ErrInvalid},
		"foreign key":                   {sign(t, edd, "ed", foreign.ed, claims(nil)), viewer.ErrInvalid},
		"foreign issuer's key and name": {sign(t, edd, "ed", k.ed, with("iss", "https://other.test")), viewer.ErrInvalid},
		"unknown issuer":                {sign(t, edd, "ed", k.ed, with("iss", "https://nobody.test")), viewer.ErrInvalid},
		"no issuer":                     {sign(t, edd, "ed", k.ed, without("iss")), viewer.ErrInvalid},
		"issuer is a number":            {sign(t, edd, "ed", k.ed, with("iss", 5)), viewer.ErrInvalid},
		"wrong aud":                     {sign(t, edd, "ed", k.ed, with("aud", "somebody")), viewer.ErrInvalid},
		"no aud":                        {sign(t, edd, "ed", k.ed, without("aud")), viewer.ErrInvalid},
		"no sub":                        {sign(t, edd, "ed", k.ed, without("sub")), viewer.ErrInvalid},
		"empty sub":                     {sign(t, edd, "ed", k.ed, with("sub", "")), viewer.ErrInvalid},
		"no exp":                        {sign(t, edd, "ed", k.ed, without("exp")), viewer.ErrInvalid},
		"exp is a text":                 {sign(t, edd, "ed", k.ed, with("exp", "tomorrow")), viewer.ErrInvalid},
		"not valid yet":                 {sign(t, edd, "ed", k.ed, with("nbf", noon.Add(time.Minute).Unix())), viewer.ErrInvalid},
		"expired":                       {sign(t, edd, "ed", k.ed, with("exp", noon.Unix())), viewer.ErrExpired},
		"expired and forged":            {sign(t, edd, "ed", foreign.ed, with("exp", noon.Unix())), viewer.ErrInvalid},
		"other claims under a good signature": {
			parts[0] + "." + base64.RawURLEncoding.EncodeToString(forged) + "." + parts[2], viewer.ErrInvalid,
		},
		"no signature": {parts[0] + "." + parts[1] + ".", viewer.ErrInvalid},
		"two parts":    {parts[0] + "." + parts[1], viewer.ErrInvalid},
		"empty":        {"", viewer.ErrInvalid},
		"garbage":      {"....", viewer.ErrInvalid},
		"too long":     {good + strings.Repeat("A", 8<<10), viewer.ErrInvalid},
	} {
		who, err := v.Verify(t.Context(), c.token)
		if !errors.Is(err, c.want) || who.Subject != "" {
			t.Errorf("%s: %+v, %v; want %v", name, who, err, c.want)
		}
		for _, other := range []error{viewer.ErrExpired, viewer.ErrInvalid, viewer.ErrUnavailable} {
			if other != c.want && errors.Is(err, other) {
				t.Errorf("%s: is %v too", name, other)
			}
		}
		if reason := viewer.Reason(err); reason == "" || len(reason) > 80 || strings.Contains(reason, "u42") {
			t.Errorf("%s: reason %q", name, reason)
		}
	}
	if _, err := v.Verify(t.Context(), good); err != nil {
		t.Errorf("the good token among them: %v", err)
	}
}

func TestARememberedTokenExpires(t *testing.T) {
	k, now := have(t, ours), noon
	v := verifier(t, viewer.Config{
		Issuers:  []viewer.Issuer{{Issuer: iss, Audience: aud, JWKS: k.jwks(t)}},
		Now:      func() time.Time { return now },
		Remember: 24 * time.Hour,
	})
	token := sign(t, jwt.SigningMethodEdDSA, "ed", k.ed, claims(nil))
	for _, c := range []struct {
		at   time.Time
		want error
	}{
		{noon, nil},
		{noon.Add(time.Hour - time.Second), nil},
		{noon.Add(time.Hour), viewer.ErrExpired},
		{noon.Add(2 * time.Hour), viewer.ErrExpired},
	} {
		now = c.at
		if _, err := v.Verify(t.Context(), token); !errors.Is(err, c.want) {
			t.Errorf("at %s: %v, want %v", c.at, err, c.want)
		}
	}
}

func TestLeeway(t *testing.T) {
	k := have(t, ours)
	v := verifier(t, viewer.Config{
		Issuers: []viewer.Issuer{{Issuer: iss, Audience: aud, JWKS: k.jwks(t)}}, Leeway: 2 * time.Second,
	})
	for seconds, want := range map[time.Duration]error{1: nil, 3: viewer.ErrInvalid} {
		c := claims(func(c jwt.MapClaims) { c["nbf"] = noon.Add(seconds * time.Second).Unix() })
		if _, err := v.Verify(t.Context(), sign(t, jwt.SigningMethodEdDSA, "ed", k.ed, c)); !errors.Is(err, want) {
			t.Errorf("valid in %d s: %v, want %v", seconds, err, want)
		}
	}
}

// An issuer in this process may change its keys; a key that is gone stops being believed when memory has passed.
func TestKeysInProcess(t *testing.T) {
	one, two, now := have(t, ours), have(t, theirs), noon
	set := one.jwks(t)
	v := verifier(t, viewer.Config{
		Issuers:  []viewer.Issuer{{Issuer: iss, Audience: aud, Keys: func() []byte { return set }}},
		Now:      func() time.Time { return now },
		Remember: time.Minute,
	})
	first := sign(t, jwt.SigningMethodEdDSA, "ed", one.ed, claims(nil))
	second := sign(t, jwt.SigningMethodEdDSA, "ed", two.ed, claims(nil))
	verify := func(token string, want error) {
		t.Helper()
		if _, err := v.Verify(t.Context(), token); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	verify(first, nil)
	verify(second, viewer.ErrInvalid)
	set = two.jwks(t)
	verify(second, nil)
	verify(first, nil) // remembered
	now = noon.Add(time.Minute)
	verify(first, viewer.ErrInvalid)
	set = []byte("{")
	verify(first, viewer.ErrUnavailable)
}

func TestOneKeyNeedsNoName(t *testing.T) {
	k := have(t, ours)
	set := jwks(t, map[string]any{"ec": k.ec.Public()}, nil)
	v := verifier(t, viewer.Config{Issuers: []viewer.Issuer{{Issuer: iss, Audience: aud, JWKS: set}}})
	if _, err := v.Verify(t.Context(), sign(t, jwt.SigningMethodES256, "", k.ec, claims(nil))); err != nil {
		t.Error(err)
	}
	if _, err := v.Verify(t.Context(), sign(t, jwt.SigningMethodEdDSA, "", k.ed, claims(nil))); !errors.Is(err, viewer.ErrInvalid) {
		t.Errorf("another algorithm: %v", err)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	k := have(t, ours)
	read := 0
	set := k.jwks(t)
	v := verifier(t, viewer.Config{
		Issuers: []viewer.Issuer{{Issuer: iss, Audience: aud, Keys: func() []byte { read++; return set }}},
		Tokens:  4,
	})
	var tokens []string
	for i := range 20 {
		tokens = append(tokens, sign(t, jwt.SigningMethodEdDSA, "ed", k.ed, claims(func(c jwt.MapClaims) { c["jti"] = fmt.Sprint(i) })))
	}
	for _, token := range tokens {
		for _, token := range []string{token, tokens[0]} { // the first stays in use
			if _, err := v.Verify(t.Context(), token); err != nil {
				t.Fatal(err)
			}
		}
	}
	if read != len(tokens) {
		t.Errorf("keys were asked %d times for %d tokens: the one in use was forgotten", read, len(tokens))
	}
	if _, err := v.Verify(t.Context(), tokens[1]); err != nil || read != len(tokens)+1 {
		t.Errorf("an old token is still remembered (%d, %v)", read, err)
	}
}

func TestConfig(t *testing.T) {
	set := have(t, ours).jwks(t)
	good := viewer.Issuer{Issuer: iss, Audience: aud, JWKS: set}
	for name, issuers := range map[string][]viewer.Issuer{
		"none":        {},
		"no name":     {{Audience: aud, JWKS: set}},
		"no audience": {{Issuer: iss, JWKS: set}},
		"no keys":     {{Issuer: iss, Audience: aud}},
		"two sources": {{Issuer: iss, Audience: aud, JWKS: set, URL: "https://x.test"}},
		"bad set":     {{Issuer: iss, Audience: aud, JWKS: []byte("{")}},
		"empty set":   {{Issuer: iss, Audience: aud, JWKS: []byte(`{"keys":[]}`)}},
		"bad URL":     {{Issuer: iss, Audience: aud, URL: "file:///etc/keys"}},
		"twice":       {good, good},
	} {
		if _, err := viewer.NewVerifier(viewer.Config{Issuers: issuers}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzVerify(f *testing.F) {
	k := have(f, ours)
	v := verifier(f, viewer.Config{Issuers: []viewer.Issuer{{Issuer: iss, Audience: aud, JWKS: k.jwks(f)}}})
	good := sign(f, jwt.SigningMethodEdDSA, "ed", k.ed, claims(nil))
	f.Add(good)
	f.Add(sign(f, jwt.SigningMethodNone, "", jwt.UnsafeAllowNoneSignatureType, claims(nil)))
	f.Add("a.b.c")
	f.Add("eyJhbGciOiJFZERTQSJ9.e30.")
	f.Fuzz(func(t *testing.T, token string) {
		who, err := v.Verify(t.Context(), token)
		if err == nil && token != good {
			t.Fatalf("%q verifies as %+v", token, who)
		}
		if err != nil && !errors.Is(err, viewer.ErrInvalid) && !errors.Is(err, viewer.ErrExpired) {
			t.Fatalf("%q: %v is none of the errors", token, err)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	k := have(b, ours)
	token := sign(b, jwt.SigningMethodEdDSA, "ed", k.ed, claims(nil))
	for name, tokens := range map[string]int{"remembered": 0, "new": -1} {
		b.Run(name, func(b *testing.B) {
			v := verifier(b, viewer.Config{Issuers: []viewer.Issuer{{Issuer: iss, Audience: aud, JWKS: k.jwks(b)}}, Tokens: tokens})
			for b.Loop() {
				if _, err := v.Verify(b.Context(), token); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
