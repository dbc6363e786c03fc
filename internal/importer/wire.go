package importer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// The error codes of the API that the importer acts upon.
const (
	codeOverloaded      = "OVERLOADED"
	codeRateLimited     = "RATE_LIMITED"
	codeTimeout         = "TIMEOUT"
	codeDownstream      = "DOWNSTREAM_SERVICE_ERROR"
	codeUnauthenticated = "UNAUTHENTICATED"

	codeHandleTaken      = "HANDLE_TAKEN"
	codeWrongCredentials = "WRONG_CREDENTIALS"
)

// maxAnswer bounds an answer in bytes. The largest ones asked for are a few
// hundred list entries.
const maxAnswer = 16 << 20

// template is one root field that may stand several times in a document, under
// the aliases x0, x1 and so on. A # in its params and field is the number.
// Documents of one template and one size are equal to the byte, so the router
// plans each once.
type template struct {
	operation string // "mutation" or "query"
	name      string // operation name
	params    string // "$id#: ID!"
	field     string // "user(id: $id#) { id }"
}

func (t template) document(n int) string {
	var b strings.Builder
	b.WriteString(t.operation + " " + t.name)
	if t.params != "" {
		b.WriteByte('(')
		for i := range n {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(numbered(t.params, i))
		}
		b.WriteByte(')')
	}
	b.WriteString(" {\n")
	for i := range n {
		b.WriteString("  " + alias(i) + ": " + numbered(t.field, i) + "\n")
	}
	b.WriteString("}\n")
	return b.String()
}

func numbered(s string, i int) string { return strings.ReplaceAll(s, "#", strconv.Itoa(i)) }

func alias(i int) string { return "x" + strconv.Itoa(i) }

// vars are the variables of one field, named without their number.
type vars map[string]any

// body renders the request for one field per element of items.
func (t template) body(items []vars) ([]byte, error) {
	variables := make(map[string]any)
	for i, item := range items {
		for name, value := range item {
			variables[name+strconv.Itoa(i)] = value
		}
	}
	return json.Marshal(struct {
		Query         string         `json:"query"`
		OperationName string         `json:"operationName"`
		Variables     map[string]any `json:"variables"`
	}{t.document(len(items)), t.name, variables})
}

// answer is what the server said to a document.
type answer struct {
	Data   map[string]json.RawMessage `json:"data"`
	Errors []wireError                `json:"errors"`
}

type wireError struct {
	Message    string `json:"message"`
	Path       []any  `json:"path"`
	Extensions struct {
		Code        string `json:"code"`
		TraceID     string `json:"traceId"`
		ServiceName string `json:"serviceName"`
		RetryAfter  any    `json:"retryAfter"` // seconds
	} `json:"extensions"`
}

// fault is a top-level error that an answer carries for one field.
type fault struct {
	code       string
	message    string
	retryAfter time.Duration // zero: not said
}

func (f *fault) Error() string { return f.code + ": " + f.message }

// outcome is what came of one field: its data, or the fault that blanked it or
// a part of it.
type outcome struct {
	data  json.RawMessage
	fault *fault
}

// decodeAnswer reads a bounded answer. Anything that is no GraphQL answer is
// an error.
func decodeAnswer(r io.Reader) (answer, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxAnswer+1))
	if err != nil {
		return answer{}, err
	}
	if len(raw) > maxAnswer {
		return answer{}, fmt.Errorf("answer of more than %d bytes", maxAnswer)
	}
	var a answer
	if err := json.NewDecoder(bytes.NewReader(raw)).Decode(&a); err != nil {
		return answer{}, fmt.Errorf("no GraphQL answer: %w", err)
	}
	if a.Data == nil && len(a.Errors) == 0 {
		return answer{}, fmt.Errorf("no GraphQL answer: neither data nor errors")
	}
	return a, nil
}

// outcomes sorts the answer by field. An error below a field is that field's;
// one without a path concerns every field without data.
func (a answer) outcomes(n int) []outcome {
	out := make([]outcome, n)
	at := make(map[string]int, n)
	for i := range n {
		out[i].data = a.Data[alias(i)]
		at[alias(i)] = i
	}
	for _, e := range a.Errors {
		f := e.fault()
		if i, ok := e.field(at); ok {
			out[i].fault = firstFault(out[i].fault, f)
			continue
		}
		for i := range out {
			if isNull(out[i].data) {
				out[i].fault = firstFault(out[i].fault, f)
			}
		}
	}
	return out
}

func (e wireError) field(at map[string]int) (int, bool) {
	if len(e.Path) == 0 {
		return 0, false
	}
	name, _ := e.Path[0].(string)
	i, ok := at[name]
	return i, ok
}

func (e wireError) fault() *fault {
	f := &fault{code: e.Extensions.Code, message: e.Message}
	if f.code == "" {
		f.code = "no code"
	}
	if e.Extensions.ServiceName != "" {
		f.message += " (service " + e.Extensions.ServiceName + ")"
	}
	if e.Extensions.TraceID != "" {
		f.message += " (trace " + e.Extensions.TraceID + ")"
	}
	if seconds, ok := e.Extensions.RetryAfter.(float64); ok && seconds > 0 {
		f.retryAfter = time.Duration(min(seconds, 3600) * float64(time.Second))
	}
	return f
}

func firstFault(have, next *fault) *fault {
	if have != nil {
		return have
	}
	return next
}

func isNull(data json.RawMessage) bool { return len(data) == 0 || string(data) == "null" }
