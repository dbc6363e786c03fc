package difftest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// Faults between the client and the router: what a client would see of a
// router that has them.

// forward sends another body to the router and returns what it answers.
func forward(next http.HandlerFunc, r *http.Request, body []byte) *httptest.ResponseRecorder {
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	again.ContentLength = int64(len(body))
	rec := httptest.NewRecorder()
	next(rec, again)
	return rec
}

// reverseMutation has the fields of a mutation run from the last to the first
// and puts the answer into the right order again.
func reverseMutation(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		changed := editRequest(body, func(in *request) bool {
			doc, err := parser.ParseQuery(&ast.Source{Input: in.Query})
			if err != nil || doc.Operations[0].Operation != ast.Mutation {
				return false
			}
			slices.Reverse(doc.Operations[0].SelectionSet)
			in.Query = printQuery(doc)
			return true
		})
		if changed == nil {
			changed = body
		}
		rec := forward(next, r, changed)
		_, _ = w.Write(reverseMembers(rec.Body.Bytes()))
	}
}

// reverseMembers reverses the members of an answer's data.
func reverseMembers(answer []byte) []byte {
	var in struct {
		Data   json.RawMessage `json:"data"`
		Errors json.RawMessage `json:"errors,omitempty"`
	}
	if json.Unmarshal(answer, &in) != nil || in.Errors != nil {
		return answer
	}
	dec := json.NewDecoder(bytes.NewReader(in.Data))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return answer
	}
	var members [][]byte
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return answer
		}
		var v json.RawMessage
		if dec.Decode(&v) != nil {
			return answer
		}
		key, _ := json.Marshal(name)
		members = append(members, slices.Concat(key, []byte(":"), v))
	}
	slices.Reverse(members)
	return slices.Concat([]byte(`{"data":{`), bytes.Join(members, []byte(",")), []byte(`}}`))
}

// answered is a router's answer as faults change it.
type answered struct {
	Errors []map[string]any `json:"errors,omitempty"`
	Data   json.RawMessage  `json:"data"`
}

// editErrors changes the errors of an answer that has some.
func editErrors(edit func([]map[string]any) []map[string]any) func(next http.HandlerFunc) http.HandlerFunc {
	return editOutcome(func(a *answered) bool {
		if len(a.Errors) == 0 {
			return false
		}
		a.Errors = edit(a.Errors)
		return true
	})
}

func editOutcome(edit func(*answered) bool) func(next http.HandlerFunc) http.HandlerFunc {
	return func(next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			out := forward(next, r, body).Body.Bytes()
			var a answered
			if json.Unmarshal(out, &a) == nil && edit(&a) {
				out, _ = json.Marshal(a)
			}
			_, _ = w.Write(out)
		}
	}
}

func dropLastError(list []map[string]any) []map[string]any { return list[:len(list)-1] }

func doubleError(list []map[string]any) []map[string]any { return append(list, list[0]) }

func misattribute(list []map[string]any) []map[string]any {
	for _, e := range list {
		if x, ok := e["extensions"].(map[string]any); ok {
			x["serviceName"] = "another"
		}
	}
	return list
}

func withoutCode(list []map[string]any) []map[string]any {
	for _, e := range list {
		if x, ok := e["extensions"].(map[string]any); ok {
			delete(x, "code")
		}
	}
	return list
}

func withoutIndices(list []map[string]any) []map[string]any {
	for _, e := range list {
		if path, ok := e["path"].([]any); ok {
			e["path"] = slices.DeleteFunc(path, func(p any) bool { _, index := p.(float64); return index })
		}
	}
	return list
}

// blankData makes null of the first member of the data that has something.
var blankData = editOutcome(func(a *answered) bool {
	data, ok := decode(a.Data).(map[string]any)
	if !ok {
		return false
	}
	for _, name := range sortedNames(data) {
		if data[name] != nil {
			data[name] = nil
			a.Data = json.RawMessage(canonical(data))
			return true
		}
	}
	return false
})

// keepNull leaves an empty object where an error made null of one.
var keepNull = editOutcome(func(a *answered) bool {
	data := decode(a.Data)
	for _, e := range a.Errors {
		path, _ := e["path"].([]any)
		if instead(&data, path) {
			a.Data = json.RawMessage(canonical(data))
			return true
		}
	}
	return false
})

// instead puts an empty object where a path meets null before its end.
func instead(v *any, path []any) bool {
	if len(path) == 0 {
		return false
	}
	switch x := (*v).(type) {
	case nil:
		*v = map[string]any{}
		return true
	case map[string]any:
		name, _ := path[0].(string)
		child, ok := x[name]
		if ok && instead(&child, path[1:]) {
			x[name] = child
			return true
		}
	case []any:
		n, ok := path[0].(float64)
		return ok && int(n) < len(x) && instead(&x[int(n)], path[1:])
	}
	return false
}
