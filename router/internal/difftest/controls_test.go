package difftest

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/starlinghq/starling/router/internal/operation/operationtest"
)

// tamper is a fault of a router, made between it and its subgraphs.
type tamper struct {
	request  func(body []byte) []byte
	response func(subgraph string, body []byte) []byte
	twice    bool // send mutations twice
}

// controls are faults that the run must find.
func controls() map[string]*tamper {
	var mu sync.Mutex
	last := make(map[string][]byte)
	return map[string]*tamper{
		"a key field is dropped": {request: editRepresentations(func(list []any) []any {
			if rep, ok := list[0].(map[string]any); ok {
				for name := range rep {
					if name != "__typename" {
						delete(rep, name)
						break
					}
				}
			}
			return list
		})},
		"two representations are swapped": {request: editRepresentations(func(list []any) []any {
			if len(list) > 1 {
				list[0], list[1] = list[1], list[0]
			}
			return list
		})},
		"an argument is ignored": {request: func(body []byte) []byte {
			return dropVariable.ReplaceAll(body, []byte(`"variables":{`))
		}},
		"an alias is ignored":      {response: func(_ string, body []byte) []byte { return aliased.ReplaceAll(body, []byte(`"a1":`)) }},
		"a mutation is sent twice": {twice: true},
		"the answer of another query": {response: func(subgraph string, body []byte) []byte {
			mu.Lock()
			defer mu.Unlock()
			if before := last[subgraph]; before != nil {
				last[subgraph] = nil
				return before
			}
			last[subgraph] = bytes.Clone(body)
			return body
		}},
		"a value is changed": {response: func(_ string, body []byte) []byte {
			return bytes.Replace(body, []byte(":7"), []byte(":8"), 1)
		}},
	}
}

var (
	dropVariable = regexp.MustCompile(`"variables":\{"v0":("[^"\\]*"|[0-9.]+|true|false),?`)
	aliased      = regexp.MustCompile(`"a[2-9]":`)
)

func editRepresentations(edit func([]any) []any) func([]byte) []byte {
	return func(body []byte) []byte {
		var in struct {
			Query     string         `json:"query"`
			Variables map[string]any `json:"variables"`
		}
		dec := json.NewDecoder(bytes.NewReader(body))
		dec.UseNumber()
		if err := dec.Decode(&in); err != nil {
			return body
		}
		changed := false
		for name, v := range in.Variables {
			if list, ok := v.([]any); ok && strings.HasPrefix(name, "representations") && len(list) > 0 {
				in.Variables[name] = edit(list)
				changed = true
			}
		}
		if !changed {
			return body
		}
		out, err := json.Marshal(in)
		if err != nil {
			return body
		}
		return out
	}
}

func (c *tamper) transport(subgraph string, next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		if c.request != nil {
			body = c.request(body)
		}
		send := func() (*http.Response, error) {
			again := r.Clone(r.Context())
			again.Body = io.NopCloser(bytes.NewReader(body))
			again.ContentLength = int64(len(body))
			return next.RoundTrip(again)
		}
		resp, err := send()
		if err != nil {
			return nil, err
		}
		if c.twice && bytes.Contains(body, []byte(`"query":"mutation`)) {
			if resp, err = send(); err != nil {
				return nil, err
			}
		}
		if c.response == nil {
			return resp, nil
		}
		answer, err := io.ReadAll(resp.Body)
		if err != nil {
			return nil, err
		}
		answer = c.response(subgraph, answer)
		resp.Body = io.NopCloser(bytes.NewReader(answer))
		resp.ContentLength = int64(len(answer))
		return resp, nil
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestControls: the run finds each fault within 5,000 operations.
func TestControls(t *testing.T) {
	entries := corpus(t)
	for name, c := range controls() {
		t.Run(name, func(t *testing.T) {
			operations := 0
			for n, e := range entries {
				h, err := newHarness(t, e, uint64(n), func(subgraph string, next http.RoundTripper) http.RoundTripper { return c.transport(subgraph, next) })
				if err != nil {
					continue
				}
				found := h.findsFault(rand.New(rand.NewPCG(uint64(n), 11)), &operations)
				h.stop()
				if found {
					t.Logf("found after %d operations", operations)
					return
				}
				if operations > 5000 {
					break
				}
			}
			t.Errorf("not found in %d operations", operations)
		})
	}
}

func (h *harness) findsFault(r *rand.Rand, operations *int) bool {
	for range 10 {
		op, ok := operationtest.Generate(r, h.client, operationtest.Options{Depth: 6, Mutation: r.IntN(3) == 0})
		if !ok {
			continue
		}
		*operations++
		if result, _ := h.compare(op); result == wrong {
			return true
		}
	}
	return false
}
