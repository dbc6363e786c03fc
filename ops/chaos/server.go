package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"time"

	"github.com/starlinghq/starling/ops/ready"
)

// server is a process on one folder and one port, started again and again.
type server struct {
	url    string
	listen string
	binary string
	data   string
	cmd    *exec.Cmd
}

func newServer(binary, data string) (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := l.Addr().String()
	return &server{url: "http://" + addr, listen: addr, binary: binary, data: data}, l.Close()
}

// start starts the process and waits until it is ready.
func (s *server) start(ctx context.Context) error {
	s.cmd = exec.Command(s.binary, "serve", "--data", s.data, "--listen", s.listen)
	s.cmd.Stderr = os.Stderr
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("starting %s: %w; run make build first", s.binary, err)
	}
	return ready.Wait(ctx, s.url, time.Minute)
}

// kill ends the process without warning and waits until it is gone.
func (s *server) kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill() // it may be gone already
	_ = s.cmd.Wait()         // it reports the kill
	s.cmd = nil
}
