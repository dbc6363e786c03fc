package satisfy_test

import (
	"context"
	"errors"
	"fmt"
	"os"
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

// TestNoExplosion checks graphs on which the number of ways between subgraphs is exponential: every subgraph i has T with a key of its own,
// which it alone or a neighbour knows.
func TestNoExplosion(t *testing.T) {
	const n = 40
	for _, tt := range []struct {
		name, key, entity, field, want string
	}{
		{"chain of keys", "k%d", "", "", "accepts"},
		{"key known by the neighbour", "e { k%d }", `@join__type(graph: G%d, key: "id")`, "k%[1]d: ID! @join__field(graph: G%[2]d)", "accepts"},
		{"key known there alone", "e { k%d }", `@join__type(graph: G%d, key: "id")`, "k%[1]d: ID! @join__field(graph: G%[1]d)", satisfy.CodeUnsatisfiable},
	} {
		var graphs, t1, fields, e1, eFields strings.Builder
		for i := range n {
			fmt.Fprintf(&graphs, "G%d @join__graph(name: \"g%d\", url: \"\") ", i, i)
			fmt.Fprintf(&t1, "@join__type(graph: G%d, key: \""+tt.key+"\") ", i, i)
			if tt.entity == "" {
				fmt.Fprintf(&fields, "k%d: ID! @join__field(graph: G%d) @join__field(graph: G%d)\n", i, i, (i+n-1)%n)
				continue
			}
			fmt.Fprintf(&e1, tt.entity+" ", i)
			fmt.Fprintf(&eFields, tt.field+"\n", i, (i+1)%n)
		}
		sdl := fmt.Sprintf(header, "") + "type Query @join__type(graph: G0) { t: T }\ntype T " + t1.String() +
			" { z: Int @join__field(graph: G1)\n" + fields.String()
		if tt.entity != "" {
			sdl += "e: E }\ntype E " + e1.String() + "{ id: ID!\n" + eFields.String()
		}
		sdl = strings.Replace(sdl+"}", "enum join__Graph {", "enum join__Graph { "+graphs.String(), 1)
		s, err := supergraph.Parse("chain", sdl)
		if err != nil {
			t.Fatal(err)
		}
		problems, err := satisfy.Check(context.Background(), s, satisfy.Options{MaxSteps: 500_000})
		if err != nil {
			t.Fatal(err)
		}
		got := "accepts"
		if len(problems) > 0 {
			got = strings.Join(codes(problems), "+")
		}
		if got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

// FuzzCheck looks for panics and for runs that do not end: on whatever is a supergraph, Check answers within its budget.
func FuzzCheck(f *testing.F) {
	cases, err := os.ReadFile("testdata/cases")
	if err != nil {
		f.Fatal(err)
	}
	for c := range strings.SplitSeq(string(cases), "\ncheck ") {
		_, types, _ := strings.Cut(c, "\n")
		types, _, _ = strings.Cut(types, "\n----")
		f.Add(types)
	}
	f.Fuzz(func(t *testing.T, types string) {
		s, err := supergraph.Parse("fuzz", fmt.Sprintf(header, "")+types)
		if err != nil {
			return
		}
		if _, err := satisfy.Check(context.Background(), s, satisfy.Options{MaxSteps: 100_000}); err != nil {
			t.Error(err)
		}
	})
}
