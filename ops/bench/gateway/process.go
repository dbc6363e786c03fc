package gateway

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/starlinghq/starling/ops/proc"
)

// process is a gateway that runs, with all its children.
type process struct {
	cmd  *exec.Cmd
	log  string // file with what it wrote
	done chan struct{}
	err  error // of its end, once done is closed
}

// startProcess starts a command in a process group of its own, which ends with
// us even if we are killed.
func startProcess(cmd *exec.Cmd, log string) (*process, error) {
	f, err := os.Create(log)
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	defer f.Close()
	cmd.Stdout, cmd.Stderr = f, f
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	p := &process{cmd: cmd, log: log, done: make(chan struct{})}
	go func() { // stop waits for it
		defer close(p.done)
		p.err = cmd.Wait()
	}()
	return p, nil
}

// patience is how long a gateway may take to end in order.
const patience = 3 * time.Second

// stop ends the process and its children. It may be called twice.
func (p *process) stop() {
	group := -p.cmd.Process.Pid
	_ = syscall.Kill(group, syscall.SIGTERM) // it may be gone
	select {
	case <-p.done:
	case <-time.After(patience):
	}
	_ = syscall.Kill(group, syscall.SIGKILL) // what is left of the group
	<-p.done
}

// ended is an error when the process is gone, with the end of its log.
func (p *process) ended() error {
	select {
	case <-p.done:
		b, _ := os.ReadFile(p.log) // without it there is less to say
		lines := strings.Split(strings.TrimSpace(string(b)), "\n")
		return fmt.Errorf("it ended (%v): %s", p.err, strings.Join(lines[max(0, len(lines)-3):], " "))
	default:
		return nil
	}
}

// usage is what a process and its children took so far.
type usage struct {
	cpu  time.Duration // user and system
	peak int64         // bytes; each process's highest resident set, added up
}

// tick is the unit of times in /proc, the same on every Linux that Go runs on.
const tick = 10 * time.Millisecond

func (p *process) usage() (usage, error) {
	var u usage
	family, err := family(p.cmd.Process.Pid)
	if err != nil {
		return u, err
	}
	for _, pid := range family {
		stat, err := readStat(pid)
		if err != nil {
			continue // it has just ended; its parent counts it
		}
		u.cpu += stat.cpu
		if peak, err := proc.Peak(pid); err == nil {
			u.peak += peak
		}
	}
	if u.cpu == 0 {
		return u, errors.New("gateway: /proc tells nothing of the process")
	}
	return u, nil
}

// family is a process and all that descend from it.
func family(root int) ([]int, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	children := make(map[int][]int)
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if s, err := readStat(pid); err == nil {
			children[s.parent] = append(children[s.parent], pid)
		}
	}
	out := []int{root}
	for i := 0; i < len(out); i++ {
		out = append(out, children[out[i]]...)
	}
	return out, nil
}

type stat struct {
	parent int
	cpu    time.Duration // with that of children that ended
}

func readStat(pid int) (stat, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, err
	}
	// The second field is a name in parentheses, which may hold anything.
	_, rest, _ := strings.Cut(string(b[strings.LastIndexByte(string(b), ')'):]), " ")
	f := strings.Fields(rest)
	if len(f) < 15 {
		return stat{}, fmt.Errorf("gateway: /proc/%d/stat is short", pid)
	}
	var s stat
	if s.parent, err = strconv.Atoi(f[1]); err != nil {
		return stat{}, err
	}
	for _, field := range f[11:15] { // utime, stime, cutime, cstime
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return stat{}, err
		}
		s.cpu += time.Duration(n) * tick
	}
	return s, nil
}

// freePort is a port of this machine that nobody listens on.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("gateway: %w", err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}
