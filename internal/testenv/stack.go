package testenv

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// Stack is a server of a test's own, which it may kill. It uses the same
// programs as make stack, with ports and data of its own, and is gone when the
// test ends.
type Stack struct {
	part, script string
	env          []string
	endpoints    map[string]string
}

// private is what STARLING_REQUIRE calls servers of a test's own. They are
// native ones, also where the shared ones are containers.
const private = "private"

// Private starts one part of the stack (cassandra, rabbitmq, redis or jaeger)
// for this test alone, where it is installed: make stack installs. Most tests
// want the shared one: a private one takes seconds and memory.
func Private(t testing.TB, part string, env ...string) *Stack {
	t.Helper()
	s := &Stack{
		part:      part,
		script:    filepath.Join(moduleRoot(t), "ops", "stack", "stack.sh"),
		endpoints: map[string]string{},
		env:       append(os.Environ(), "STACK_INSTALL=no", "STACK_DIR="+t.TempDir(), fmt.Sprintf("STACK_PORT=%d", freePorts(t))),
	}
	s.env = append(s.env, env...)
	s.endsWith(t)
	out, err := s.run("up")
	switch {
	case strings.Contains(out, "missing:"):
		what := private
		if part == "jaeger" {
			what = part // nobody has to have built it
		}
		Missing(t, what, howStack+"\n"+out)
	case err != nil:
		t.Fatalf("start a private %s: %v\n%s", part, err, out)
	}
	for line := range strings.Lines(out) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && strings.HasPrefix(name, "STARLING_TEST_") {
			s.endpoints[name] = value
		}
	}
	return s
}

// endsWith sees to it that the server ends with the test, also where the test's
// process is killed: a child waits for its input to end, and stops the server.
func (s *Stack) endsWith(t testing.TB) {
	t.Helper()
	var out strings.Builder
	c := exec.Command("bash", "-c", `read -r _; exec "$0" down "$1"`, s.script, s.part)
	c.Env, c.Stdout, c.Stderr = s.env, &out, &out
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // what ends the test must not end it
	in, err := c.StdinPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatalf("testenv: watch over %s: %v", s.part, err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := c.Wait(); err != nil {
			t.Errorf("%s not stopped: %v\n%s", s.part, err, out.String())
		}
	})
}

// Endpoint is the address of the server, in the form of [Cassandra], [RabbitMQ]
// or [Redis]; of Jaeger, the URL of its API.
func (s *Stack) Endpoint() string { return s.endpoints["STARLING_TEST_"+strings.ToUpper(s.part)] }

// OTLP is where Jaeger receives traces, a URL of OTLP/HTTP.
func (s *Stack) OTLP() string { return s.endpoints["STARLING_TEST_OTLP"] }

// Kill is kill -9 of the server.
func (s *Stack) Kill(t testing.TB) {
	t.Helper()
	if out, err := s.run("kill"); err != nil {
		t.Fatalf("kill %s: %v\n%s", s.part, err, out)
	}
}

// Up starts the server again and waits until it answers.
func (s *Stack) Up(t testing.TB) {
	t.Helper()
	if out, err := s.run("up"); err != nil {
		t.Fatalf("start %s: %v\n%s", s.part, err, out)
	}
}

func (s *Stack) run(command string) (string, error) {
	c := exec.Command(s.script, command, s.part)
	c.Env = s.env
	out, err := c.CombinedOutput()
	return string(out), err
}

// freePorts returns the first of a hundred ports of which the stack may use any
// few. Nobody listens on those that it uses.
func freePorts(t testing.TB) int {
	t.Helper()
	for range 50 {
		base := 22_000 + 100*rand.IntN(90)
		used := []int{10, 20, 42, 43, 44, 50, 60, 70, 71, 72, 73, 74}
		if !slices.ContainsFunc(used, func(n int) bool { return !isFree(base + n) }) {
			return base
		}
	}
	t.Fatal("testenv: no free ports")
	return 0
}

func isFree(port int) bool {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return false
	}
	_ = l.Close()
	return true
}
