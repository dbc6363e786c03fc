package router

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/starlinghq/starling/router/internal/execute"
	"github.com/starlinghq/starling/router/internal/operation"
)

// The codes of errors in an answer. The list is closed for the router's own
// errors; an error of a subgraph keeps its code.
const (
	// CodeParse: the document is not GraphQL, or has too many tokens.
	CodeParse = operation.CodeParse
	// CodeValidation: the document does not fit the schema or a limit.
	CodeValidation = operation.CodeValidation
	// CodeInput: the body, the variables or an argument are not valid.
	CodeInput = operation.CodeInput
	// CodeNotPersisted: the request names a query by its hash only, and this
	// router keeps none. Clients look for this string and send the query; at
	// "not supported", which would save them asking, those for phones give up.
	CodeNotPersisted = "PERSISTED_QUERY_NOT_FOUND"
	// CodeUnauthenticated: a token is missing, bad or expired.
	CodeUnauthenticated = "UNAUTHENTICATED"
	// CodeForbidden: the viewer may not do or see this.
	CodeForbidden = "FORBIDDEN"
	// CodeRateLimited: too many requests; retryAfter says when to come back.
	CodeRateLimited = "RATE_LIMITED"
	// CodeOverloaded: the router is too busy; surely nothing was done.
	CodeOverloaded = "OVERLOADED"
	// CodeTimeout: no answer in time; it may have been done.
	CodeTimeout = "TIMEOUT"
	// CodeDownstream: a subgraph, named by serviceName, failed.
	CodeDownstream = execute.CodeDownstream
	// CodeInternal: a fault of the router; the trace id finds it in the log.
	CodeInternal = execute.CodeInternal
)

var codesOfRouter = []string{
	CodeParse, CodeValidation, CodeInput, CodeNotPersisted, CodeUnauthenticated, CodeForbidden, CodeRateLimited, CodeOverloaded, CodeTimeout,
	CodeDownstream, CodeInternal,
}

// Codes lists the codes of the router's own errors.
func Codes() []string { return slices.Clone(codesOfRouter) }

// Error is an error in an answer. An [Authenticator] returns one to refuse a
// request in words of its own.
type Error struct {
	// Code is one of [Codes].
	Code string
	// Message is for people; clients read it as it is.
	Message string
	// Status is the HTTP status of an answer that consists of this error; 0 is
	// the one of the code.
	Status int
	// RetryAfter is when to try again, or 0.
	RetryAfter time.Duration
	// Line and Column are the place in the document, or 0.
	Line, Column int
	// Extensions are further members of the error's extensions, as JSON.
	Extensions map[string]json.RawMessage
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// statusOf is the HTTP status of an answer without data.
func statusOf(code string) int {
	switch code {
	case CodeParse, CodeValidation, CodeInput, CodeNotPersisted:
		return http.StatusBadRequest
	case CodeUnauthenticated:
		return http.StatusUnauthorized
	case CodeForbidden:
		return http.StatusForbidden
	case CodeRateLimited:
		return http.StatusTooManyRequests
	case CodeOverloaded:
		return http.StatusServiceUnavailable
	case CodeTimeout:
		return http.StatusGatewayTimeout
	case CodeDownstream:
		return http.StatusBadGateway
	default:
		return http.StatusInternalServerError
	}
}

// withStatus fills the status in.
func (e *Error) withStatus() *Error {
	out := *e
	if out.Status == 0 {
		out.Status = statusOf(out.Code)
	}
	return &out
}

func newError(code, message string) *Error {
	return &Error{Code: code, Message: message, Status: statusOf(code)}
}

func overloaded() *Error {
	e := newError(CodeOverloaded, "The server is too busy right now; nothing was done. Try again in a moment.")
	e.RetryAfter = time.Second
	return e
}

func fromOperation(e *operation.Error) *Error {
	return &Error{Code: e.Code, Message: e.Message, Status: statusOf(e.Code), Line: e.Line, Column: e.Column}
}

func fromOperations(list []*operation.Error) []*Error {
	out := make([]*Error, len(list))
	for i, e := range list {
		out[i] = fromOperation(e)
	}
	return out
}
