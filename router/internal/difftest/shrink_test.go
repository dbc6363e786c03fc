package difftest

import (
	"iter"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/starlinghq/starling/router/internal/operation/operationtest"
)

// shrink makes an example smaller as long as it still fails, by whatever fails
// says, over data, operation and schema in turn, until nothing can be left out.
// It gives up after so many tries.
func (x example) shrink(t testing.TB, tries int, fails func(example) bool) example {
	t.Helper()
	for progress := true; progress && tries > 0; {
		progress = false
		for _, step := range []func(example) iter.Seq[example]{smallerData, withoutSubgraph, smallerOperation, smallerSchema} {
			for again := true; again && tries > 0; {
				again = false
				for candidate := range step(x) {
					if tries--; tries <= 0 {
						break
					}
					if fails(candidate) {
						x, again, progress = candidate, true, true
						break
					}
				}
			}
		}
	}
	return x
}

// smallerData gives the example less data.
func smallerData(x example) iter.Seq[example] {
	return func(yield func(example) bool) {
		for _, s := range []size{
			{1, 1, false},
			{1, x.size.items, x.size.nulls},
			{x.size.instances, 1, x.size.nulls},
			{x.size.instances, x.size.items, false},
			{2, x.size.items, x.size.nulls},
		} {
			if s == x.size || s.instances > x.size.instances || s.items > x.size.items || s.nulls && !x.size.nulls {
				continue
			}
			c := x
			c.size = s
			if !yield(c) {
				return
			}
		}
	}
}

func withoutSubgraph(x example) iter.Seq[example] {
	return func(yield func(example) bool) {
		for i := range x.subgraphs {
			c := x
			c.subgraphs = slices.Delete(slices.Clone(x.subgraphs), i, i+1)
			if !yield(c) {
				return
			}
		}
	}
}

// weight is how large an example is: the lines of its schema that define
// something, and the selections of its operation.
func (x example) weight() (schema, operation int) {
	for _, s := range x.subgraphs {
		schema += definitions(s.SDL)
	}
	return schema, selections(x.op.Text)
}

// stillFound says whether an example shows a control: found with it, and
// nothing wrong without.
func stillFound(t testing.TB, tr trouble) func(example) bool {
	c := controls()[tr.control]
	return func(x example) bool {
		result, text, ok := x.run(t, tr)
		if !ok || result != wrong || !c.recognised(text) {
			return false
		}
		sound := tr
		sound.control = ""
		result, _, ok = x.run(t, sound)
		return ok && result == equal
	}
}

// stillFails says whether an example fails in the same way as it did.
func stillFails(t testing.TB, tr trouble, want outcome, text string) func(example) bool {
	kind := failureKind(text)
	return func(x example) bool {
		result, text, ok := x.run(t, tr)
		return ok && result == want && (want == refused || failureKind(text) == kind)
	}
}

// failureKind is what a report is about, without names and values.
func failureKind(text string) string {
	kind := summary(text)
	for _, known := range []string{
		"is not owned here", "without a complete key", "a representation of nothing", "there is no representation", "and the representation is",
		"is not explained", "two errors at", "is none of the oracle's", "mutations", "another answer", "names",
	} {
		if strings.Contains(kind, known) {
			return known
		}
	}
	return kind
}

// shrunk is a failure of a run as a case of testdata, as small as it gets in a
// while; "" where it does not fail by itself.
func shrunk(t testing.TB, e entry, seed uint64, op operationtest.Operation, tr trouble, result outcome, text string) string {
	t.Helper()
	x := exampleOf(e, seed, op)
	fails := stillFails(t, tr, result, text)
	if !fails(x) {
		return ""
	}
	x = x.shrink(t, 2000, fails)
	return x.String() + "\n" + x.request(tr) + x.show(t, tr)
}

// TestShrink shrinks what is found of controls to examples that fit a screen.
// With STARLING_DIFF_SHRINK it does so for all of them, or for those that it is
// a part of the name of, and writes their cases.
func TestShrink(t *testing.T) {
	names := []string{"a key field is dropped", "an alias is ignored", "mutations run in reverse order", "a field's error is dropped"}
	write := os.Getenv("STARLING_DIFF_SHRINK") != ""
	if write {
		names = slices.DeleteFunc(controlNames(), func(name string) bool {
			only := os.Getenv("STARLING_DIFF_SHRINK")
			return only != "all" && !strings.Contains(name, only)
		})
	} else if testing.Short() {
		names = names[:1]
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			x, tr, text, _ := find(t, name)
			if text == "" {
				t.Fatal("not found")
			}
			schema, operation := x.weight()
			fails := stillFound(t, tr)
			if !fails(x) {
				t.Fatalf("it does not fail by itself: %s\n%s", text, x)
			}
			x = x.shrink(t, 3000, fails)
			lines, fields := x.weight()
			t.Logf("%d definitions and %d selections of %d and %d\n%s\n%s", lines, fields, schema, operation, x, x.request(tr))
			if lines > 28 || fields > 8 {
				t.Errorf("%d definitions and %d selections are left, want at most 28 and 8", lines, fields)
			}
			if write {
				x.writeCase(t, "control-"+strings.ReplaceAll(strings.ReplaceAll(name, "'", ""), " ", "-"), "The fault of a router: "+name+".", tr)
			}
		})
	}
}
