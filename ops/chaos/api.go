package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// api speaks GraphQL to one address: a router, or one instance of a subgraph.
type api struct {
	url   string
	token string // of the viewer; empty for nobody
}

// answer is what came of one request.
type answer struct {
	status int
	took   time.Duration
	leaves bool                       // who answered ends the connection: he is about to stop
	Data   map[string]json.RawMessage `json:"data"`
	Errors []struct {
		Message    string `json:"message"`
		Path       []any  `json:"path"`
		Extensions struct {
			Code string `json:"code"`
		} `json:"extensions"`
	} `json:"errors"`
}

// code returns the first error's code; empty where all went well.
func (a answer) code() string {
	if len(a.Errors) == 0 {
		return ""
	}
	if c := a.Errors[0].Extensions.Code; c != "" {
		return c
	}
	return "no code: " + a.Errors[0].Message
}

var httpClient = &http.Client{
	Timeout:   20 * time.Second,
	Transport: &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: 10 * time.Second},
}

// do asks once. Its error is about the connection; what the server says against
// it is in the answer.
func (a api) do(ctx context.Context, query string, variables map[string]any) (answer, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return answer{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	if a.token != "" {
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	began := time.Now()
	resp, err := httpClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	if err != nil {
		return answer{}, err
	}
	out := answer{status: resp.StatusCode, took: time.Since(began), leaves: resp.Close}
	if err := json.Unmarshal(raw, &out); err != nil {
		return answer{}, fmt.Errorf("HTTP %d is no GraphQL answer: %w: %.200s", resp.StatusCode, err, raw)
	}
	return out, nil
}

// get asks until an answer without errors comes, for up to patience, and reads
// its field into out.
func (a api) get(ctx context.Context, patience time.Duration, field string, out any, query string, variables map[string]any) error {
	var last error
	for deadline := time.Now().Add(patience); ; {
		got, err := a.do(ctx, query, variables)
		switch {
		case err != nil:
			last = err
		case got.code() != "":
			last = fmt.Errorf("%s: %s", got.code(), got.Errors[0].Message)
		default:
			return json.Unmarshal(got.Data[field], out)
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			return fmt.Errorf("%s at %s: %w", field, a.url, last)
		}
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// member is an account that a scenario made for itself.
type member struct {
	id, handle, token string
}

const (
	signUp = `mutation($input: SignUpInput!) { signUp(input: $input) { token user { id } userErrors { code } } }`
	signIn = `mutation($input: LogInInput!) { logIn(input: $input) { token user { id } userErrors { code } } }`
)

// join makes an account at a router.
func join(ctx context.Context, router, handle string) (member, error) {
	return enter(ctx, router, "signUp", signUp, map[string]any{"handle": handle, "password": handle + "-password", "name": handle})
}

// logIn returns an account that exists.
func logIn(ctx context.Context, router, handle, password string) (member, error) {
	return enter(ctx, router, "logIn", signIn, map[string]any{"handle": handle, "password": password})
}

func enter(ctx context.Context, router, field, query string, in map[string]any) (member, error) {
	var got struct {
		Token      string
		User       struct{ ID string }
		UserErrors []struct{ Code string }
	}
	err := api{url: router}.get(ctx, time.Minute, field, &got, query, map[string]any{"input": in})
	if err == nil && len(got.UserErrors) > 0 {
		err = fmt.Errorf("%s of %s: %s", field, in["handle"], got.UserErrors[0].Code)
	}
	return member{id: got.User.ID, handle: in["handle"].(string), token: got.Token}, err
}
