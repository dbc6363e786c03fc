package router

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// authority signs certificates into PEM files.
type authority struct {
	t    *testing.T
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) *authority {
	a := &authority{t: t, dir: t.TempDir()}
	a.cert, a.key = a.sign(name, nil)
	return a
}

// sign makes NAME.pem and NAME.key; without names it makes the authority.
func (a *authority) sign(name string, hosts []string) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: hosts,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	parent, signer := a.cert, a.key
	if parent == nil {
		tmpl.IsCA, tmpl.KeyUsage = true, x509.KeyUsageCertSign
		parent, signer = tmpl, key
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	a.write(name+".pem", "CERTIFICATE", der)
	a.write(name+".key", "PRIVATE KEY", private)
	return cert, key
}

func (a *authority) file(name string) string { return filepath.Join(a.dir, name) }

func (a *authority) write(name, kind string, der []byte) {
	a.t.Helper()
	if err := os.WriteFile(a.file(name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		a.t.Fatal(err)
	}
}

// server is the configuration of a server that shows a certificate.
func (a *authority) server(name string) *tls.Config {
	a.t.Helper()
	cert, err := tls.LoadX509KeyPair(a.file(name+".pem"), a.file(name+".key"))
	if err != nil {
		a.t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}}
}

const oneSDL = `schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) { query: Query }
enum join__Graph { A @join__graph(name: "a", url: "http://a.invalid") }
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__type(graph: join__Graph!) repeatable on OBJECT
type Query @join__type(graph: A) { hello: String }`

// TestTLS: both sides show a certificate, and neither talks to a stranger.
func TestTLS(t *testing.T) {
	ours, theirs := newAuthority(t, "ca"), newAuthority(t, "ca")
	ours.sign("server", []string{"a.internal"})
	ours.sign("router", nil)
	theirs.sign("router", nil)

	cert, err := tls.LoadX509KeyPair(ours.file("server.pem"), ours.file("server.key"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(ours.cert)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"data":{"hello":"over TLS"}}`)
	}))
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}
	srv.EnableHTTP2 = true
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)

	good := TLSConfig{CAFile: ours.file("ca.pem"), CertFile: ours.file("router.pem"), KeyFile: ours.file("router.key"), ServerName: "a.internal"}
	for name, tc := range map[string]struct {
		change func(*TLSConfig)
		ok     bool
	}{
		"both known":          {func(*TLSConfig) {}, true},
		"no certificate":      {func(c *TLSConfig) { c.CertFile, c.KeyFile = "", "" }, false},
		"foreign certificate": {func(c *TLSConfig) { c.CertFile, c.KeyFile = theirs.file("router.pem"), theirs.file("router.key") }, false},
		"foreign authority":   {func(c *TLSConfig) { c.CAFile = theirs.file("ca.pem") }, false},
		"system's authority":  {func(c *TLSConfig) { c.CAFile = "" }, false},
		"other name":          {func(c *TLSConfig) { c.ServerName = "b.internal" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := good
			tc.change(&c)
			r := startQuiet(t, Config{Source: Static(oneSDL), Subgraphs: map[string]SubgraphConfig{"a": {URLs: []string{srv.URL}, TLS: &c, Retries: -1}}})
			got := post(t, r, `{hello}`, "")
			if tc.ok {
				wantData(t, got, `{"hello":"over TLS"}`)
				return
			}
			if len(got.Errors) != 1 || got.Errors[0].Extensions["code"] != CodeDownstream {
				t.Errorf("answer %s, want DOWNSTREAM_SERVICE_ERROR", got.Body)
			}
		})
	}

	bad := good
	bad.CAFile = ours.file("router.key")
	if _, err := newTransport(&bad); err == nil {
		t.Error("a key as the authority was taken")
	}
}
