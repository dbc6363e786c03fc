package fleet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/starlinghq/starling/ops/proc"
	"github.com/starlinghq/starling/ops/ready"
)

const (
	restartPause = time.Second // before a process that ended by itself is started again
	readyWithin  = time.Minute
	stopWithin   = 30 * time.Second
)

// Process is one process of the fleet, over all its restarts.
type Process struct {
	Name string // of the service: owner-users-1
	Kind string // its role: owner-users
	URL  string

	binary string
	args   []string
	env    []string
	log    string

	mu    sync.Mutex
	up    bool          // guarded by mu: it is to run
	cmd   *exec.Cmd     // guarded by mu; the run that is on, nil between two
	down  chan struct{} // guarded by mu; closed to end the wait between two runs
	gone  chan struct{} // guarded by mu; closed when the supervisor has ended
	exit  error         // guarded by mu; how the last run ended
	ended int           // guarded by mu
}

// Start starts a process that is down and waits until it is ready.
func (p *Process) Start(ctx context.Context) error {
	p.Begin()
	return p.Ready(ctx)
}

// Ready waits until the process says that it is ready.
func (p *Process) Ready(ctx context.Context) error {
	if err := ready.Wait(ctx, p.URL, readyWithin); err != nil {
		return fmt.Errorf("%s: %w; its log ends: %s", p.Name, err, p.Tail())
	}
	return nil
}

// Begin starts a process that is down and does not wait.
func (p *Process) Begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.up {
		return
	}
	p.up, p.down, p.gone = true, make(chan struct{}), make(chan struct{})
	go p.supervise(p.down, p.gone) // whoever ends the process waits for gone
}

// supervise runs the process again and again until it is to be down.
func (p *Process) supervise(down, gone chan struct{}) {
	defer close(gone)
	for {
		err := p.run()
		p.mu.Lock()
		p.cmd, p.exit = nil, err
		if p.up {
			p.ended++
		}
		p.mu.Unlock()
		select {
		case <-down:
			return
		case <-time.After(restartPause):
		}
	}
}

// run is one life of the process.
func (p *Process) run() error {
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(p.binary, p.args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = p.env, log, log
	// An interrupt of this program is not one of the process; its end is.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	p.mu.Lock()
	if !p.up {
		p.mu.Unlock()
		return nil
	}
	err = cmd.Start()
	if err == nil {
		p.cmd = cmd
	}
	p.mu.Unlock()
	if err != nil {
		return err
	}
	return cmd.Wait()
}

// signal sends a signal to the run that is on, if one is.
func (p *Process) signal(s os.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd != nil {
		_ = p.cmd.Process.Signal(s) // it may be gone already
	}
}

// end takes the process down by a signal and waits until it is gone. It tells
// whether that was within the time given.
func (p *Process) end(s os.Signal, within time.Duration) (bool, error) {
	p.mu.Lock()
	if !p.up {
		p.mu.Unlock()
		return true, nil
	}
	p.up = false
	close(p.down)
	gone := p.gone
	p.mu.Unlock()
	p.signal(s)
	select {
	case <-gone:
	case <-time.After(within):
		p.signal(syscall.SIGKILL)
		<-gone
		return false, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return true, p.exit
}

// Kill is kill -9.
func (p *Process) Kill() { _, _ = p.end(syscall.SIGKILL, stopWithin) }

// Stop ends the process in good order. Its error says that it did not end in
// time, or not with exit code 0.
func (p *Process) Stop() error {
	inTime, err := p.end(syscall.SIGTERM, stopWithin)
	switch {
	case !inTime:
		return fmt.Errorf("%s did not stop within %s", p.Name, stopWithin)
	case err != nil:
		return fmt.Errorf("%s did not stop well: %w; its log ends: %s", p.Name, err, p.Tail())
	}
	return nil
}

// Pause is SIGSTOP.
func (p *Process) Pause() { p.signal(syscall.SIGSTOP) }

// Resume is SIGCONT.
func (p *Process) Resume() { p.signal(syscall.SIGCONT) }

// Ended is how often the process has ended by itself.
func (p *Process) Ended() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ended
}

func (p *Process) wanted() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.up
}

// errDown says that a process has no run at the moment.
var errDown = errors.New("it does not run")

// Memory returns the resident memory of the process in bytes.
func (p *Process) Memory() (int64, error) {
	p.mu.Lock()
	cmd := p.cmd
	p.mu.Unlock()
	if cmd == nil {
		return 0, fmt.Errorf("memory of %s: %w", p.Name, errDown)
	}
	return proc.Resident(cmd.Process.Pid)
}

// Tail returns the last lines of the log.
func (p *Process) Tail() string {
	b, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	lines := bytes.Split(bytes.TrimSpace(b), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-3):], []byte("\n")))
}

// Log returns everything that the process has logged.
func (p *Process) Log() (string, error) {
	b, err := os.ReadFile(p.log)
	return string(b), err
}
