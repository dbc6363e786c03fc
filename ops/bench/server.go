package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"

	"github.com/starlinghq/starling/ops/proc"
	"github.com/starlinghq/starling/ops/ready"
)

// server is a running binary.
type server struct {
	url  string
	cmd  *exec.Cmd
	done chan error
}

// startServer starts the binary on a folder and waits until it is ready.
func startServer(ctx context.Context, binary, data string) (*server, error) {
	listen, err := freePort()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(binary, "serve", "--data", data, "--listen", listen)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w; run make build first", binary, err)
	}
	s := &server{url: "http://" + listen, cmd: cmd, done: make(chan error, 1)}
	go func() { s.done <- cmd.Wait() }()
	if err := ready.Wait(ctx, s.url, 20*time.Second); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// stop ends the server in order. It may be called twice.
func (s *server) stop() error {
	if s.cmd == nil {
		return nil
	}
	err := s.cmd.Process.Signal(syscall.SIGTERM)
	s.cmd = nil
	if err != nil {
		return err
	}
	return <-s.done
}

// memory is the resident memory of the process in bytes.
func (s *server) memory() (int64, error) { return proc.Resident(s.cmd.Process.Pid) }

// startTime is the median time from start to the first answered query.
func startTime(ctx context.Context, binary, data string) (time.Duration, error) {
	var took []time.Duration
	for range 5 {
		began := time.Now()
		s, err := startServer(ctx, binary, data)
		if err != nil {
			return 0, err
		}
		_, err = (&client{url: s.url}).do(ctx, `{ viewer { id } }`, nil)
		took = append(took, time.Since(began))
		if err := errors.Join(err, s.stop()); err != nil {
			return 0, err
		}
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}
