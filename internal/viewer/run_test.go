package viewer_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"go.uber.org/goleak"

	"github.com/starlinghq/starling/internal/viewer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// site answers for an issuer's key set without a network.
type site struct {
	body  atomic.Pointer[[]byte] // nil: away
	asked atomic.Int64
}

func (s *site) RoundTrip(*http.Request) (*http.Response, error) {
	s.asked.Add(1)
	body := s.body.Load()
	if body == nil {
		return nil, errors.New("connection refused")
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(*body))}, nil
}

func TestKeysAtAURL(t *testing.T) {
	one, two := have(t, ours), have(t, theirs)
	first := sign(t, jwt.SigningMethodEdDSA, "ed", one.ed, claims(nil))
	second := sign(t, jwt.SigningMethodRS256, "rsa2", two.rsa, claims(nil))
	oneSet, empty, huge := one.jwks(t), []byte(`{"keys":[]}`), bytes.Repeat([]byte(" "), 2<<20)
	twoSet := jwks(t, map[string]any{"rsa2": two.rsa.Public()}, nil)

	synctest.Test(t, func(t *testing.T) {
		s := &site{}
		v := verifier(t, viewer.Config{
			Issuers: []viewer.Issuer{{Issuer: iss, Audience: aud, URL: "https://issuer.test/keys"}},
			Client:  &http.Client{Transport: s},
			Tokens:  -1,
			Refresh: time.Hour,
		})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- v.Run(ctx) }()
		verify := func(what, token string, want error) {
			t.Helper()
			synctest.Wait()
			if _, err := v.Verify(t.Context(), token); !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", what, err, want)
			}
		}
		pass := func(d time.Duration) { <-time.After(d) }

		verify("the issuer is away", first, viewer.ErrUnavailable)
		if err := v.Ready(); !errors.Is(err, viewer.ErrUnavailable) {
			t.Errorf("ready without keys: %v", err)
		}
		s.body.Store(&oneSet)
		pass(time.Minute)
		verify("the issuer is back", first, nil)
		if err := v.Ready(); err != nil {
			t.Errorf("not ready: %v", err)
		}

		s.body.Store(&twoSet)
		verify("a new key", second, viewer.ErrInvalid)
		pass(10 * time.Second)
		verify("a new key, after a look", second, nil)
		verify("the key that is gone", first, viewer.ErrInvalid)

		before := s.asked.Load()
		for range 1000 {
			verify("made-up keys", first, viewer.ErrInvalid)
		}
		pass(time.Second)
		if asked := s.asked.Load() - before; asked > 1 {
			t.Errorf("1000 tokens with made-up keys caused %d fetches", asked)
		}

		for _, bad := range []struct {
			body *[]byte
			wait time.Duration // until it is looked at: a failed look is repeated within a minute
		}{{nil, 61 * time.Minute}, {&empty, 2 * time.Minute}, {&huge, 2 * time.Minute}} {
			before := s.asked.Load()
			s.body.Store(bad.body)
			pass(bad.wait)
			verify("the last good keys", second, nil)
			if s.asked.Load() == before {
				t.Error("nobody looked for keys")
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
}
