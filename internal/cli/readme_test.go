package cli_test

import (
	"bytes"
	"context"
	"fmt"
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

// background starts a command, in a group of its own, that is ended with the
// test and must end well.
func background(t *testing.T, ready string, name string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(name, args...)
	var log bytes.Buffer
	cmd.Dir, cmd.Stderr = "../..", &log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		defer func() {
			if t.Failed() {
				t.Logf("%s %q:\n%s", name, args, log.Bytes())
			}
		}()
		if cmd.ProcessState != nil {
			return // the test waited for it
		}
		if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil && name != "go" { // go run does not pass the end of its program on
			t.Errorf("stopping %s: %v", name, err)
		}
	})
	testenv.Eventually(t, time.Minute, func() error {
		resp, err := http.Get(ready)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode >= http.StatusInternalServerError {
			return fmt.Errorf("%s answers %s", ready, resp.Status)
		}
		return nil
	})
	return cmd
}

// serve starts the binary on an empty folder and returns its address.
func serve(t *testing.T, bin string) string {
	t.Helper()
	addr := testenv.FreeAddress(t)
	background(t, "http://"+addr+"/ready", bin, "serve", "--listen", addr, "--data", filepath.Join(t.TempDir(), "data"))
	return addr
}

var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// shopSupergraph is the supergraph of the README's example.
const shopSupergraph = "ops/examples/shop/supergraph.graphqls"

// shopAt is that file with the subgraphs at another address.
func shopAt(t *testing.T, addr string) string {
	t.Helper()
	sdl, err := os.ReadFile("../../" + shopSupergraph)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "supergraph.graphqls")
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(sdl), "127.0.0.1:4101", addr)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestEveryCommandOfTheREADME runs the tour in one shell, as a reader who
// copies and pastes does, against a real server.
func TestEveryCommandOfTheREADME(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	bin := build(t)
	addr := serve(t, bin)
	shop, router := testenv.FreeAddress(t), testenv.FreeAddress(t)
	here := strings.NewReplacer(
		"127.0.0.1:4000", addr, "127.0.0.1:4100", router, "127.0.0.1:4101", shop, "bin/starling import", bin+" import --url http://"+addr, "bin/starling", bin,
		shopSupergraph, shopAt(t, shop),
	)
	script := "set -eu\n"
	for _, m := range shellBlock.FindAllStringSubmatch(string(readme), -1) {
		switch command := strings.Fields(here.Replace(m[1])); command[0] + " " + command[1] {
		case "go run":
			background(t, "http://"+shop, "go", append(command[1:], "-listen", shop)...)
			continue
		case bin + " router":
			background(t, "http://"+router+"/ready", bin, command[1:]...)
			continue
		}
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
		script += here.Replace(m[1])
	}
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
		`{"data":{"topProducts":[{"name":"Kettle","shippingEstimate":20,"reviews":[{"author":{"name":"Ines Duarte"}},{"author":{"name":"Oskar Lind"}},{"author":{"name":"Yusuf Demir"}}]}]}}`,
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the tour did not print %s; it printed\n%s", want, out)
		}
	}
	if strings.Contains(string(out), `"errors"`) {
		t.Errorf("the tour printed errors:\n%s", out)
	}
}
