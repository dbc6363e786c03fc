package difftest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/starlinghq/starling/router/internal/operation/operationtest"
	"github.com/starlinghq/starling/schema/compose"
)

// example is a graph, its data and an operation: what shrinks, and what a case
// of testdata holds.
type example struct {
	subgraphs []compose.Subgraph
	seed      uint64
	size      size
	op        operationtest.Operation
}

// entry composes the example's graph; false if it does not compose.
func (x example) entry() (entry, bool) {
	e, err := composed("example", x.subgraphs)
	return e, err == nil
}

// exampleOf is an operation on a graph of the run.
func exampleOf(e entry, seed uint64, op operationtest.Operation) example {
	x := example{seed: seed, size: fullSize, op: op, subgraphs: slices.Clone(e.Subgraphs)}
	return x
}

// trouble is what is made to go wrong around an example.
type trouble struct {
	control string // a fault of controls, by name
	bad     string // a subgraph whose answers are spoiled
	kind    string // in which way, by the name of a spoiler
	broken  bool   // some fields give errors
	hidden  bool   // the operation asks for what is inaccessible
}

// run runs the example in the trouble. An example that cannot be run, because
// its graph does not compose or its operation is not valid, is unusable.
func (x example) run(t testing.TB, tr trouble) (result outcome, text string, usable bool) {
	e, ok := x.entry()
	if !ok {
		return equal, "does not compose", false
	}
	h, err := newControlled(t, e, x.seed, tr.control)
	if err != nil {
		return equal, err.Error(), false
	}
	defer h.stop()
	h.world.size = x.size
	result, text = h.inTrouble(x.op, tr)
	return result, text, !strings.HasPrefix(text, "oracle: ")
}

// inTrouble runs an operation in the way that the trouble asks for.
func (h *harness) inTrouble(op operationtest.Operation, tr trouble) (outcome, string) {
	switch {
	case tr.bad != "":
		s := h.subgraphs[tr.bad]
		if s == nil {
			return refused, "no subgraph " + tr.bad
		}
		return h.compareSpoiled(op, s, tr.kind)
	case tr.broken:
		return h.compareBroken(op, h.world.seed)
	case tr.hidden:
		return h.compareHidden(op)
	default:
		return h.compare(op)
	}
}

// String is the example as a case of testdata.
func (x example) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "graph seed=%d instances=%d items=%d nulls=%t\n", x.seed, x.size.instances, x.size.items, x.size.nulls)
	for _, s := range x.subgraphs {
		sdl := strings.TrimSpace(linkHeader.ReplaceAllStringFunc(s.SDL, func(m string) string {
			parts := linkHeader.FindStringSubmatch(m)
			return strings.Join(append([]string{"federation", parts[1]}, usedDirectives(s.SDL)...), " ")
		}))
		fmt.Fprintf(&b, "--- %s\n%s\n", s.Name, sdl)
	}
	b.WriteString("----\ncomposes\n")
	return b.String()
}

// request is the operation as a case of testdata, in trouble.
func (x example) request(tr trouble) string {
	head := "ask"
	if tr.control != "" {
		head += " control=(" + tr.control + ")"
	}
	if tr.bad != "" {
		head += " bad=" + tr.bad + " kind=(" + tr.kind + ")"
	}
	if tr.broken {
		head += " broken"
	}
	if tr.hidden {
		head += " hidden"
	}
	text := head + "\n" + strings.TrimSpace(x.op.Text)
	if vars := strings.TrimSpace(string(x.op.Variables)); vars != "" && vars != "{}" {
		text += "\n--- variables\n" + vars
	}
	return text + "\n----\n"
}

var (
	linkHeader = regexp.MustCompile(`extend schema @link\(url: "https://specs.apollo.dev/federation/v([0-9.]+)", import: \[[^\]]*\]\)`)
	shorthand  = regexp.MustCompile(`(?m)^federation ([0-9.]+)((?: @\w+)*)$`)
	directive  = regexp.MustCompile(`@\w+`)
)

