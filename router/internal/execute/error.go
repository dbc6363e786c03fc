package execute

import (
	"strconv"
	"time"
)

// Codes that this package gives to errors of its own.
const (
	CodeDownstream = "DOWNSTREAM_SERVICE_ERROR"
	CodeTimeout    = "TIMEOUT"
	CodeInternal   = "INTERNAL"
)

// Error is one entry of the errors list.
type Error struct {
	Message string
	Path    Path
	Code    string
	// Line and Column are the place in the client's document, or 0.
	Line, Column int
	// Service is the subgraph that the error is of. Clients see it with
	// CodeDownstream and CodeTimeout only.
	Service string
	// RetryAfter is shown in seconds where it is not zero.
	RetryAfter time.Duration
	// Extensions are further members that a subgraph's error carried, as JSON
	// values.
	Extensions []Extension
	// unknown is set where a subgraph says that there is no such entity.
	unknown bool
	// copied is set where rendering reports a cause.
	copied bool
}

// Extension is one member of an error's extensions.
type Extension struct {
	Name  string
	Value []byte
}

// Path is the position of an error in the response.
type Path []PathElement

// PathElement is a response name, or a list index where Name is "".
type PathElement struct {
	Name  string
	Index int
	// key is the data key of a name: fields that are fetched for the join only
	// may have the name of another.
	key string
}

// appendPath writes the path as JSON.
func (p Path) appendPath(out []byte) []byte {
	out = append(out, '[')
	for i, e := range p {
		if i > 0 {
			out = append(out, ',')
		}
		if e.Name != "" {
			out = appendString(out, e.Name)
		} else {
			out = strconv.AppendInt(out, int64(e.Index), 10)
		}
	}
	return append(out, ']')
}

// Append writes the error as JSON. The trace id goes into its extensions.
func (e *Error) Append(out []byte, traceID string) []byte {
	out = append(out, `{"message":`...)
	out = appendString(out, e.Message)
	if e.Line > 0 {
		out = append(out, `,"locations":[{"line":`...)
		out = strconv.AppendInt(out, int64(e.Line), 10)
		out = append(out, `,"column":`...)
		out = strconv.AppendInt(out, int64(e.Column), 10)
		out = append(out, `}]`...)
	}
	if len(e.Path) > 0 {
		out = append(out, `,"path":`...)
		out = e.Path.appendPath(out)
	}
	out = append(out, `,"extensions":{"code":`...)
	out = appendString(out, e.Code)
	if e.Service != "" && (e.Code == CodeDownstream || e.Code == CodeTimeout) {
		out = append(out, `,"serviceName":`...)
		out = appendString(out, e.Service)
	}
	if e.RetryAfter > 0 {
		out = append(out, `,"retryAfter":`...)
		out = strconv.AppendFloat(out, e.RetryAfter.Seconds(), 'f', -1, 64)
	}
	for _, x := range e.Extensions {
		out = append(out, ',')
		out = appendString(out, x.Name)
		out = append(out, ':')
		out = append(out, x.Value...)
	}
	if traceID != "" {
		out = append(out, `,"traceId":`...)
		out = appendString(out, traceID)
	}
	return append(out, '}', '}')
}
