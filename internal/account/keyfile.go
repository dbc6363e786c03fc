package account

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Load reads the issuer's key from a PEM file with a PKCS#8 Ed25519 key, as `openssl genpkey -algorithm ed25519` writes it.
// A file that is not there is fs.ErrNotExist.
func Load(path string) (*Issuer, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("account: read signing key: %w", err)
	}
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "PRIVATE KEY" {
		return nil, fmt.Errorf("account: %s holds no PEM block PRIVATE KEY", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("account: read signing key %s: %w", path, err)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("account: the signing key in %s is no Ed25519 key", path)
	}
	return newIssuer(key)
}

// LoadOrCreate reads the key, or makes one where there is no file. Of several processes that start together one makes it
// and the others read it. The file is written whole, with mode 0600, in a folder that must exist.
func LoadOrCreate(path string) (*Issuer, error) {
	i, err := Load(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return i, err
	}
	if err := create(path); err != nil {
		return nil, err
	}
	return Load(path)
}

// create puts a new key at path, unless somebody else did so first. A link, unlike a rename, never replaces a file.
func create(path string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("account: write signing key: %w", err)
		}
	}()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(tmp.Name())) }()
	err = pem.Encode(tmp, &pem.Block{Type: "PRIVATE KEY", Bytes: der})
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(dir)
}

// syncDir makes a new name in the folder last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
