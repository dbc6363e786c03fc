package queuerabbitmq

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/clienttls"
)

// authority makes a certificate for this machine that vouches for itself, and
// writes it and its key as PEM files.
func authority(t testing.TB) (cert tls.Certificate, certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, b []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	certFile, keyFile = write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", private)
	if cert, err = tls.LoadX509KeyPair(certFile, keyFile); err != nil {
		t.Fatal(err)
	}
	return cert, certFile, keyFile
}

// By amqps the broker must prove who it is, and the process who it is where
// the broker wants to know.
func TestTLS(t *testing.T) {
	cfg := config(t)
	server, serverFile, _ := authority(t)
	client, clientFile, clientKey := authority(t)
	leaf, err := x509.ParseCertificate(client.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	clients := x509.NewCertPool()
	clients.AddCert(leaf)
	between := newProxy(t, cfg.URLs[0], func(l net.Listener) net.Listener {
		return tls.NewListener(l, &tls.Config{
			MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{server},
			ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients,
		})
	})
	cfg.URLs = []string{strings.Replace(between.url, "amqp:", "amqps:", 1)}
	for name, tc := range map[string]struct {
		tls clienttls.Files
		ok  bool
	}{
		"both known":       {clienttls.Files{CAFile: serverFile, CertFile: clientFile, KeyFile: clientKey}, true},
		"unknown broker":   {clienttls.Files{CertFile: clientFile, KeyFile: clientKey}, false},
		"another name":     {clienttls.Files{CAFile: serverFile, CertFile: clientFile, KeyFile: clientKey, ServerName: "elsewhere"}, false},
		"client not known": {clienttls.Files{CAFile: serverFile}, false},
		"no such file":     {clienttls.Files{CAFile: serverFile + ".gone"}, false},
		"no certificate":   {clienttls.Files{CAFile: clientKey}, false},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := cfg
			cfg.TLS = tc.tls
			patience := time.Second
			if tc.ok {
				patience = 20 * time.Second
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if _, err := Open(ctx, cfg); (err == nil) != tc.ok {
				t.Errorf("open: %v", err)
			}
		})
	}
}
