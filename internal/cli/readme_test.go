package cli_test

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/testenv"
)

// build returns the path of a freshly built binary.
func build(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "bin", "starling")
	out, err := exec.Command("go", "build", "-o", bin, "github.com/starlinghq/starling/cmd/starling").CombinedOutput()
	if err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	return bin
}

// serve starts the binary on an empty folder and returns its address.
func serve(t *testing.T, bin string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, "serve", "--listen", addr, "--data", filepath.Join(t.TempDir(), "data"))
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("stopping the server: %v", err)
		}
	})
	testenv.Eventually(t, 20*time.Second, func() error {
		resp, err := http.Get("http://" + addr + "/ready")
		if err != nil {
			return err
		}
		return resp.Body.Close()
	})
	return addr
}

var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// TestEveryCommandOfTheREADME runs the tour in one shell, as a reader who
// copies and pastes does, against a real server.
func TestEveryCommandOfTheREADME(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	bin := build(t)
	addr := serve(t, bin)
	script := "set -eu\n"
	for _, m := range shellBlock.FindAllStringSubmatch(string(readme), -1) {
		if strings.HasPrefix(m[1], "make ") {
			target := strings.Fields(m[1])[1]
			makefile, err := os.ReadFile("../../Makefile")
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(makefile), "\n"+target+":") {
				t.Errorf("the README says make %s, and the Makefile has no such target", target)
			}
			continue
		}
		script += m[1]
	}
	script = strings.ReplaceAll(script, "127.0.0.1:4000", addr)
	script = strings.ReplaceAll(script, "bin/starling import", bin+" import --url http://"+addr)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", script)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		`"viewerFollows":true`,
		`"hashtags":[{"text":"starling","start":6,"end":15}]`,
		`{"node":{"text":"Hello #starling","likeCount":0,"viewerHasLiked":false,"author":{"handle":"ann"},"inReplyTo":null}}`,
		"exact: no difference",
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the tour did not print %s; it printed\n%s", want, out)
		}
	}
	if strings.Contains(string(out), `"errors"`) {
		t.Errorf("the tour printed errors:\n%s", out)
	}
}
