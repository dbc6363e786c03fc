package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"time"
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
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); {
		resp, err := http.Get(s.url + "/ready")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
	return errNotReady
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
