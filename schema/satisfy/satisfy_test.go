package satisfy_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/starlinghq/starling/schema/satisfy"
	"github.com/starlinghq/starling/schema/supergraph"
	"github.com/starlinghq/starling/schema/supergraph/supergraphtest"
)

// header makes a supergraph of a case that states only its types.
const header = `
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)
  @link(url: "https://specs.apollo.dev/context/v0.1", for: SECURITY)
{ query: Query%s }
enum join__Graph {
  A @join__graph(name: "a", url: "") B @join__graph(name: "b", url: "") C @join__graph(name: "c", url: "") D @join__graph(name: "d", url: "")
}
`

func load(t testing.TB, types string) *supergraph.Schema {
	t.Helper()
	roots := ""
	for _, r := range []string{"Mutation", "Subscription"} {
		if strings.Contains(types, "type "+r+" ") {
			roots += " " + strings.ToLower(r) + ": " + r
		}
	}
	s, err := supergraph.Parse("case", fmt.Sprintf(header, roots)+types)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func codes(problems []satisfy.Problem) []string {
	out := make([]string, 0, len(problems))
	for _, p := range problems {
		out = append(out, p.Code)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestCases runs small supergraphs. Each says what the judge says of it; where we differ it says why.
func TestCases(t *testing.T) {
	var differ []string
	datadriven.RunTest(t, "testdata/cases", func(t *testing.T, d *datadriven.TestData) string {
		problems, err := satisfy.Check(context.Background(), load(t, d.Input), satisfy.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var judge string
		d.ScanArgs(t, "judge", &judge)
		ours := strings.Join(codes(problems), "+")
		if ours == "" {
			ours = "accepts"
		}
		if ours != judge && !d.HasArg("differs") {
			differ = append(differ, fmt.Sprintf("%s: the judge says %s, we say %s", d.Pos, judge, ours))
		}
		var b strings.Builder
		for _, p := range problems {
			fmt.Fprintf(&b, "%s %s\n%s\n", p.Code, p.Coordinate, strings.TrimSpace(p.Message))
		}
		return b.String()
	})
	if len(differ) > 0 {
		t.Error(strings.Join(differ, "\n"))
	}
}

func TestCorpus(t *testing.T) {
	accepted := 0
	for _, in := range supergraphtest.Corpus(t) {
		if !in.Judge.OK {
			continue
		}
		accepted++
		s, err := supergraph.Parse(in.ID, in.Judge.Supergraph)
		if err != nil {
			t.Fatal(err)
		}
		problems, err := satisfy.Check(context.Background(), s, satisfy.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var hints []string
		for _, p := range problems {
			if !p.Hint {
				t.Errorf("%s is accepted by the judge, but:\n%s", in.ID, p.Message)
				continue
			}
			hints = append(hints, p.Code)
		}
		want := slices.DeleteFunc(slices.Clone(in.Judge.Hints), func(h string) bool { return h != satisfy.HintRuntime })
		if len(hints) != len(want) {
			t.Errorf("%s: %d hints %s, want %d", in.ID, len(hints), satisfy.HintRuntime, len(want))
		}
	}
	if accepted < 300 {
		t.Errorf("only %d accepted supergraphs in the corpus", accepted)
	}
}

func TestBudget(t *testing.T) {
	s := load(t, `
type Query @join__type(graph: A) { t: T }
type T @join__type(graph: A) { a: Int b: Int t: T }`)
	problems, err := satisfy.Check(context.Background(), s, satisfy.Options{MaxSteps: 3})
	if err != nil || len(problems) != 1 || problems[0].Code != satisfy.CodeBudget {
		t.Errorf("got %v, %v", problems, err)
	}
}

func TestContextEnds(t *testing.T) {
	var b strings.Builder
	b.WriteString("type Query @join__type(graph: A) { t: T }\ntype T @join__type(graph: A) {\n")
	for i := range 5000 {
		fmt.Fprintf(&b, "f%d: Int\n", i)
	}
	b.WriteString("}")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := satisfy.Check(ctx, load(t, b.String()), satisfy.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestNoExplosion checks graphs on which the number of ways between subgraphs is exponential.
func TestNoExplosion(t *testing.T) {
	var values, t1, t2 strings.Builder
	for i := range 24 {
		fmt.Fprintf(&values, "G%d @join__graph(name: \"g%d\", url: \"\") ", i, i)
		fmt.Fprintf(&t1, "@join__type(graph: G%d, key: \"k%d\") ", i, i)
		fmt.Fprintf(&t2, "k%d: ID! @join__field(graph: G%d) @join__field(graph: G%d)\n", i, i, (i+23)%24)
	}
	for _, last := range []string{"", "missing: Int @join__field(graph: G5)\n"} {
		sdl := fmt.Sprintf(header, "") + "type Query @join__type(graph: G0) { t: T }\n" +
			"type T " + t1.String() + " {\n" + t2.String() + last + "}"
		sdl = strings.Replace(sdl, "enum join__Graph {", "enum join__Graph { "+values.String(), 1)
		s, err := supergraph.Parse("chain", sdl)
		if err != nil {
			t.Fatal(err)
		}
		problems, err := satisfy.Check(context.Background(), s, satisfy.Options{MaxSteps: 200_000})
		if err != nil || len(problems) > 0 {
			t.Errorf("got %v, %v", codes(problems), err)
		}
	}
}
