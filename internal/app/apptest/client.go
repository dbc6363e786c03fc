package apptest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// TB is what of a test clients need; rapid's has it too.
type TB interface {
	Helper()
	Context() context.Context
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Fatal(args ...any)
}

// Client is somebody who speaks to the endpoint.
type Client struct {
	Token  string // of whoever signed in; empty for nobody
	UserID string
	Handle string
	Header map[string]string // of every request

	sys *System
}

// Anonymous is a client that is not signed in.
func (s *System) Anonymous() *Client { return &Client{sys: s} }

// SignUp makes an account and returns its client.
func (s *System) SignUp(t TB, handle string) *Client {
	t.Helper()
	var out struct {
		SignUp struct {
			Token string
			User  struct{ ID string }
		}
	}
	s.Anonymous().Into(t, &out, `mutation($in: SignUpInput!) { signUp(input: $in) { token user { id } userErrors { code } } }`,
		map[string]any{"in": map[string]any{"handle": handle, "password": Password(handle)}})
	if out.SignUp.Token == "" {
		t.Fatalf("signing up %s gave no token", handle)
	}
	return &Client{Token: out.SignUp.Token, UserID: out.SignUp.User.ID, Handle: handle, sys: s}
}

// Password is the password that SignUp gives to a handle.
func Password(handle string) string { return "password of " + handle }

// With returns the client with another token.
func (c *Client) With(token string) *Client {
	other := *c
	other.Token = token
	return &other
}

// Through returns the client as it speaks to another router of the same product.
func (c *Client) Through(s *System) *Client {
	other := *c
	other.sys = s
	return &other
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
func (c *Client) Ask(t TB, query string, variables map[string]any) Answer {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	return c.Post(t, body, "application/json")
}

// Try is Ask that returns what went wrong, for goroutines of a test.
func (c *Client) Try(ctx context.Context, query string, variables map[string]any) (Answer, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return Answer{}, err
	}
	return c.post(ctx, body, "application/json")
}

// Post sends any body to the endpoint and returns the answer.
func (c *Client) Post(t TB, body []byte, contentType string) Answer {
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
	for name, value := range c.Header {
		req.Header.Set(name, value)
	}
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
func (c *Client) Do(t TB, query string, variables map[string]any) json.RawMessage {
	t.Helper()
	a := c.Ask(t, query, variables)
	if len(a.Errors) > 0 {
		t.Fatalf("%s\nfailed with %d: %v", query, a.Status, a.Errors)
	}
	return a.Data
}

// Into is Do that decodes the data.
func (c *Client) Into(t TB, out any, query string, variables map[string]any) {
	t.Helper()
	if err := json.Unmarshal(c.Do(t, query, variables), out); err != nil {
		t.Fatal(err)
	}
}