// usedDirectives are the directives that an SDL applies and has to import.
func usedDirectives(sdl string) []string {
	var out []string
	for _, d := range directive.FindAllString(linkHeader.ReplaceAllString(sdl, ""), -1) {
		if d != "@deprecated" && d != "@specifiedBy" && d != "@oneOf" && d != "@link" {
			out = append(out, d)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// parseExample reads the graph of a case.
func parseExample(t testing.TB, d *datadriven.TestData) example {
	x := example{size: fullSize}
	d.MaybeScanArgs(t, "seed", &x.seed)
	d.MaybeScanArgs(t, "instances", &x.size.instances)
	d.MaybeScanArgs(t, "items", &x.size.items)
	d.MaybeScanArgs(t, "nulls", &x.size.nulls)
	for _, part := range strings.Split("\n"+d.Input, "\n--- ")[1:] {
		name, sdl, _ := strings.Cut(part, "\n")
		x.subgraphs = append(x.subgraphs, compose.Subgraph{Name: name, SDL: shorthand.ReplaceAllStringFunc(sdl, func(m string) string {
			parts := shorthand.FindStringSubmatch(m)
			imports := ""
			if names := strings.Fields(parts[2]); len(names) > 0 {
				imports = `"` + strings.Join(names, `", "`) + `"`
			}
			return fmt.Sprintf(`extend schema @link(url: "https://specs.apollo.dev/federation/v%s", import: [%s])`, parts[1], imports)
		})})
	}
	return x
}

// parseRequest reads the operation of a case and its trouble.
func parseRequest(t testing.TB, d *datadriven.TestData) (operationtest.Operation, trouble) {
	var tr trouble
	d.MaybeScanArgs(t, "control", &tr.control)
	d.MaybeScanArgs(t, "bad", &tr.bad)
	d.MaybeScanArgs(t, "kind", &tr.kind)
	tr.broken, tr.hidden = d.HasArg("broken"), d.HasArg("hidden")
	text, vars, _ := strings.Cut(d.Input, "\n--- variables\n")
	if vars == "" {
		vars = "{}"
	}
	if !json.Valid([]byte(vars)) {
		d.Fatalf(t, "the variables are not JSON")
	}
	return operationtest.Operation{Text: text, Variables: json.RawMessage(vars)}, tr
}

// report is what a case shows of a run: the oracle's answer where the router
// gives the same, what was found of a control.
func (h *harness) report(op operationtest.Operation, tr trouble, result outcome, text string) string {
	switch {
	case tr.control != "" && result == wrong:
		return "found: " + summary(text)
	case tr.control != "":
		return "not found"
	case result != equal:
		return "WRONG: " + text
	case tr.bad != "" || tr.broken || tr.hidden:
		return "right"
	}
	data, err := h.oracle(op)
	if err != nil {
		return err.Error()
	}
	return "right\n" + indented(`{"data":`+data+`}`)
}

func indented(answer string) string {
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(answer), "", "  "); err != nil {
		return answer
	}
	return b.String()
}

// summary is the first line of a report: what kind of difference it is.
func summary(text string) string {
	kind, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	kind, _, _ = strings.Cut(kind, `: {"errors"`)
	kind, _, _ = strings.Cut(kind, `: {"data"`)
	if strings.HasPrefix(kind, "got ") {
		return "another answer"
	}
	return kind
}

// TestCases runs the cases of testdata: failures that were found and shrunk,
// and one of each control, which must still be found.
func TestCases(t *testing.T) {
	datadriven.Walk(t, "testdata/cases", func(t *testing.T, path string) {
		var x example
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "graph":
				x = parseExample(t, d)
				if _, ok := x.entry(); !ok {
					return "does not compose"
				}
				return "composes"
			case "ask":
				var tr trouble
				x.op, tr = parseRequest(t, d)
				return x.show(t, tr)
			}
			d.Fatalf(t, "unknown command %q", d.Cmd)
			return ""
		})
	})
}

// show runs an example for its case.
func (x example) show(t testing.TB, tr trouble) string {
	e, ok := x.entry()
	if !ok {
		return "does not compose"
	}
	h, err := newControlled(t, e, x.seed, tr.control)
	if err != nil {
		return err.Error()
	}
	defer h.stop()
	h.world.size = x.size
	result, text := h.inTrouble(x.op, tr)
	if tr.control != "" && result != wrong || tr.control == "" && result != equal {
		t.Errorf("%+v: the outcome is %d: %s", tr, result, text)
	}
	return h.report(x.op, tr, result, text)
}

// writeCase writes an example to testdata, without what it shows: -rewrite
// adds that.
func (x example) writeCase(t testing.TB, name, about string, tr trouble) {
	t.Helper()
	path := filepath.Join("testdata", "cases", name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	text := "# " + about + "\n" + x.String() + "\n" + x.request(tr) + x.show(t, tr) + "\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
