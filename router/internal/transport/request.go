package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
)

// Request is a GraphQL request.
type Request struct {
	Query         string
	OperationName string
	// Variables and Extensions are JSON objects, or nil.
	Variables  []byte
	Extensions []byte
	// ReadOnly is set for a GET, which must not carry a mutation.
	ReadOnly bool
}

// Error is a request that cannot be read.
type Error struct {
	Status  int
	Message string
}

func (e *Error) Error() string { return e.Message }

func bad(format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Message: fmt.Sprintf(format, args...)}
}

// Read takes the GraphQL request out of an HTTP request. maxBytes bounds the
// body of a POST and the query string of a GET.
func Read(r *http.Request, maxBytes int64) (*Request, *Error) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return readURL(r, maxBytes)
	case http.MethodPost:
		return readBody(r, maxBytes)
	default:
		return nil, &Error{Status: http.StatusMethodNotAllowed, Message: "Use POST, or GET for queries."}
	}
}

func readURL(r *http.Request, maxBytes int64) (*Request, *Error) {
	if int64(len(r.URL.RawQuery)) > maxBytes {
		return nil, &Error{Status: http.StatusRequestURITooLong, Message: "The query string is too long."}
	}
	q := r.URL.Query()
	out := &Request{ReadOnly: true, Query: q.Get("query"), OperationName: q.Get("operationName")}
	if out.Query == "" {
		return nil, bad("The parameter query is missing.")
	}
	var err *Error
	if out.Variables, err = object("variables", []byte(q.Get("variables"))); err != nil {
		return nil, err
	}
	if out.Extensions, err = object("extensions", []byte(q.Get("extensions"))); err != nil {
		return nil, err
	}
	return out, nil
}

func readBody(r *http.Request, maxBytes int64) (*Request, *Error) {
	if err := checkContentType(r.Header.Get("Content-Type")); err != nil {
		return nil, err
	}
	body, err := readAll(r, maxBytes)
	if err != nil {
		return nil, err
	}
	var fields struct {
		Query         json.RawMessage `json:"query"`
		OperationName json.RawMessage `json:"operationName"`
		Variables     json.RawMessage `json:"variables"`
		Extensions    json.RawMessage `json:"extensions"`
	}
	if err := json.Unmarshal(body, &fields); err != nil {
		if trimmed := bytes.TrimSpace(body); len(trimmed) > 0 && trimmed[0] == '[' {
			return nil, bad("Send one request at a time: batches are not supported.")
		}
		return nil, bad("The body is not a JSON object.")
	}
	out := &Request{}
	if out.Query, err = text("query", fields.Query); err != nil {
		return nil, err
	}
	if out.OperationName, err = text("operationName", fields.OperationName); err != nil {
		return nil, err
	}
	if out.Variables, err = object("variables", fields.Variables); err != nil {
		return nil, err
	}
	if out.Extensions, err = object("extensions", fields.Extensions); err != nil {
		return nil, err
	}
	if out.Query == "" {
		return nil, bad("The member query is missing.")
	}
	return out, nil
}

// checkContentType accepts JSON in UTF-8 only. This is also what keeps simple
// forms of foreign pages out.
func checkContentType(header string) *Error {
	mediaType, params, err := mime.ParseMediaType(header)
	if err != nil || mediaType != "application/json" {
		return &Error{Status: http.StatusUnsupportedMediaType, Message: "Send the header Content-Type: application/json."}
	}
	if cs := params["charset"]; cs != "" && !strings.EqualFold(cs, "utf-8") {
		return &Error{Status: http.StatusUnsupportedMediaType, Message: "Send the body in UTF-8."}
	}
	return nil
}

func readAll(r *http.Request, maxBytes int64) ([]byte, *Error) {
	if r.ContentLength > maxBytes {
		return nil, tooLarge(maxBytes)
	}
	var b bytes.Buffer
	if r.ContentLength > 0 {
		b.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	n, err := b.ReadFrom(io.LimitReader(r.Body, maxBytes+1))
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &tooBig) || n > maxBytes:
		return nil, tooLarge(maxBytes)
	case err != nil:
		return nil, bad("The body could not be read to its end.")
	case n == 0:
		return nil, bad("The body is empty.")
	}
	return b.Bytes(), nil
}

func tooLarge(maxBytes int64) *Error {
	return &Error{Status: http.StatusRequestEntityTooLarge, Message: fmt.Sprintf("The body is too large: at most %d bytes are allowed.", maxBytes)}
}

func isNull(raw []byte) bool { return len(raw) == 0 || string(raw) == "null" }

func text(name string, raw json.RawMessage) (string, *Error) {
	if isNull(raw) {
		return "", nil
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", bad("The member %s is not a string.", name)
	}
	return s, nil
}

func object(name string, raw []byte) ([]byte, *Error) {
	raw = bytes.TrimSpace(raw)
	if isNull(raw) {
		return nil, nil
	}
	if raw[0] != '{' || !json.Valid(raw) {
		return nil, bad("The member %s is not an object.", name)
	}
	return raw, nil
}
