package router

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/starlinghq/starling/internal/testenv"
)

func signer(t *testing.T) (jwks []byte, sign func(claims jwt.MapClaims) string) {
	t.Helper()
	pub, priv, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	jwks = fmt.Appendf(nil, `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k1","use":"sig","alg":"EdDSA","x":%q}]}`, base64.RawURLEncoding.EncodeToString(pub))
	return jwks, func(claims jwt.MapClaims) string {
		token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims)
		token.Header["kid"] = "k1"
		text, err := token.SignedString(priv)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
}

func TestJWT(t *testing.T) {
	jwks, sign := signer(t)
	claims := func(change func(jwt.MapClaims)) jwt.MapClaims {
		c := jwt.MapClaims{"iss": "us", "aud": "graph", "sub": "u1", "scope": "mail read", "exp": time.Now().Add(time.Hour).Unix()}
		if change != nil {
			change(c)
		}
		return c
	}
	issuer := JWTIssuer{Issuer: "us", Audience: "graph", JWKS: jwks}
	auth, err := JWT(JWTConfig{Issuers: []JWTIssuer{issuer}})
	if err != nil {
		t.Fatal(err)
	}
	f := newFakes(t)
	f.on("users", `{"data":{"user":{"__typename":"User","id":"u1","name":"n","mail":"m"}}}`)
	r := startQuiet(t, Config{Source: Static(guardedSDL()), Transport: f.transport, Authenticator: auth})
	const query = `{ user(id: "u1") { name mail } }`

	wantData(t, post(t, r, query, "", "Authorization", "Bearer "+sign(claims(nil))), `{"user":{"name":"n","mail":"m"}}`)
	if got := f.to("users")[0].Header.Get("Authorization"); !strings.HasPrefix(got, "Bearer ey") {
		t.Errorf("the token did not go on: %q", got)
	}
	wantProblems(t, post(t, r, query, ""), `["user","mail"] UNAUTHENTICATED`)
	wantProblems(t, post(t, r, query, "", "Authorization", "Bearer "+sign(claims(func(c jwt.MapClaims) { c["scope"] = "read" }))), `["user","mail"] FORBIDDEN`)

	for name, header := range map[string]string{
		"expired":          "Bearer " + sign(claims(func(c jwt.MapClaims) { c["exp"] = time.Now().Add(-time.Hour).Unix() })),
		"another audience": "Bearer " + sign(claims(func(c jwt.MapClaims) { c["aud"] = "them" })),
		"another issuer":   "Bearer " + sign(claims(func(c jwt.MapClaims) { c["iss"] = "them" })),
		"garbage":          "Bearer x.y.z",
		"another scheme":   "Basic dTpw",
	} {
		before := len(f.to("users"))
		got := post(t, r, query, "", "Authorization", header)
		if got.Status != http.StatusUnauthorized || len(got.Errors) != 1 || got.Errors[0].Extensions["code"] != "UNAUTHENTICATED" {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
		if len(f.to("users")) != before {
			t.Errorf("%s: a subgraph was called", name)
		}
	}

	own, err := JWT(JWTConfig{Issuers: []JWTIssuer{issuer}, Header: "X-Token", Prefix: "Key"})
	if err != nil {
		t.Fatal(err)
	}
	required := startQuiet(t, Config{Source: Static(guardedSDL()), Transport: f.transport, Authenticator: own, RequireAuthentication: true})
	wantData(t, post(t, required, query, "", "X-Token", "Key "+sign(claims(nil))), `{"user":{"name":"n","mail":"m"}}`)
	if got := post(t, required, query, ""); got.Status != http.StatusUnauthorized {
		t.Errorf("without a token: %d %s", got.Status, got.Body)
	}
}

// lockedBuffer is a log that is read while it is written.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// TestIssuers: tokens of several issuers whose keys are fetched, as a file
// configures them; the keys of one do not sign for another.
func TestIssuers(t *testing.T) {
	keys := make(map[string][]byte)
	signs := make(map[string]func(jwt.MapClaims) string)
	for _, name := range []string{"us", "them"} {
		keys["/"+name], signs[name] = signer(t)
	}
	var down atomic.Bool
	down.Store(true)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		_, _ = w.Write(keys[r.URL.Path])
	}))
	defer srv.Close()
	var log lockedBuffer
	s := Settings{JWT: JWTSettings{Issuers: []JWTIssuerSettings{
		{Issuer: "us", Audience: "graph", JWKSURL: srv.URL + "/us"}, {Issuer: "them", Audience: "graph", JWKSURL: srv.URL + "/them"},
	}}}
	cfg, err := s.Config(Static(guardedSDL()), slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	f := newFakes(t)
	f.on("users", `{"data":{"user":{"__typename":"User","id":"u1","handle":"h"}}}`)
	cfg.Transport = f.transport
	run := func(check func(r *Router)) {
		r, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- r.Run(ctx) }()
		check(r)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	claims := func(issuer string) jwt.MapClaims {
		return jwt.MapClaims{"iss": issuer, "aud": []string{"graph", "more"}, "sub": "u1", "exp": time.Now().Add(time.Hour).Unix()}
	}
	const query = `{ user(id: "u1") { handle } }`
	run(func(r *Router) {
		testenv.Eventually(t, 10*time.Second, func() error { // the supergraph is there, the keys are not
			if err := r.Ready(); err == nil || !strings.Contains(err.Error(), "tokens") {
				return fmt.Errorf("ready: %v", err)
			}
			return nil
		})
		if got := post(t, r, query, "", "Authorization", "Bearer "+signs["us"](claims("us"))); got.Status != http.StatusServiceUnavailable {
			t.Errorf("a token that cannot be verified yet: %d %s", got.Status, got.Body)
		}
		testenv.Eventually(t, 10*time.Second, func() error {
			if text := log.String(); !strings.Contains(text, "issuer=us") || !strings.Contains(text, "issuer=them") {
				return fmt.Errorf("the log does not say whose keys are missing: %s", text)
			}
			return nil
		})
	})
	down.Store(false)
	if cfg, err = s.Config(Static(guardedSDL()), nil); err != nil {
		t.Fatal(err)
	}
	cfg.Transport = f.transport
	run(func(r *Router) {
		testenv.Eventually(t, 10*time.Second, r.Ready)
		for _, name := range []string{"us", "them"} {
			wantData(t, post(t, r, query, "", "Authorization", "Bearer "+signs[name](claims(name))), `{"user":{"handle":"h"}}`)
		}
		if got := post(t, r, query, "", "Authorization", "Bearer "+signs["them"](claims("us"))); got.Status != http.StatusUnauthorized {
			t.Errorf("one issuer signed for another: %d %s", got.Status, got.Body)
		}
		if got := post(t, r, query, ""); got.Status != http.StatusOK {
			t.Errorf("no token where none is required: %d", got.Status)
		}
	})
}
