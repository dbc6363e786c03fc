package testenv

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Required tells whether STARLING_REQUIRE names what.
func Required(what string) bool {
	return slices.Contains(strings.Split(os.Getenv("STARLING_REQUIRE"), ","), what)
}

// Missing ends a test that needs something that is not there: it fails if that
// is required, else it is skipped.
func Missing(t testing.TB, what, how string) {
	t.Helper()
	if Required(what) {
		t.Fatalf("%s is required by STARLING_REQUIRE and is not there: %s", what, how)
	}
	t.Skipf("DID NOT RUN: needs %s: %s", what, how)
}

// Long ends a test that takes more than a minute where only short ones are
// asked for.
func Long(t testing.TB, why string) {
	t.Helper()
	if testing.Short() {
		t.Skipf("DID NOT RUN: %s, left out of short tests", why)
	}
}

// Shared returns the path of a file of the shared corpora, which lie beside
// the project where they are at all; a stranger's clone has none.
func Shared(t testing.TB, elem ...string) string {
	t.Helper()
	base := os.Getenv("STARLING_SHARED")
	if base == "" {
		base = filepath.Join(moduleRoot(t), "..", "shared")
	}
	path := filepath.Join(append([]string{base}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		Missing(t, "shared", path+" does not exist")
	}
	return path
}

// moduleRoot returns the folder of go.work, above the test's own.
func moduleRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("testenv: no go.work above the test")
		}
		dir = parent
	}
}
