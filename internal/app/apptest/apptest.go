// Package apptest starts the whole product inside a test, on embedded parts in
// a folder of its own, and speaks to it as a client does: over HTTP.
//
//	sys := apptest.Start(t)
//	ann := sys.SignUp(t, "ann")
//	ann.Do(t, `mutation { postTweet(input: {text: "hello"}) { tweet { id } } }`, nil)
//
// Imported by tests only.
package apptest

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/app"
	"github.com/starlinghq/starling/internal/testenv"
)

// System is a running product.
type System struct {
	URL string // base of the router
	Dir string // its data

	cfg    app.Config
	open   Opener
	server *app.Server
	stop   context.CancelFunc
	done   chan error
	logs   *logs
}

// Opener opens a server as app.Open does. Tests of package app have one that
// wraps the engines, to count their calls and to plant faults in them.
type Opener func(ctx context.Context, cfg app.Config, version string, logs io.Writer) (*app.Server, error)

// Start starts the product and stops it when the test ends.
func Start(t testing.TB, change ...func(*app.Config)) *System {
	t.Helper()
	return StartWith(t, app.Open, change...)
}

// StartWith is Start with another opener.
func StartWith(t testing.TB, open Opener, change ...func(*app.Config)) *System {
	t.Helper()
	s := &System{cfg: Config(t), open: open, logs: &logs{t: t}}
	for _, c := range change {
		c(&s.cfg)
	}
	s.Dir = s.cfg.Data
	s.Run(t)
	s.Ready(t)
	t.Cleanup(func() { s.Stop(t) })
	return s
}

// Config is how tests set the product: on a port and in a folder of its own.
// Passwords cost almost nothing, or every test would wait for argon2.
func Config(t testing.TB) app.Config {
	t.Helper()
	cfg := app.Default()
	cfg.Data = t.TempDir()
	cfg.Listen = "127.0.0.1:0"
	cfg.Shards = 4
	cfg.Auth.Passwords = app.PasswordConfig{MemoryKiB: 64, Passes: 1}
	cfg.Auth.Throttle.Off = true
	cfg.Limits.MinFreeMiB = 1
	return cfg
}

// Run starts the product after a Stop and does not wait until it is ready.
func (s *System) Run(t testing.TB, change ...func(*app.Config)) {
	t.Helper()
	for _, c := range change {
		c(&s.cfg)
	}
	ctx, cancel := context.WithCancel(context.Background())
	server, err := s.open(ctx, s.cfg, "test", s.logs)
	if err != nil {
		cancel()
		t.Fatalf("starting: %v", err)
	}
	s.server, s.stop, s.done = server, cancel, make(chan error, 1)
	s.URL = "http://" + server.Addr()
	done := s.done
	go func() { done <- server.Run(ctx) }()
}

// Ready waits until the product is ready.
func (s *System) Ready(t testing.TB) {
	t.Helper()
	testenv.Eventually(t, 20*time.Second, s.server.Ready)
}

// Server is the running server.
func (s *System) Server() *app.Server { return s.server }

// Stop stops the product as a TERM does. It may be called twice.
func (s *System) Stop(t testing.TB) {
	t.Helper()
	if s.stop == nil {
		return
	}
	s.stop()
	s.stop = nil
	if err := <-s.done; err != nil {
		t.Errorf("stopping: %v", err)
	}
}

// Restart stops the product and starts it on the same data.
func (s *System) Restart(t testing.TB) {
	t.Helper()
	s.Stop(t)
	s.Run(t)
	s.Ready(t)
}

// Settled waits until every event that was accepted has been applied.
func (s *System) Settled(t testing.TB) {
	t.Helper()
	testenv.Eventually(t, 20*time.Second, func() error { return s.server.Idle(context.Background()) })
}

// logs passes the product's log lines to the test's, while it runs.
type logs struct{ t testing.TB }

func (l *logs) Write(p []byte) (int, error) {
	if s := strings.TrimSpace(string(p)); s != "" && !errors.Is(l.t.Context().Err(), context.Canceled) {
		l.t.Log(s)
	}
	return len(p), nil
}

// LogIn signs an account in and returns its client.
func (s *System) LogIn(t testing.TB, handle, password string) *Client {
	t.Helper()
	var out struct {
		LogIn struct {
			Token string
			User  struct{ ID string }
		}
	}
	s.Anonymous().Into(t, &out, `mutation($h: String!, $p: String!) { logIn(input: {handle: $h, password: $p}) { token user { id } userErrors { code } } }`, map[string]any{"h": handle, "p": password})
	if out.LogIn.Token == "" {
		t.Fatalf("logging %s in gave no token", handle)
	}
	return &Client{Token: out.LogIn.Token, UserID: out.LogIn.User.ID, Handle: handle, sys: s}
}

// At returns a product that somebody else runs. Only its clients are of use.
func At(url string) *System { return &System{URL: url} }
