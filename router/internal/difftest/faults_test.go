package difftest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/starlinghq/starling/router/internal/operation/operationtest"
)

// reply is a router's answer as a client reads it.
type reply struct {
	Data   json.RawMessage `json:"data"`
	Errors []struct {
		Message    string `json:"message"`
		Path       []any  `json:"path"`
		Extensions struct {
			Code        string `json:"code"`
			ServiceName string `json:"serviceName"`
		} `json:"extensions"`
	} `json:"errors"`
}

// readReply reads an answer and checks what holds of every one: each error has
// a code and a path, and no two have the same path.
func readReply(got string) (*reply, error) {
	var a reply
	if err := json.Unmarshal([]byte(got), &a); err != nil {
		return nil, fmt.Errorf("the answer is not JSON: %s", got)
	}
	if len(a.Data) == 0 {
		return nil, fmt.Errorf("the answer has no data: %s", got)
	}
	seen := make(map[string]bool)
	for _, e := range a.Errors {
		p := pathText(e.Path)
		switch {
		case seen[p]:
			return nil, fmt.Errorf("two errors at %s: %s", p, got)
		case len(e.Path) == 0:
			return nil, fmt.Errorf("an error has no path: %s", got)
		case e.Extensions.Code == "":
			return nil, fmt.Errorf("an error has no code: %s", got)
		}
		seen[p] = true
	}
	return &a, nil
}

// pick draws a subgraph and a way in which its answers are bad.
func (h *harness) pick(r *rand.Rand) (subgraph, kind string) {
	names, kinds := sortedNames(h.subgraphs), sortedNames(spoilers)
	kinds = slices.DeleteFunc(kinds, func(k string) bool { return k == slow })
	return names[r.IntN(len(names))], kinds[r.IntN(len(kinds))]
}

// drawTrouble draws what goes wrong around an operation: fields that give
// errors, or a subgraph that fails.
func (h *harness) drawTrouble(r *rand.Rand) (tr trouble) {
	if tr.broken = r.IntN(3) == 0; !tr.broken {
		tr.bad, tr.kind = h.pick(r)
	}
	return tr
}

// compareSpoiled runs an operation while the answers of one subgraph are bad:
// what is there must be right, what is missing must be explained by an error
// that names the subgraph, and if it was not asked the answer is whole.
func (h *harness) compareSpoiled(op operationtest.Operation, bad *simulated, kind string) (outcome, string) {
	want, err := h.oracle(op)
	if err != nil {
		return wrong, "oracle: " + err.Error()
	}
	bad.spoiler, bad.calls = spoilers[kind], 0
	defer func() { bad.spoiler = nil }()
	body, got := h.ask(op)
	about := func(text string) (outcome, string) {
		return wrong, fmt.Sprintf("%s\nwhile the answers of %s are bad: %s\ngot  %s\nwant %s%s", text, bad.graph.Name, kind, got, want, h.plan(body))
	}
	if faults := h.takeFaults(); len(faults) > 0 {
		return about("faults: " + strings.Join(faults, "\n"))
	}
	if strings.Contains(got, "cannot be planned") {
		return refused, h.logged.String()
	}
	if bad.calls == 0 {
		if got != `{"data":`+want+`}` {
			return about("nothing was asked of " + bad.graph.Name)
		}
		return equal, ""
	}
	answer, err := readReply(got)
	if err != nil {
		return about(err.Error())
	}
	var paths []string
	for _, e := range answer.Errors {
		if e.Extensions.ServiceName != bad.graph.Name {
			return about(fmt.Sprintf("the error at %v names %q", e.Path, e.Extensions.ServiceName))
		}
		paths = append(paths, pathText(e.Path))
	}
	if text := covered(decode(answer.Data), decode(json.RawMessage(want)), "/", paths); text != "" {
		return about(text)
	}
	return equal, ""
}

// compareBroken runs an operation in a world where some fields give errors:
// the data is the oracle's after null has risen, every error is one of the
// oracle's, and every null has one.
func (h *harness) compareBroken(op operationtest.Operation, seed uint64) (outcome, string) {
	sound, err := h.oracle(op)
	if err != nil {
		return wrong, "oracle: " + err.Error()
	}
	h.world.broken = breakSome(h.world.schema, seed)
	defer func() { h.world.broken = nil }()
	want, err := h.oracle(op)
	if err != nil {
		return wrong, "oracle: " + err.Error()
	}
	known := make(map[string]bool)
	for _, f := range h.failures {
		known[pathText(f.path)] = true
	}
	body, got := h.ask(op)
	about := func(text string) (outcome, string) {
		return wrong, fmt.Sprintf("%s\nwhile fields are broken at %v\ngot  %s\nwant %s%s", text, sortedNames(known), got, want, h.plan(body))
	}
	if faults := h.takeFaults(); len(faults) > 0 {
		return about("faults: " + strings.Join(faults, "\n"))
	}
	if strings.Contains(got, "cannot be planned") {
		return refused, h.logged.String()
	}
	answer, err := readReply(got)
	if err != nil {
		return about(err.Error())
	}
	if string(answer.Data) != want {
		return about("data is not the oracle's")
	}
	var paths []string
	for _, e := range answer.Errors {
		p := pathText(e.Path)
		if !known[p] {
			return about("the error at " + p + " is none of the oracle's")
		}
		paths = append(paths, p)
	}
	if text := covered(decode(answer.Data), decode(json.RawMessage(sound)), "/", paths); text != "" {
		return about(text)
	}
	return equal, ""
}

// takeFaults returns what the subgraphs had to complain about, once.
func (h *harness) takeFaults() []string {
	var out []string
	for _, name := range sortedNames(h.subgraphs) {
		s := h.subgraphs[name]
		s.mu.Lock()
		out = append(out, s.faults...)
		s.faults = nil
		s.mu.Unlock()
	}
	return out
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
		for _, name := range sortedNames(w) {
			v, there := g[name]
			if !there {
				return "a member is missing: " + at + name
			}
			if text := covered(v, w[name], at+name+"/", errors); text != "" {
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

var errDown = errors.New("connection refused")
