package difftest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/router"
)

// spoiler is a way in which a subgraph fails.
type spoiler struct {
	// call fails the call; the subgraph never sees the request.
	call func(ctx context.Context) error
	// answer changes what the subgraph answers to a request; nil leaves it.
	answer func(s *simulated, request, answer []byte) []byte
	status int
	// tail comes after the answer.
	tail func() io.Reader
}

// slow takes until nobody waits any more. It is left to a test in which time
// costs nothing.
const slow = "slow"

// answerLimit is how long an answer may be in the harness.
const answerLimit = 4 << 20

func constant(text string) func(*simulated, []byte, []byte) []byte {
	return func(*simulated, []byte, []byte) []byte { return []byte(text) }
}

// spoilers are the ways by name.
var spoilers = map[string]*spoiler{
	"down": {call: func(context.Context) error { return &net.OpError{Op: "dial", Net: "tcp", Err: errDown} }},
	slow: {call: func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}},
	"breaks off":             {answer: half, tail: func() io.Reader { return brokenReader{} }},
	"too large":              {tail: func() io.Reader { return io.LimitReader(blanks{}, answerLimit) }},
	"status 500":             {status: http.StatusInternalServerError, answer: constant("oops")},
	"status 503 with errors": {status: http.StatusServiceUnavailable, answer: constant(`{"errors":[{"message":"not now"}]}`)},
	"garbage":                {answer: constant("<html>")},
	"nothing":                {answer: constant(" ")},
	"cut off":                {answer: half},
	"a list":                 {answer: constant("[]")},
	"data null":              {answer: constant(`{"data":null}`)},
	"data is text":           {answer: constant(`{"data":"x"}`)},
	"no members":             {answer: constant(`{}`)},
	"errors":                 {answer: constant(`{"errors":[{"message":"no"}]}`)},
	"errors with data null":  {answer: constant(`{"data":null,"errors":[{"message":"no","path":["_entities"]}]}`)},
	"errors of text":         {answer: member(`"errors":["m"]`)},
	"errors is an object":    {answer: member(`"errors":{}`)},
	"errors with odd paths":  {answer: constant(`{"data":null,"errors":[{"message":"a","path":[]},{"message":"b","path":[1.5,{}]},{"message":5,"path":"x"}]}`)},
	"empty data":             {answer: constant(`{"data":{}}`)},
	"one entity less":        {answer: editEntities(func(l []any) any { return l[:len(l)-1] })},
	"one entity more":        {answer: editEntities(func(l []any) any { return append(l, l[0]) })},
	"entities are null":      {answer: editEntities(func([]any) any { return nil })},
	"entities are an object": {answer: editEntities(func([]any) any { return map[string]any{} })},
	"entities are numbers": {answer: editEntities(func(l []any) any {
		for i := range l {
			l[i] = json.RawMessage("5")
		}
		return l
	})},
	"wrong kinds of leaves":    {answer: editSome(wrongLeaf)},
	"numbers out of range":     {answer: editSome(wrongNumber)},
	"values in lists":          {answer: editSome(inList)},
	"wrong kinds of objects":   {answer: editSome(wrongObject)},
	"wrong kinds of lists":     {answer: editSome(wrongList)},
	"types that are not there": {answer: editSome(wrongType)},
	"null where it may not be": {answer: editSome(wrongNull)},
	"members left out":         {answer: editSome(leaveOut)},
}

// RoundTrip calls the subgraph, or fails in the way it is told to.
func (s *simulated) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.calls++
	sp := s.spoiler
	s.mu.Unlock()
	if sp == nil {
		return router.InProcess(s).RoundTrip(r)
	}
	if sp.call != nil {
		return nil, sp.call(r.Context())
	}
	request, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	in := r.Clone(r.Context())
	in.Body = io.NopCloser(bytes.NewReader(request))
	resp, err := router.InProcess(s).RoundTrip(in)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if sp.answer != nil {
		if changed := sp.answer(s, request, answer); changed != nil {
			answer = changed
		}
	}
	resp.ContentLength = int64(len(answer))
	body := io.Reader(bytes.NewReader(answer))
	if sp.tail != nil {
		body, resp.ContentLength = io.MultiReader(body, sp.tail()), -1
	}
	if sp.status != 0 {
		resp.StatusCode = sp.status
	}
	resp.Body = io.NopCloser(body)
	return resp, nil
}

