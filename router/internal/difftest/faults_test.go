package difftest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"sort"
	"strings"

	"github.com/starlinghq/starling/router/internal/operation/operationtest"
)

// spoilers are the ways in which a subgraph's answers can be bad.
var spoilers = map[string]func(answer []byte) (int, []byte){
	"status 500": func([]byte) (int, []byte) { return http.StatusInternalServerError, []byte("oops") },
	"garbage":    func([]byte) (int, []byte) { return http.StatusOK, []byte("<html>") },
	"cut off":    func(a []byte) (int, []byte) { return http.StatusOK, a[:len(a)/2] },
	"data null":  func([]byte) (int, []byte) { return http.StatusOK, []byte(`{"data":null}`) },
	"errors":     func([]byte) (int, []byte) { return http.StatusOK, []byte(`{"errors":[{"message":"no"}]}`) },
	"errors of text": func(a []byte) (int, []byte) {
		return http.StatusOK, append(a[:len(a)-1:len(a)-1], `,"errors":["m"]}`...)
	},
	"one entity less":  func(a []byte) (int, []byte) { return http.StatusOK, oneLess.ReplaceAll(a, []byte(`$1[]`)) },
	"numbers as lists": func(a []byte) (int, []byte) { return http.StatusOK, numbers.ReplaceAll(a, []byte(`:[]$1`)) },
	"empty":            func([]byte) (int, []byte) { return http.StatusOK, []byte(`{"data":{}}`) },
}

var (
	oneLess = regexp.MustCompile(`("_entities":|"f1":)\[.*\]`)
	numbers = regexp.MustCompile(`:[0-9]+(\.[0-9]+)?([,}])`)
)

// compareFaulty runs an operation while one subgraph's answers are bad: what
// is there must be right, and what is missing must be explained by an error
// that names the subgraph.
func (h *harness) compareFaulty(op operationtest.Operation, r *rand.Rand) (outcome, string) {
	want, err := h.oracle(op)
	if err != nil {
		return wrong, err.Error()
	}
	names := make([]string, 0, len(h.subgraphs))
	for n := range h.subgraphs {
		names = append(names, n)
	}
	sort.Strings(names)
	kinds := make([]string, 0, len(spoilers))
	for k := range spoilers {
		kinds = append(kinds, k)
	}
	sort.Strings(kinds)
	bad, kind := h.subgraphs[names[r.IntN(len(names))]], kinds[r.IntN(len(kinds))]
	bad.spoil, bad.calls = spoilers[kind], 0
	defer func() { bad.spoil = nil }()
	body, got := h.ask(op)
	for _, s := range h.subgraphs {
		if len(s.faults) > 0 {
			text := strings.Join(s.faults, "\n")
			s.faults = nil
			return wrong, kind + " of " + bad.graph.Name + " makes a fault: " + text + "\ngot  " + got + h.plan(body)
		}
	}
	if bad.calls == 0 {
		if got != `{"data":`+want+`}` {
			return wrong, "nothing was asked of " + bad.graph.Name + " and yet\ngot  " + got + "\nwant " + want
		}
		return equal, ""
	}
	var answer struct {
		Data   json.RawMessage `json:"data"`
		Errors []struct {
			Path       []any `json:"path"`
			Extensions struct {
				Code        string `json:"code"`
				ServiceName string `json:"serviceName"`
			} `json:"extensions"`
		} `json:"errors"`
	}
	if err := json.Unmarshal([]byte(got), &answer); err != nil {
		return wrong, kind + ": the answer is not JSON: " + got
	}
	seen := make(map[string]bool)
	var paths []string
	for _, e := range answer.Errors {
		p := pathText(e.Path)
		if seen[p] {
			return wrong, kind + ": two errors at " + p + ": " + got
		}
		seen[p] = true
		if e.Extensions.ServiceName == bad.graph.Name && e.Extensions.Code != "" && len(e.Path) > 0 {
			paths = append(paths, p)
		}
	}
	if text := covered(decode(answer.Data), decode(json.RawMessage(want)), "/", paths); text != "" {
		return wrong, fmt.Sprintf("%s of %s: %s\ngot  %s\nwant %s%s", kind, bad.graph.Name, text, got, want, h.plan(body))
	}
	return equal, ""
}

// pathText writes a path so that above and below are prefixes.
func pathText(path []any) string {
	var b bytes.Buffer
	b.WriteByte('/')
	for _, p := range path {
		fmt.Fprintf(&b, "%v/", p)
	}
	return b.String()
}

// covered compares an answer with what it should be: equal, or null with an
// error at, above or below.
func covered(got, want any, at string, errors []string) string {
	if got == nil && want != nil {
		for _, e := range errors {
			if strings.HasPrefix(at, e) || strings.HasPrefix(e, at) {
				return ""
			}
		}
		return "null at " + at + " is not explained"
	}
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok || len(g) != len(w) {
			return "an object is different at " + at
		}
		for name := range w {
			if text := covered(g[name], w[name], at+name+"/", errors); text != "" {
				return text
			}
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return "a list is different at " + at
		}
		for i := range w {
			if text := covered(g[i], w[i], fmt.Sprintf("%s%d/", at, i), errors); text != "" {
				return text
			}
		}
	default:
		if canonical(got) != canonical(want) {
			return fmt.Sprintf("%s is %s, want %s", at, canonical(got), canonical(want))
		}
	}
	return ""
}
