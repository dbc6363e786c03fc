package difftest

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/starlinghq/starling/router/internal/operation/operationtest"
)

// control is a fault of a router, planted around the one under test. The run
// must find it, and for the reason that it is one.
type control struct {
	// request changes what the router sends to a subgraph; nil leaves it.
	request func(s *simulated, body []byte) []byte
	// response changes the answer to a request.
	response func(s *simulated, request, answer []byte) []byte
	// twice sends mutations twice.
	twice bool
	// front stands between the client and the router.
	front func(next http.HandlerFunc) http.HandlerFunc
	// supergraph changes what the router reads.
	supergraph func(sdl string) string
	// mode is the check that must find it: compare, unless it says otherwise.
	mode mode
	// mutations asks for mutations only.
	mutations bool
	// seen is what the report must say.
	seen *regexp.Regexp
}

// mode is one of the harness' checks.
type mode int

const (
	whole   mode = iota // a whole system: compare
	hidden              // operations on what is inaccessible: compareHidden
	spoiled             // a subgraph that fails: compareSpoiled
	broken              // fields that give errors: compareBroken
)

var (
	anotherAnswer = regexp.MustCompile(`^got `)
	mutationOrder = regexp.MustCompile(`^mutations `)
)

// controls are the faults by name.
func controls() map[string]*control {
	return map[string]*control{
		"a key field is dropped":                   {request: dropKeyField, seen: regexp.MustCompile(`without a complete key`)},
		"a required field is dropped":              {request: dropRequiredField, seen: regexp.MustCompile(`requires .*and the representation is`)},
		"a field of another subgraph is asked for": {request: askForeignField, seen: regexp.MustCompile(`is not owned here`)},
		"two representations are swapped":          {request: editRepresentations(swapFirst), seen: anotherAnswer},
		"an alias is ignored":                      {response: ignoreAlias, seen: anotherAnswer},
		"an argument is ignored":                   {request: dropVariable, seen: anotherAnswer},
		"variables are remapped wrongly":           {request: swapVariables, seen: anotherAnswer},
		"an override label is ignored":             {front: ignoreLabel, seen: regexp.MustCompile(`is not owned here`)},
		"what is inaccessible is shown":            {supergraph: showInaccessible, mode: hidden, seen: regexp.MustCompile(`^leaked`)},
		"mutations run in reverse order":           {front: reverseMutation, mutations: true, seen: mutationOrder},
		"a mutation is sent twice":                 {twice: true, mutations: true, seen: mutationOrder},
		"fetches run before what they need":        {response: tooEarly, seen: anotherAnswer},
		"the answer of another query":              {response: mixUp(), seen: anotherAnswer},
		"a value is changed":                       {response: changeValue, seen: anotherAnswer},

		"an error is dropped":              {front: editErrors(dropLastError), mode: spoiled, seen: regexp.MustCompile(`is not explained`)},
		"an error is told twice":           {front: editErrors(doubleError), mode: spoiled, seen: regexp.MustCompile(`two errors at`)},
		"an error names another subgraph":  {front: editErrors(misattribute), mode: spoiled, seen: regexp.MustCompile(`is not explained|names`)},
		"an error has no code":             {front: editErrors(withoutCode), mode: spoiled, seen: regexp.MustCompile(`is not explained|has no code`)},
		"a failure blanks what is healthy": {front: blankData, mode: spoiled, seen: regexp.MustCompile(`is not explained|nothing was asked`)},
		"a field's error is dropped":       {front: editErrors(dropLastError), mode: broken, seen: regexp.MustCompile(`is not explained`)},
		"a field's error is told twice":    {front: editErrors(doubleError), mode: broken, seen: regexp.MustCompile(`two errors at`)},
		"a path has lost its indices":      {front: editErrors(withoutIndices), mode: broken, seen: regexp.MustCompile(`is none of the oracle's`)},
		"null does not rise":               {front: keepNull, mode: broken, seen: regexp.MustCompile(`^data`)},
	}
}

// newControlled is a harness in which a control is planted, by name; "" is none.
func newControlled(t testing.TB, e entry, seed uint64, name string) (*harness, error) {
	c := controls()[name]
	if c == nil {
		return newHarness(t, e, seed)
	}
	var h *harness
	plant := func(subgraph string, next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) { return c.roundTrip(h.subgraphs[subgraph], next, r) })
	}
	h, err := newHarness(t, e, seed, plant)
	if err != nil {
		return nil, err
	}
	if c.supergraph != nil {
		if err := h.misread(t, e, seed, c.supergraph); err != nil {
			h.stop()
			return nil, err
		}
	}
	if c.front != nil {
		h.serve = c.front(h.serve)
	}
	return h, nil
}

