package stack_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// with runs with.sh around `env` and returns what that printed, what was said,
// and the exit code. programs are scripts that stand before those of the
// machine.
func with(t *testing.T, programs map[string]string, env ...string) (vars []string, said string, code int) {
	t.Helper()
	dir := t.TempDir()
	for name, script := range programs {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("./with.sh", "env")
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "STARLING_") && !strings.HasPrefix(kv, "STACK_") {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	cmd.Env = append(cmd.Env, "PATH="+dir+":"+os.Getenv("PATH"), "STACK_DIR="+filepath.Join(dir, "stack"))
	cmd.Env = append(cmd.Env, env...)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return strings.Split(string(out), "\n"), errs.String(), cmd.ProcessState.ExitCode()
}

func has(t *testing.T, vars []string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !slices.Contains(vars, w) {
			t.Errorf("no %s", w)
		}
	}
}

// TestServersOfTheEnvironment: who names servers has them used, and required.
func TestServersOfTheEnvironment(t *testing.T) {
	vars, said, code := with(t, nil, "STARLING_TEST_CASSANDRA=a:1", "STARLING_TEST_RABBITMQ=amqp://b", "STARLING_TEST_REDIS=c:2", "STARLING_REQUIRE=shared")
	if code != 0 {
		t.Errorf("exit code %d: %s", code, said)
	}
	has(t, vars, "STARLING_TEST_CASSANDRA=a:1", "STARLING_REQUIRE=shared,cassandra,rabbitmq,redis")
}

// TestContainers: where an engine answers, containers are started, named to the
// command, and removed.
func TestContainers(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	docker := `echo "$*" >>` + log
	vars, said, code := with(t, map[string]string{"docker": docker}, "STACK_PORT=23000")
	if code != 0 {
		t.Errorf("exit code %d: %s", code, said)
	}
	has(t, vars,
		"STARLING_TEST_CASSANDRA=127.0.0.1:23042", "STARLING_TEST_RABBITMQ=amqp://guest:guest@127.0.0.1:23010",
		"STARLING_TEST_REDIS=127.0.0.1:23060", "STACK_REDIS_PORT=23060", "STARLING_REQUIRE=cassandra,rabbitmq,redis")
	b, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	up, down := strings.Index(string(b), " up --detach --wait"), strings.Index(string(b), " down --volumes")
	if up < 0 || down < up {
		t.Errorf("the engine was told:\n%s", b)
	}
}

// TestNoServersAnywhere: the message says what is missing and what to do, and
// the command does not run.
func TestNoServersAnywhere(t *testing.T) {
	cache := t.TempDir() // no jars are there
	vars, said, code := with(t, map[string]string{"docker": "exit 1"}, "STACK_INSTALL=no", "STACK_CACHE="+cache, "STACK_PORT=23100")
	if code == 0 || slices.Contains(vars, "STACK_INSTALL=no") {
		t.Errorf("the command ran; exit code %d", code)
	}
	for _, want := range []string{"missing: the jars of Cassandra", "container engine", "STARLING_TEST_CASSANDRA"} {
		if !strings.Contains(said, want) {
			t.Errorf("does not say %q:\n%s", want, said)
		}
	}
}
