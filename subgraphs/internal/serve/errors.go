package serve

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/starlinghq/starling/internal/account"
	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
	"github.com/starlinghq/starling/subgraphs/internal/commit"
	"github.com/starlinghq/starling/subgraphs/internal/read"
)

// Code is the extensions.code of a top-level error. Those that a router makes
// by itself are not here.
type Code string

// The codes that subgraphs answer.
const (
	BadUserInput    Code = "BAD_USER_INPUT"
	Unauthenticated Code = "UNAUTHENTICATED"
	Forbidden       Code = "FORBIDDEN"
	RateLimited     Code = "RATE_LIMITED"
	Overloaded      Code = "OVERLOADED"
	Timeout         Code = "TIMEOUT"
	Internal        Code = "INTERNAL"
)

// Codes lists the codes that subgraphs answer.
func Codes() []Code {
	return []Code{BadUserInput, Unauthenticated, Forbidden, RateLimited, Overloaded, Timeout, Internal}
}

// Error is an error with a code, fit to be shown.
type Error struct {
	Code       Code
	Message    string
	RetryAfter time.Duration // with RATE_LIMITED and OVERLOADED
}

func (e *Error) Error() string { return e.Message }

// BadInput is the error for input that no retry will mend.
func BadInput(message string) error { return &Error{Code: BadUserInput, Message: message} }

// Limited is the error for a client that asks too often.
func Limited(after time.Duration) error {
	return &Error{Code: RateLimited, Message: "Too many requests from this address; try again later.", RetryAfter: after}
}

// classify finds the code of an error. Unknown errors have none.
func classify(err error) *Error {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, social.ErrBadID):
		return &Error{Code: BadUserInput, Message: "An id is not valid: " + strings.TrimSuffix(plain(err), ": "+social.ErrBadID.Error()) + "."}
	case errors.Is(err, commit.ErrKeyReused):
		return &Error{Code: BadUserInput, Message: "This idempotency key was used with another input; take a new one."}
	case errors.Is(err, commit.ErrOverloaded): // surely not accepted, whatever was waited for in vain
		return overloaded()
	case errors.Is(err, commit.ErrUnsure), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return &Error{Code: Timeout, Message: "The outcome is not known; the change may have been applied. Retry with the same idempotency key."}
	case errors.Is(err, read.ErrNotYet):
		return &Error{Code: Overloaded, Message: "This id is so new that it is not known here yet; try again.", RetryAfter: time.Second}
	case errors.Is(err, account.ErrBusy), errors.Is(err, store.ErrUnavailable), errors.Is(err, cache.ErrUnavailable):
		return overloaded()
	}
	return nil
}

func overloaded() *Error {
	return &Error{Code: Overloaded, Message: "The service is overloaded; nothing was changed. Try again.", RetryAfter: time.Second}
}

// plain is the text of an error without the place in the document that gqlgen
// puts before it.
func plain(err error) string {
	var g *gqlerror.Error
	if errors.As(err, &g) {
		return g.Message
	}
	return err.Error()
}

// present turns any error into what a client sees, and logs what he does not.
func present(log *slog.Logger) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		out := graphql.DefaultErrorPresenter(ctx, err)
		if out.Extensions["code"] != nil {
			return out // made by gqlgen: the document does not fit the schema
		}
		e := classify(err)
		if e == nil {
			if isInput(out) {
				e = &Error{Code: BadUserInput, Message: out.Message}
			} else {
				log.ErrorContext(ctx, "request failed", "path", out.Path.String(), "error", err)
				e = &Error{Code: Internal, Message: "Something went wrong on our side."}
			}
		}
		out.Message = e.Message
		out.Extensions = map[string]any{"code": string(e.Code)}
		if e.RetryAfter > 0 {
			out.Extensions["retryAfter"] = int(max(1, e.RetryAfter.Round(time.Second)/time.Second))
		}
		return out
	}
}

// isInput tells errors that gqlgen makes while it reads arguments: they wrap
// nothing of ours.
func isInput(e *gqlerror.Error) bool { return e.Err == nil }