// misread puts a router in front that reads another supergraph than there is.
func (h *harness) misread(t testing.TB, e entry, seed uint64, change func(string) string) error {
	e.SDL = change(e.SDL)
	other, err := newHarness(t, e, seed)
	if err != nil {
		return err
	}
	h.serve, h.subgraphs = other.serve, other.subgraphs
	stop := h.stop
	h.stop = func() {
		stop()
		other.stop()
	}
	return nil
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func (c *control) roundTrip(s *simulated, next http.RoundTripper, r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if c.request != nil {
		if changed := c.request(s, body); changed != nil {
			body = changed
		}
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
	if changed := c.response(s, body, answer); changed != nil {
		answer = changed
	}
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	resp.ContentLength = int64(len(answer))
	return resp, nil
}

// searchLimit is how many operations a control may take to be found.
const searchLimit = 5000

// find runs random operations in the control's mode until it is found. It
// returns the example and the trouble in which it was, and after how many
// operations.
func find(t testing.TB, name string) (x example, tr trouble, text string, operations int) {
	c := controls()[name]
	if c == nil {
		c = &control{}
	}
	for n, e := range generatedGraphs(t) {
		h, err := newControlled(t, e, uint64(n), name)
		if err != nil {
			t.Fatal(err)
		}
		full := fullSchema(t, e)
		r := rand.New(rand.NewPCG(uint64(n), 11))
		for range searchLimit / graphsForControls {
			schema := h.client
			if c.mode == hidden {
				schema = full
			}
			op, ok := operationtest.Generate(r, schema, operationtest.Options{Depth: 6, Mutation: c.mutations || c.mode == whole && r.IntN(6) == 0})
			if !ok {
				continue
			}
			operations++
			tr := trouble{control: name}
			switch c.mode {
			case spoiled:
				tr.bad, tr.kind = h.pick(r)
			case broken:
				tr.broken = true
			case hidden:
				tr.hidden = true
			}
			result, text := h.inTrouble(op, tr)
			if result == wrong && c.recognised(text) {
				h.stop()
				return exampleOf(e, uint64(n), op), tr, text, operations
			}
		}
		h.stop()
	}
	return x, tr, "", operations
}

func (c *control) recognised(text string) bool { return c.seen == nil || c.seen.MatchString(text) }

// graphsForControls is over how many graphs a control is looked for.
const graphsForControls = 50

var graphsOnce = sync.OnceValue(func() []entry {
	var out []entry
	for n := uint64(0); len(out) < graphsForControls; n++ {
		if e, ok := generateGraph(40_000_000+n, featureCounts{}); ok {
			out = append(out, e)
		}
	}
	return out
})

// generatedGraphs are the graphs of all controls.
func generatedGraphs(testing.TB) []entry { return graphsOnce() }

// controlNames are the controls in order.
func controlNames() []string {
	var out []string
	for name := range controls() {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// TestControls: the run finds each fault within 5,000 operations, and by the
// check that is there for it.
func TestControls(t *testing.T) {
	for _, name := range controlNames() {
		t.Run(name, func(t *testing.T) {
			_, _, text, operations := find(t, name)
			if text == "" {
				t.Fatalf("not found in %d operations", operations)
			}
			t.Logf("found after %d operations: %s", operations, summary(text))
		})
	}
}

// TestControlsFindNothing: without a fault nothing is found, in any mode.
func TestControlsFindNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for n, e := range generatedGraphs(t)[:20] {
		h, err := newHarness(t, e, uint64(n))
		if err != nil {
			t.Fatal(err)
		}
		full := fullSchema(t, e)
		for range 10 {
			if op, ok := operationtest.Generate(r, h.client, operationtest.Options{Depth: 6}); ok {
				var tr [3]trouble
				tr[1].broken = true
				tr[2].bad, tr[2].kind = h.pick(r)
				for _, tr := range tr {
					if result, text := h.inTrouble(op, tr); result == wrong {
						t.Errorf("%s %+v: %s\n%s", e.ID, tr, text, op.Text)
					}
				}
			}
			if op, ok := operationtest.Generate(r, full, operationtest.Options{Depth: 6}); ok {
				if result, text := h.compareHidden(op); result == wrong {
					t.Errorf("%s: %s\n%s", e.ID, text, op.Text)
				}
			}
		}
		h.stop()
	}
}

// tooEarly empties the answers about entities, without an error: what a
// schedule does that starts fetches before those they depend on. It stands for
// EnableScheduleFetches of graphql-go-tools, whose resolver we do not use.
func tooEarly(s *simulated, request, answer []byte) []byte {
	return editEntities(func(list []any) any {
		clear(list)
		return list
	})(s, request, answer)
}

// mixUp answers every other request of a subgraph with the answer before: what
// sharing calls does whose key leaves out the body. It stands for the inbound
// de-duplication of graphql-go-tools with Request.ID 0.
func mixUp() func(s *simulated, request, answer []byte) []byte {
	var mu sync.Mutex
	last := make(map[string][]byte)
	return func(s *simulated, _, answer []byte) []byte {
		mu.Lock()
		defer mu.Unlock()
		if before := last[s.graph.Name]; before != nil {
			last[s.graph.Name] = nil
			return before
		}
		last[s.graph.Name] = bytes.Clone(answer)
		return nil
	}
}

func changeValue(_ *simulated, _, answer []byte) []byte {
	return bytes.Replace(answer, []byte(":7"), []byte(":8"), 1)
}

// ignoreLabel decides labels always alike, whatever the request says.
func ignoreLabel(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set(labelHeader, "always this")
		next(w, r)
	}
}

func showInaccessible(sdl string) string {
	var b strings.Builder
	for line := range strings.Lines(sdl) {
		if !strings.HasPrefix(line, "directive ") {
			line = strings.ReplaceAll(line, " @inaccessible", "")
			line = strings.ReplaceAll(line, "@inaccessible", "")
		}
		b.WriteString(line)
	}
	return b.String()
}
