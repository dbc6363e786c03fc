package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// binary is the path of the binary, built from this tree by who first asks.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "starling-cli")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "bin", "starling")
	out, err := exec.Command("go", "build", "-o", bin, "github.com/starlinghq/starling/cmd/starling").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building: %w\n%s", err, out)
	}
	builtIn = dir
	return bin, nil
})

var builtIn string

// build returns the path of a binary of this tree.
func build(t *testing.T) string {
	t.Helper()
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

func TestMain(m *testing.M) {
	code := m.Run()
	if builtIn != "" {
		_ = os.RemoveAll(builtIn)
	}
	os.Exit(code)
}
