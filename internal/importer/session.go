package importer

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
)

var (
	signUpField = template{
		operation: "mutation", name: "ImportSignUp", params: "$input#: SignUpInput!",
		field: "signUp(input: $input#) { token user { id } userErrors { code message } }",
	}
	logInField = template{
		operation: "mutation", name: "ImportLogIn", params: "$input#: LogInInput!",
		field: "logIn(input: $input#) { token user { id } userErrors { code message } }",
	}
)

// userError is an expected refusal inside a payload.
type userError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// RefusedError is an answer that ends an import: the server will not do what
// the plan says, and sending it again would not help.
type RefusedError struct {
	Subject string // what was refused, such as "line 233 by reed231 (key tweet-233)"
	Code    string
	Message string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("importer: %s: %s: %s", e.Subject, e.Code, e.Message)
}

func refused(subject string, f *fault) error {
	return &RefusedError{Subject: subject, Code: f.code, Message: f.message}
}

// identity is what signing up or logging in returns.
type identity struct {
	Token string `json:"token"`
	User  struct {
		ID string `json:"id"`
	} `json:"user"`
}

// doorman signs accounts up and logs them in, a few at a time.
type doorman struct {
	client *client
	lanes  chan struct{}

	signedUp, loggedIn atomic.Int64
	// known is set while accounts turn out to exist, as in a second run. Then
	// logging in is tried first, which saves one password hash each.
	known atomic.Bool
}

func newDoorman(c *client, lanes int) *doorman {
	return &doorman{client: c, lanes: make(chan struct{}, lanes)}
}

// admit signs the account up, or logs it in where it exists with the same
// password.
func (d *doorman) admit(ctx context.Context, a Account) (identity, error) {
	if d.known.Load() {
		id, code, err := d.logIn(ctx, a)
		if err != nil || code == "" {
			return id, err
		}
		d.known.Store(false)
	}
	id, code, err := d.signUp(ctx, a)
	if err != nil || code == "" {
		return id, err
	}
	d.known.Store(true)
	return d.mustLogIn(ctx, a)
}

func (d *doorman) mustLogIn(ctx context.Context, a Account) (identity, error) {
	id, code, err := d.logIn(ctx, a)
	if err == nil && code != "" {
		return id, &RefusedError{
			Subject: "account " + a.Handle, Code: code,
			Message: "the handle belongs to somebody with another password, or to nobody",
		}
	}
	return id, err
}

// signUp returns codeHandleTaken where the account exists.
func (d *doorman) signUp(ctx context.Context, a Account) (id identity, code string, err error) {
	input := map[string]any{"handle": a.Handle, "password": a.Password, "name": a.Name}
	id, code, err = d.enter(ctx, a, signUpField, input, codeHandleTaken)
	if err == nil && code == "" {
		d.signedUp.Add(1)
	}
	return id, code, err
}

// logIn returns codeWrongCredentials where the account does not exist or has
// another password.
func (d *doorman) logIn(ctx context.Context, a Account) (id identity, code string, err error) {
	input := map[string]any{"handle": a.Handle, "password": a.Password}
	id, code, err = d.enter(ctx, a, logInField, input, codeWrongCredentials)
	if err == nil && code == "" {
		d.loggedIn.Add(1)
	}
	return id, code, err
}

// enter returns the user error code that the caller expects, or an error.
func (d *doorman) enter(ctx context.Context, a Account, t template, input map[string]any, expected string) (identity, string, error) {
	select {
	case d.lanes <- struct{}{}:
		defer func() { <-d.lanes }()
	case <-ctx.Done():
		return identity{}, "", context.Cause(ctx)
	}
	subject := "account " + a.Handle
	out, err := d.client.ask(ctx, nil, t, []vars{{"input": input}})
	if err != nil {
		return identity{}, "", err
	}
	if f := out[0].fault; f != nil {
		return identity{}, "", refused(subject, f)
	}
	var payload struct {
		identity
		UserErrors []userError `json:"userErrors"`
	}
	if err := json.Unmarshal(out[0].data, &payload); err != nil {
		return identity{}, "", fmt.Errorf("importer: %s: %w", subject, err)
	}
	if len(payload.UserErrors) > 0 {
		e := payload.UserErrors[0]
		if e.Code == expected {
			return identity{}, e.Code, nil
		}
		return identity{}, "", &RefusedError{Subject: subject, Code: e.Code, Message: e.Message}
	}
	if payload.Token == "" || payload.User.ID == "" {
		return identity{}, "", fmt.Errorf("importer: %s: the server answered without a token or user id", subject)
	}
	return payload.identity, "", nil
}

// session is an account that is, or can be, logged in.
type session struct {
	doorman *doorman
	account Account

	// turn holds one element while somebody reads or replaces the fields
	// below, logging in included, so that one log-in serves all. It is a
	// channel because a wait for it must end with its context.
	turn chan struct{}
	id   identity // its token is empty before the first log-in
}

func newSession(d *doorman, a Account, id identity) *session {
	return &session{doorman: d, account: a, turn: make(chan struct{}, 1), id: id}
}

// bearer returns the token, and logs in first where there is none. A nil
// session has the empty token.
func (s *session) bearer(ctx context.Context) (string, error) {
	if s == nil {
		return "", nil
	}
	return s.tokenOtherThan(ctx, "")
}

// renew replaces a token that the server has refused.
func (s *session) renew(ctx context.Context, stale string) error {
	_, err := s.tokenOtherThan(ctx, stale)
	return err
}

func (s *session) tokenOtherThan(ctx context.Context, stale string) (string, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	if s.id.Token != stale {
		return s.id.Token, nil
	}
	id, err := s.doorman.mustLogIn(ctx, s.account)
	if err != nil {
		return "", err
	}
	s.id = id
	return id.Token, nil
}
