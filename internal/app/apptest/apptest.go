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
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
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
	server *app.Server
	stop   context.CancelFunc
	done   chan error
	logs   *logs
}

// Start starts the product and stops it when the test ends. Passwords cost
// almost nothing, or every test would wait for argon2.
func Start(t testing.TB, change ...func(*app.Config)) *System {
	t.Helper()
	cfg := app.Default()
	cfg.Data = t.TempDir()
	cfg.Listen = "127.0.0.1:0"
	cfg.Shards = 4
	cfg.Auth.Passwords = app.PasswordConfig{MemoryKiB: 64, Passes: 1}
	cfg.Auth.Throttle.Off = true
	cfg.Limits.MinFreeMiB = 1
	for _, c := range change {
		c(&cfg)
	}
	s := &System{Dir: cfg.Data, cfg: cfg, logs: &logs{t: t}}
	s.start(t)
	t.Cleanup(func() { s.Stop(t) })
	return s
}

func (s *System) start(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	server, err := app.Open(ctx, s.cfg, "test", s.logs)
	if err != nil {
		cancel()
		t.Fatalf("starting: %v", err)
	}
	s.server, s.stop, s.done = server, cancel, make(chan error, 1)
	s.URL = "http://" + server.Addr()
	go func() { s.done <- server.Run(ctx) }()
	testenv.Eventually(t, 10*time.Second, server.Ready)
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
	s.start(t)
}

// Settled waits until every event that was accepted has been applied.
func (s *System) Settled(t testing.TB) {
	t.Helper()
	testenv.Eventually(t, 10*time.Second, func() error { return s.server.Idle(context.Background()) })
}

// Client is somebody who speaks to the endpoint.
type Client struct {
	Token  string // of whoever signed in; empty for nobody
	UserID string
	Handle string

	sys *System
}

// Anonymous is a client that is not signed in.
func (s *System) Anonymous() *Client { return &Client{sys: s} }

// SignUp makes an account and returns its client.
func (s *System) SignUp(t testing.TB, handle string) *Client {
	t.Helper()
	var out struct {
		SignUp struct {
			Token string
			User  struct{ ID string }
		}
	}
	s.Anonymous().Into(t, &out, `mutation($h: String!) { signUp(input: {handle: $h, password: "password of `+handle+`"}) { token user { id } userErrors { code } } }`, map[string]any{"h": handle})
	if out.SignUp.Token == "" {
		t.Fatalf("signing up %s gave no token", handle)
	}
	return &Client{Token: out.SignUp.Token, UserID: out.SignUp.User.ID, Handle: handle, sys: s}
}

// Answer is what the endpoint answered.
type Answer struct {
	Status int
	Data   json.RawMessage
	Errors []Error
}

// Error is one top-level error.
type Error struct {
	Message    string
	Path       []any
	Extensions map[string]any
}

// Code is the error's extensions.code.
func (e Error) Code() string { c, _ := e.Extensions["code"].(string); return c }

// Codes lists the codes of an answer's errors.
func (a Answer) Codes() []string {
	out := []string{}
	for _, e := range a.Errors {
		out = append(out, e.Code())
	}
	return out
}

// Ask sends an operation and returns the answer, whatever it is.
func (c *Client) Ask(t testing.TB, query string, variables map[string]any) Answer {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	return c.Post(t, body, "application/json")
}

// Post sends any body to the endpoint and returns the answer.
func (c *Client) Post(t testing.TB, body []byte, contentType string) Answer {
	t.Helper()
	a, err := c.post(context.Background(), body, contentType)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (c *Client) post(ctx context.Context, body []byte, contentType string) (Answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.sys.URL+"/graphql", bytes.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	req.Header.Set("Content-Type", contentType)
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return Answer{}, err
	}
	a := Answer{Status: resp.StatusCode}
	if err := json.Unmarshal(b, &a); err != nil {
		return a, fmt.Errorf("the answer is no JSON: %w: %.200s", err, b)
	}
	return a, nil
}

// Do sends an operation that must succeed and returns its data.
func (c *Client) Do(t testing.TB, query string, variables map[string]any) json.RawMessage {
	t.Helper()
	a := c.Ask(t, query, variables)
	if len(a.Errors) > 0 {
		t.Fatalf("%s\nfailed with %d: %v", query, a.Status, a.Errors)
	}
	return a.Data
}

// Into is Do that decodes the data.
func (c *Client) Into(t testing.TB, out any, query string, variables map[string]any) {
	t.Helper()
	if err := json.Unmarshal(c.Do(t, query, variables), out); err != nil {
		t.Fatal(err)
	}
}

// Posts posts a tweet and returns its id.
func (c *Client) Posts(t testing.TB, text string) string {
	t.Helper()
	var out struct{ PostTweet struct{ Tweet struct{ ID string } } }
	c.Into(t, &out, `mutation($t: String!) { postTweet(input: {text: $t}) { tweet { id } userErrors { code } } }`, map[string]any{"t": text})
	if out.PostTweet.Tweet.ID == "" {
		t.Fatalf("posting %q gave no tweet", text)
	}
	return out.PostTweet.Tweet.ID
}

// Follows follows another client's account.
func (c *Client) Follows(t testing.TB, other *Client) {
	t.Helper()
	c.Do(t, `mutation($id: ID!) { follow(input: {userId: $id}) { user { id } userErrors { code } } }`, map[string]any{"id": other.UserID})
}

// Feed reads a client's whole feed, page by page, and returns the ids.
func (c *Client) Feed(t testing.TB, first int) []string {
	t.Helper()
	var ids []string
	var after *string
	for {
		var out struct {
			Feed struct {
				Edges    []struct{ Node struct{ ID string } }
				PageInfo struct {
					HasNextPage bool
					EndCursor   *string
				}
			}
		}
		c.Into(t, &out, `query($n: Int, $a: String) { feed(first: $n, after: $a) { edges { node { id } } pageInfo { hasNextPage endCursor } } }`, map[string]any{"n": first, "a": after})
		for _, e := range out.Feed.Edges {
			ids = append(ids, e.Node.ID)
		}
		if !out.Feed.PageInfo.HasNextPage {
			return ids
		}
		after = out.Feed.PageInfo.EndCursor
	}
}

// logs passes the product's log lines to the test's, while it runs.
type logs struct{ t testing.TB }

func (l *logs) Write(p []byte) (int, error) {
	if s := strings.TrimSpace(string(p)); s != "" && !errors.Is(l.t.Context().Err(), context.Canceled) {
		l.t.Log(s)
	}
	return len(p), nil
}
