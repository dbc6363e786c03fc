package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/cli"
	"github.com/starlinghq/starling/internal/testenv"
	"github.com/starlinghq/starling/ops/bench/standin"
)

// TestMain is also the processes that a run starts.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "standin" {
		if err := standin.Serve(context.Background(), os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if len(os.Args) > 1 && os.Args[1] == "router" {
		os.Exit(cli.Run(context.Background(), os.Args[1:], cli.Streams{Out: os.Stdout, Err: os.Stderr, Env: os.Environ()}))
	}
	os.Exit(m.Run())
}

// TestAnswer keeps the answer at the size that the bench speaks of.
func TestAnswer(t *testing.T) {
	data, err := rightAnswer()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(data); n < 86_000 || n > 90_000 {
		t.Errorf("the answer has %d bytes, want about 88,000", n)
	}
}

func TestRun(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out, log bytes.Buffer
	cfg := Config{
		Ours: []string{self}, Against: self, Subgraphs: []string{self, "standin"}, Cache: t.TempDir(), Alone: true,
		Clients: 2, Rounds: 2, Length: 200 * time.Millisecond, Starts: 1, Log: &log,
	}
	if err := Run(t.Context(), cfg, &out); err != nil {
		t.Fatalf("%v\n%s", err, &log)
	}
	row := regexp.MustCompile(`(?m)^\| Starling +\| \d+\.\d\d ms +\| 1\.00 +\| \d+ +\| 7 +\| \d+ MB +\| \d\.\d\d s +\|$`)
	if !row.MatchString(out.String()) {
		t.Errorf("no row of ours with 7 subgraph requests in\n%s", &out)
	}
}

// TestWrongAnswersAreFound offers answers that are nearly right.
func TestWrongAnswersAreFound(t *testing.T) {
	c, err := newClient("", []byte(`{"a":[1,{"b":"x"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, right := range []string{`{"data":{"a":[1,{"b":"x"}]}}`, "{ \"data\": {\"a\":[1,{\"b\":\"\\u0078\"}]} }\n"} {
		if err := c.check(200, []byte(right)); err != nil {
			t.Errorf("%s: %v", right, err)
		}
	}
	for _, wrong := range []string{
		`{"data":{"a":[1,{"b":"y"}]}}`, `{"data":{"a":[1.0,{"b":"x"}]}}`, `{"data":{"a":[{"b":"x"},1]}}`, `{"data":null}`, `[]`,
		`{"data":{"a":[1,{"b":"x"}]},"errors":[{"message":"m"}]}`,
	} {
		if err := c.check(200, []byte(wrong)); !errors.Is(err, errWrong) {
			t.Errorf("%s: %v", wrong, err)
		}
	}
	if err := c.check(500, []byte(`{"data":{ "a":[1,{"b":"x"}]}}`)); !errors.Is(err, errWrong) {
		t.Errorf("status 500: %v", err)
	}
}

// TestAbsentPeers wants peers that cannot run to be named with the reason.
func TestAbsentPeers(t *testing.T) {
	t.Setenv("PATH", "")
	p := peer{name: "some", pkg: "grafbase"}
	if err := p.install(t.Context(), &site{cache: t.TempDir()}); !errors.Is(err, errNoNode) {
		t.Errorf("without npm: %v", err)
	}
	c := &contender{peer: peer{name: ours}, starts: []time.Duration{1}, rounds: []round{{cpu: 1}}}
	b := &bench{all: []*contender{c, {peer: p, absent: errNoNode}}}
	var out bytes.Buffer
	if err := b.table(&out); err != nil {
		t.Fatal(err)
	}
	if want := "| some     | not measured: needs Node with npm |"; !strings.Contains(out.String(), want) {
		t.Errorf("no %q in\n%s", want, &out)
	}
}

// TestStop wants a process's children counted while it runs, and gone when it
// was stopped, also those that do not listen.
func TestStop(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "pid")
	p, err := startProcess(exec.Command("sh", "-c", `trap "" TERM; (while :; do :; done) & echo $! >`+file+`; wait`), filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer p.stop()
	var child int
	testenv.Eventually(t, 20*time.Second, func() error {
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if child, err = strconv.Atoi(strings.TrimSpace(string(b))); err != nil {
			return err
		}
		u, err := p.usage()
		if err == nil && u.cpu < 5*tick {
			err = fmt.Errorf("%s of CPU", u.cpu)
		}
		return err
	})
	p.stop()
	testenv.Eventually(t, 20*time.Second, func() error {
		if err := syscall.Kill(child, 0); !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("the child still runs: %v", err)
		}
		return nil
	})
	if p.ended() == nil {
		t.Error("it is not said to have ended")
	}
}