// brokenReader is a connection that ends too early.
type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// blanks are endless.
type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func half(_ *simulated, _, answer []byte) []byte { return answer[:len(answer)/2] }

// member adds a member to the answer.
func member(text string) func(*simulated, []byte, []byte) []byte {
	return func(_ *simulated, _, answer []byte) []byte {
		return append(answer[:len(answer)-1:len(answer)-1], ","+text+"}"...)
	}
}

// editEntities changes each list of entities.
func editEntities(edit func(list []any) any) func(s *simulated, request, answer []byte) []byte {
	return func(s *simulated, request, answer []byte) []byte {
		return editAnswer(s, request, answer, func(set []*ast.Field, obj map[string]any) bool {
			changed := false
			for _, f := range set {
				if list, ok := obj[f.Alias].([]any); ok && f.Name == "_entities" && len(list) > 0 {
					obj[f.Alias], changed = edit(list), true
				}
			}
			return changed
		})
	}
}

// editSome changes every third value that an edit has something for.
func editSome(edit func(s *simulated, f *ast.Field, obj map[string]any) (any, bool)) func(s *simulated, request, answer []byte) []byte {
	return func(s *simulated, request, answer []byte) []byte {
		n := 0
		return editAnswer(s, request, answer, func(set []*ast.Field, obj map[string]any) bool {
			changed := false
			for _, f := range set {
				if _, there := obj[f.Alias]; !there || f.Definition == nil || f.Name == "_entities" {
					continue
				}
				v, ok := edit(s, f, obj)
				if !ok {
					continue
				}
				if n++; n%3 != 1 {
					continue
				}
				changed = true
				if v == (leftOut{}) {
					delete(obj, f.Alias)
				} else {
					obj[f.Alias] = v
				}
			}
			return changed
		})
	}
}

// leftOut stands for a member that is not there.
type leftOut struct{}

func leaveOut(*simulated, *ast.Field, map[string]any) (any, bool) { return leftOut{}, true }

// checked reports whether a field is a leaf whose kind the router can know.
func (s *simulated) checked(f *ast.Field) bool {
	d := s.schema.Types[f.Definition.Type.Name()]
	return f.Name != "__typename" && d != nil && (d.Kind == ast.Enum || d.BuiltIn && d.Kind == ast.Scalar)
}

func wrongLeaf(s *simulated, f *ast.Field, obj map[string]any) (any, bool) {
	if !s.checked(f) || obj[f.Alias] == nil || f.Definition.Type.Elem != nil {
		return nil, false
	}
	switch f.Definition.Type.NamedType {
	case "Int", "Float", "Boolean":
		return json.RawMessage(`"x"`), true
	default:
		return json.RawMessage("true"), true
	}
}

func wrongNumber(_ *simulated, f *ast.Field, obj map[string]any) (any, bool) {
	if f.Definition.Type.NamedType != "Int" || obj[f.Alias] == nil {
		return nil, false
	}
	if strings.HasSuffix(canonical(obj[f.Alias]), "1") {
		return json.RawMessage("1.5"), true
	}
	return json.RawMessage("3e9"), true
}

func inList(s *simulated, f *ast.Field, obj map[string]any) (any, bool) {
	return []any{obj[f.Alias]}, s.checked(f) && f.Definition.Type.Elem == nil
}

func wrongObject(_ *simulated, f *ast.Field, obj map[string]any) (any, bool) {
	_, ok := obj[f.Alias].(map[string]any)
	return json.RawMessage(`"an object"`), ok && len(f.SelectionSet) > 0 // a custom scalar may be anything
}

func wrongList(_ *simulated, f *ast.Field, obj map[string]any) (any, bool) {
	_, ok := obj[f.Alias].([]any)
	return map[string]any{}, ok && f.Definition.Type.Elem != nil
}

func wrongType(_ *simulated, f *ast.Field, _ map[string]any) (any, bool) {
	return json.RawMessage(`"Nobody"`), f.Name == "__typename"
}

// wrongNull gives null where no client may find it: what is nullable for
// clients may be null, whatever one subgraph promises.
func wrongNull(s *simulated, f *ast.Field, obj map[string]any) (any, bool) {
	t := s.typeNamed(f.ObjectDefinition.Name)
	if t == nil || t.Field(f.Name) == nil {
		return nil, false
	}
	return nil, t.Field(f.Name).Type.NonNull && f.Definition.Type.NonNull && obj[f.Alias] != nil
}
