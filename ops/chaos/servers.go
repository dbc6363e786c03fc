package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"time"
)

// The servers, as stack.sh calls them.
const (
	cassandra = "cassandra"
	broker    = "rabbitmq"
	redis     = "redis"
)

func parts() []string { return []string{broker, redis, cassandra} }

// servers are the engines under a fleet.
type servers interface {
	// Endpoint returns where a server is, as stack.sh prints it.
	Endpoint(part string) string
	// Kill is kill -9; Up starts the server again and waits until it answers.
	Kill(ctx context.Context, part string) error
	Up(ctx context.Context, part string) error
}

// stack is a private stack of ops/stack/stack.sh.
type stack struct {
	env       []string
	endpoints map[string]string
}

// startStack starts empty servers.
func startStack(ctx context.Context, dir string, port int) (*stack, error) {
	s := &stack{
		env:       append(os.Environ(), "STACK_DIR="+dir, fmt.Sprintf("STACK_PORT=%d", port)),
		endpoints: map[string]string{},
	}
	if _, err := s.run(ctx, "wipe"); err != nil {
		return nil, err
	}
	out, err := s.run(ctx, "up")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(out) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			s.endpoints[strings.ToLower(strings.TrimPrefix(name, "STARLING_TEST_"))] = value
		}
	}
	return s, nil
}

func (s *stack) run(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "ops/stack/stack.sh", args...)
	cmd.Env = s.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("stack.sh %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

func (s *stack) Endpoint(part string) string { return s.endpoints[part] }

func (s *stack) Kill(ctx context.Context, part string) error {
	_, err := s.run(ctx, "kill", part)
	return err
}

func (s *stack) Up(ctx context.Context, part string) error {
	_, err := s.run(ctx, "up", part)
	return err
}

// close stops the servers and forgets their data.
func (s *stack) close(ctx context.Context) error {
	_, err := s.run(context.WithoutCancel(ctx), "wipe")
	return err
}

// flush empties Redis.
func flush(ctx context.Context, addr string) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("flushing redis: %w", err)
	}
	defer conn.Close()
	answer := make([]byte, 5)
	if err = conn.SetDeadline(time.Now().Add(10 * time.Second)); err == nil {
		if _, err = conn.Write([]byte("FLUSHALL\r\n")); err == nil {
			_, err = conn.Read(answer)
		}
	}
	if err != nil || string(answer) != "+OK\r\n" {
		return fmt.Errorf("flushing redis: %w: it answered %q", err, answer)
	}
	return nil
}
