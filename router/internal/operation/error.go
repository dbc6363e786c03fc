package operation

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Codes of what can be wrong with a request.
const (
	CodeParse      = "GRAPHQL_PARSE_FAILED"
	CodeValidation = "GRAPHQL_VALIDATION_FAILED"
	CodeInput      = "BAD_USER_INPUT"
)

// Error is one fault of a client's request.
type Error struct {
	Code    string
	Message string
	// Line and Column count from 1 and are 0 where there is no position.
	Line, Column int
}

func (e *Error) Error() string { return e.Message }

func invalid(p *ast.Position, message string) *Error {
	return at(p, CodeValidation, message)
}

func at(p *ast.Position, code, message string) *Error {
	e := &Error{Code: code, Message: message}
	if p != nil {
		e.Line, e.Column = p.Line, p.Column
	}
	return e
}

func fromList(list gqlerror.List, code string) []*Error {
	out := make([]*Error, 0, len(list))
	for _, g := range list {
		e := &Error{Code: code, Message: g.Message}
		if len(g.Locations) > 0 {
			e.Line, e.Column = g.Locations[0].Line, g.Locations[0].Column
		}
		out = append(out, e)
	}
	return out
}
