package transport

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
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

	budget *Budget
	held   int64
}

// Release gives back what the body held of the budget. It may be called twice.
func (r *Request) Release() {
	if r != nil {
		r.budget.give(r.held)
		r.held = 0
	}
}

// Limits bound what is read.
type Limits struct {
	// Bytes of the body of a POST, also when it is unpacked, and of the query
	// string of a GET.
	Bytes int64
	// Budget is for what is read of all requests together; nil is no bound.
	Budget *Budget
	// Time in which the body must come; 0 is no bound.
	Time time.Duration
}

// Error is a request that cannot be read.
type Error struct {
	Status  int
	Message string
	// NotPersisted is set for a request that names a query by its hash only.
	NotPersisted bool
}

func (e *Error) Error() string { return e.Message }

func bad(format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Message: fmt.Sprintf(format, args...)}
}

// Read takes the GraphQL request out of an HTTP request. What it returns has to
// be released.
func Read(w http.ResponseWriter, r *http.Request, l Limits) (*Request, *Error) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return readURL(r, l)
	case http.MethodPost:
		return readBody(w, r, l)
	default:
		return nil, &Error{Status: http.StatusMethodNotAllowed, Message: "Use POST, or GET for queries."}
	}
}

func readURL(r *http.Request, l Limits) (*Request, *Error) {
	size := int64(len(r.URL.RawQuery))
	if size > l.Bytes {
		return nil, &Error{Status: http.StatusRequestURITooLong, Message: fmt.Sprintf("The query string is too long: at most %d bytes are allowed.", l.Bytes)}
	}
	if !l.Budget.take(size) {
		return nil, crowded()
	}
	out, err := parseURL(r.URL.Query())
	if err != nil {
		l.Budget.give(size)
		return nil, err
	}
	out.budget, out.held = l.Budget, size
	return out, nil
}

func parseURL(q url.Values) (*Request, *Error) {
	out := &Request{ReadOnly: true, Query: q.Get("query"), OperationName: q.Get("operationName")}
	var err *Error
	if out.Variables, err = object("variables", []byte(q.Get("variables"))); err != nil {
		return nil, err
	}
	if out.Extensions, err = object("extensions", []byte(q.Get("extensions"))); err != nil {
		return nil, err
	}
	if out.Query == "" {
		return nil, out.missing("parameter")
	}
	return out, nil
}

// missing says that there is no query. A client that sent its hash instead
// must read so, and then sends the query.
func (r *Request) missing(what string) *Error {
	var x struct {
		PersistedQuery json.RawMessage `json:"persistedQuery"`
	}
	if json.Unmarshal(r.Extensions, &x) == nil && !isNull(x.PersistedQuery) {
		return &Error{Status: http.StatusBadRequest, Message: "PersistedQueryNotFound", NotPersisted: true}
	}
	return bad("The %s query is missing.", what)
}

func readBody(w http.ResponseWriter, r *http.Request, l Limits) (*Request, *Error) {
	if err := checkContentType(r.Header.Get("Content-Type")); err != nil {
		return nil, err
	}
	body, err := receive(w, r, l)
	if err != nil {
		return nil, err
	}
	out, err := parseBody(body)
	if err != nil {
		l.Budget.give(int64(cap(body)))
		return nil, err
	}
	out.budget, out.held = l.Budget, int64(cap(body))
	return out, nil
}

func parseBody(body []byte) (*Request, *Error) {
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
	var err *Error
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
		return nil, out.missing("member")
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
