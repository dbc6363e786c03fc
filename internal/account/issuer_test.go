package account_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/starlinghq/starling/internal/account"
	"github.com/starlinghq/starling/internal/viewer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 5, 1, 12, 0, 0, 500, time.UTC)

func verifier(t *testing.T, i *account.Issuer, now time.Time) *viewer.Verifier {
	t.Helper()
	v, err := viewer.NewVerifier(viewer.Config{
		Issuers: []viewer.Issuer{{Issuer: i.Name(), Audience: i.Audience(), Keys: i.JWKS}},
		Now:     func() time.Time { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestTokensAreGoodForTheViewer(t *testing.T) {
	i, err := account.NewIssuer()
	if err != nil {
		t.Fatal(err)
	}
	token, expires, err := i.Issue("u42", []string{"read", "write"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if want := noon.Add(24 * time.Hour).Truncate(time.Second); !expires.Equal(want) {
		t.Errorf("expires %s, want %s", expires, want)
	}
	for _, at := range []time.Time{noon.Add(-4 * time.Second), noon, expires.Add(-time.Second)} {
		who, err := verifier(t, i, at).Verify(t.Context(), token)
		if err != nil || who.Subject != "u42" || !who.HasScope("write") || !who.Expires.Equal(expires) {
			t.Errorf("at %s: %+v, %v", at, who, err)
		}
	}
	if _, err := verifier(t, i, expires).Verify(t.Context(), token); !errors.Is(err, viewer.ErrExpired) {
		t.Errorf("after its end: %v", err)
	}
	other, err := account.NewIssuer()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verifier(t, other, noon).Verify(t.Context(), token); !errors.Is(err, viewer.ErrInvalid) {
		t.Errorf("by another key: %v", err)
	}
	renamed := i.With(account.IssuerConfig{Issuer: "https://a.test", Audience: "b", Lifetime: time.Minute})
	if _, err := verifier(t, renamed, noon).Verify(t.Context(), token); !errors.Is(err, viewer.ErrInvalid) {
		t.Errorf("under other names: %v", err)
	}
	if _, expires, err = renamed.Issue("u42", nil, noon); err != nil || expires.Sub(noon) > time.Minute {
		t.Errorf("another lifetime: %s, %v", expires, err)
	}
	if _, _, err := i.Issue("", nil, noon); err == nil {
		t.Error("a token for nobody")
	}
}

func TestLoadOrCreate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key.pem")
	if _, err := account.Load(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	var wg sync.WaitGroup
	sets := make([][]byte, 8)
	for n := range sets {
		wg.Go(func() {
			i, err := account.LoadOrCreate(path)
			if err != nil {
				t.Error(err)
				return
			}
			sets[n] = i.JWKS()
		})
	}
	wg.Wait()
	for _, set := range sets {
		if !bytes.Equal(set, sets[0]) {
			t.Fatalf("processes that start together have different keys:\n%s\n%s", set, sets[0])
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	again, err := account.Load(path)
	if err != nil || !bytes.Equal(again.JWKS(), sets[0]) {
		t.Errorf("read again: %v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestBadKeyFiles(t *testing.T) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"empty":       nil,
		"no PEM":      []byte("secret"),
		"another key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
		"broken":      pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der[:10]}),
		"public":      pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}),
	} {
		path := filepath.Join(t.TempDir(), "key.pem")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := account.LoadOrCreate(path); err == nil {
			t.Errorf("%s: no error", name)
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, data) {
			t.Errorf("%s: the file was changed (%v)", name, err)
		}
	}
	if _, err := account.LoadOrCreate(filepath.Join(t.TempDir(), "no", "folder", "key.pem")); err == nil {
		t.Error("no folder: no error")
	}
}
