package fleet

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/testenv"
)

// script is a process that runs a line of shell.
func script(t *testing.T, line string) *Process {
	t.Helper()
	p := &Process{Name: t.Name(), binary: "/bin/sh", args: []string{"-c", line}, log: filepath.Join(t.TempDir(), "log")}
	t.Cleanup(p.Kill)
	return p
}

// says waits until the process has logged a line.
func says(t *testing.T, p *Process, line string) {
	t.Helper()
	testenv.Eventually(t, 10*time.Second, func() error {
		if got := p.Tail(); got != line {
			return fmt.Errorf("the log ends %q, want %q", got, line)
		}
		return nil
	})
}

// TestEndedByItself: such a process is started again, and counted.
func TestEndedByItself(t *testing.T) {
	t.Parallel()
	p := script(t, "exit 1")
	p.Begin()
	testenv.Eventually(t, 10*time.Second, func() error {
		if n := p.Ended(); n < 2 {
			return fmt.Errorf("it ended %d times", n)
		}
		return nil
	})
}

// TestKilled: a process that was killed stays down, and is not counted.
func TestKilled(t *testing.T) {
	t.Parallel()
	p := script(t, "echo up; exec sleep 60")
	p.Begin()
	says(t, p, "up")
	if m, err := p.Memory(); err != nil || m <= 0 {
		t.Errorf("memory %d, %v", m, err)
	}
	p.Pause()
	p.Kill()
	if _, err := p.Memory(); !errors.Is(err, errDown) || p.wanted() || p.Ended() != 0 {
		t.Errorf("after a kill: memory %v, wanted %t, ended by itself %d times", err, p.wanted(), p.Ended())
	}
}

// TestStop: an end in good order has exit code 0.
func TestStop(t *testing.T) {
	t.Parallel()
	for _, code := range []int{0, 3} {
		p := script(t, fmt.Sprintf("trap 'exit %d' TERM; echo up; while :; do sleep 0.05; done", code))
		p.Begin()
		says(t, p, "up")
		if err := p.Stop(); (err != nil) != (code != 0) {
			t.Errorf("exit code %d: %v", code, err)
		}
	}
}
