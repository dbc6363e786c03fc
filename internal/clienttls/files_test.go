package clienttls_test

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/starlinghq/starling/internal/clienttls"
)

// What good files do is seen where they are used: in queue/rabbitmq and router.
func TestFilesAreNamedWhereTheyAreWrong(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, f := range []clienttls.Files{
		{CAFile: empty}, {CAFile: empty + ".gone"}, {CertFile: empty, KeyFile: empty}, {CertFile: empty + ".gone", KeyFile: empty},
	} {
		if _, err := f.Config(); err == nil || !strings.Contains(err.Error(), empty) {
			t.Errorf("%+v: %v", f, err)
		}
	}
	cfg, err := clienttls.Files{ServerName: "a.internal"}.Config()
	if err != nil || cfg.ServerName != "a.internal" || cfg.MinVersion != tls.VersionTLS12 || cfg.RootCAs != nil {
		t.Errorf("without files: %+v, %v", cfg, err)
	}
}
