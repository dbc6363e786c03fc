package compose_test

import (
	"flag"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/starlinghq/starling/schema/compose"
	"github.com/starlinghq/starling/schema/supergraph/supergraphtest"
)

var explain = flag.String("corpus.explain", "", "print everything about the corpus inputs whose id or source starts with this")

// tally collects the figures of the table and the inputs behind them.
type tally struct {
	inputs, sameVerdict           int
	bothRefuse, sameCodes         int
	bothCompose, planning, all    int
	withHints, hintsEqual         int
	withoutHints, hintsNone       int
	falseRefusal, falseAcceptance []string
	codes, planningDiff, allDiff  []string
	hintDiff                      []string
	codeSeen, codeRight           map[string]bool

	variants, variantVerdict, variantRefused, variantCodes int
}

// TestCorpus compares with the recorded verdicts of the reference composer, prints
// the table and lists every input on which the two differ.
func TestCorpus(t *testing.T) {
	inputs := supergraphtest.Corpus(t)
	s := tally{codeSeen: map[string]bool{}, codeRight: map[string]bool{}}
	for _, in := range inputs {
		s.add(t, in)
		s.addVersions(t, in)
	}
	s.print(t)
	s.check(t)
}

func composeInput(t *testing.T, in supergraphtest.Input) *compose.Result {
	var subgraphs []compose.Subgraph
	for _, s := range in.Subgraphs {
		subgraphs = append(subgraphs, compose.Subgraph{Name: s.Name, URL: s.URL, SDL: s.SDL})
	}
	return mustCompose(t, subgraphs)
}

func (s *tally) add(t *testing.T, in supergraphtest.Input) {
	res := composeInput(t, in)
	s.inputs++
	name := in.ID[:8] + " " + in.Source
	shown := *explain != "" && (strings.HasPrefix(in.ID, *explain) || in.Source == *explain)
	if shown {
		show(t, in, res)
	}
	ok := len(res.Errors) == 0
	want, got := judgeCodes(in), codesOf(res.Errors)
	switch {
	case ok && !in.Judge.OK:
		s.falseAcceptance = append(s.falseAcceptance, name+" "+strings.Join(want, " "))
	case !ok && in.Judge.OK:
		s.falseRefusal = append(s.falseRefusal, name+" "+strings.Join(got, " ")+": "+res.Errors[0].Message)
	default:
		s.sameVerdict++
	}
	for _, c := range want {
		s.codeSeen[c] = true
		if slices.Contains(got, c) {
			s.codeRight[c] = true
		}
	}
	if !ok && !in.Judge.OK {
		s.bothRefuse++
		if slices.Equal(want, got) || slices.Equal(want, []string{"THROWN"}) {
			s.sameCodes++
			if slices.Equal(want, []string{"THROWN"}) {
				s.codeRight["THROWN"] = true
			}
		} else {
			s.codes = append(s.codes, fmt.Sprintf("%s want %v got %v %s", name, want, got, res.Errors[0].Message))
		}
	}
	if ok && in.Judge.OK {
		s.compose(t, in, res, name, shown)
	}
}

func (s *tally) compose(t *testing.T, in supergraphtest.Input, res *compose.Result, name string, shown bool) {
	s.bothCompose++
	planning, all, err := supergraphtest.Compare(in.Judge.Supergraph, res.Supergraph.SDL())
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if planning.Equal() {
		s.planning++
	} else {
		s.planningDiff = append(s.planningDiff, name+"\n"+planning.String())
	}
	if all.Equal() {
		s.all++
	} else if planning.Equal() {
		s.allDiff = append(s.allDiff, name+"\n"+all.String())
	}
	if shown {
		t.Logf("facts:\n%s", all.String())
	}
	want, got := slices.Sorted(slices.Values(in.Judge.Hints)), hintCodes(res.Hints)
	equal := slices.Equal(want, got)
	if len(want) > 0 {
		s.withHints++
		if equal {
			s.hintsEqual++
		}
	} else {
		s.withoutHints++
		if equal {
			s.hintsNone++
		}
	}
	if !equal {
		d := supergraphtest.Diff(want, got)
		s.hintDiff = append(s.hintDiff, name+" "+strings.ReplaceAll(d.String(), "\n", " "))
	}
}

func show(t *testing.T, in supergraphtest.Input, res *compose.Result) {
	var b strings.Builder
	for _, s := range in.Subgraphs {
		fmt.Fprintf(&b, "--- %s\n%s\n", s.Name, s.SDL)
	}
	for _, e := range in.Judge.Errors {
		fmt.Fprintf(&b, "judge %s %s\n", e.Code, e.Message)
	}
	fmt.Fprintf(&b, "judge hints %v\n", in.Judge.Hints)
	for _, e := range res.Errors {
		fmt.Fprintf(&b, "ours  %s %s\n", e.Code, e.Message)
	}
	for _, e := range res.Hints {
		fmt.Fprintf(&b, "ours  %s %s\n", e.Code, e.Message)
	}
	t.Logf("%s %s\n%s", in.ID, in.Source, b.String())
}

func judgeCodes(in supergraphtest.Input) []string {
	set := map[string]bool{}
	for _, e := range in.Judge.Errors {
		set[e.Code] = true
	}
	return slices.Sorted(maps.Keys(set))
}

func codesOf(list []compose.Diagnostic) []string {
	set := map[string]bool{}
	for _, d := range list {
		set[string(d.Code)] = true
	}
	return slices.Sorted(maps.Keys(set))
}

func hintCodes(list []compose.Diagnostic) []string {
	var out []string
	for _, d := range list {
		out = append(out, string(d.Code))
	}
	slices.Sort(out)
	return out
}

func (s *tally) print(t *testing.T) {
	var never []string
	for _, c := range slices.Sorted(maps.Keys(s.codeSeen)) {
		if !s.codeRight[c] {
			never = append(never, c)
		}
	}
	for _, l := range []struct {
		title string
		list  []string
	}{
		{"false acceptances", s.falseAcceptance},
		{"false refusals", s.falseRefusal},
		{"other codes", s.codes},
		{"codes never right", never},
		{"planning facts differ", s.planningDiff},
		{"other facts differ", s.allDiff},
		{"hints differ", s.hintDiff},
	} {
		if len(l.list) > 0 {
			t.Logf("%s (%d):\n  %s", l.title, len(l.list), strings.ReplaceAll(strings.Join(l.list, "\n"), "\n", "\n  "))
		}
	}
	t.Logf(`
same verdict                 %s   (%d false refusals, %d false acceptances)
same codes, both refuse      %s   (%d codes, %d never right)
planning facts, both compose %s
all facts                    %s
hints, inputs with hints     %s
no hints, inputs without     %s
versions: same verdict       %s
versions: same codes         %s`,
		share(s.sameVerdict, s.inputs), len(s.falseRefusal), len(s.falseAcceptance),
		share(s.sameCodes, s.bothRefuse), len(s.codeSeen), len(never),
		share(s.planning, s.bothCompose), share(s.all, s.bothCompose),
		share(s.hintsEqual, s.withHints), share(s.hintsNone, s.withoutHints),
		share(s.variantVerdict, s.variants), share(s.variantCodes, s.variantRefused))
}

func share(n, of int) string { return fmt.Sprintf("%4d of %4d  %5.1f %%", n, of, percent(n, of)) }

func percent(n, of int) float64 {
	if of == 0 {
		return 100
	}
	return 100 * float64(n) / float64(of)
}

// check holds the figures against the bars of the specification of this product.
func (s *tally) check(t *testing.T) {
	for _, f := range []struct {
		what    string
		n, of   int
		atLeast float64
	}{
		{"same verdict", s.sameVerdict, s.inputs, 99},
		{"same codes", s.sameCodes, s.bothRefuse, 95},
		{"planning facts", s.planning, s.bothCompose, 100},
		{"all facts", s.all, s.bothCompose, 97},
		{"hints", s.hintsEqual, s.withHints, 90},
		{"no invented hints", s.hintsNone, s.withoutHints, 98},
		{"codes right at least once", len(s.codeRight), len(s.codeSeen), 100},
		{"versions: same verdict", s.variantVerdict, s.variants, 99},
		{"versions: same codes", s.variantCodes, s.variantRefused, 95},
	} {
		if percent(f.n, f.of) < f.atLeast {
			t.Errorf("%s: %s is below %.1f %%", f.what, share(f.n, f.of), f.atLeast)
		}
	}
	if len(s.falseAcceptance) > 2 {
		t.Errorf("%d false acceptances, at most 2 are allowed", len(s.falseAcceptance))
	}
}

var federationURL = regexp.MustCompile(`(specs\.apollo\.dev/federation/v)\d+\.\d+`)

// addVersions rebuilds the input with each federation version for which another
// verdict is recorded.
func (s *tally) addVersions(t *testing.T, in supergraphtest.Input) {
	for _, g := range in.ByVersion {
		for _, v := range g.Versions {
			parts := strings.Split(v, "/")
			var subgraphs []compose.Subgraph
			for i, sub := range in.Subgraphs {
				part := parts[min(i, len(parts)-1)]
				subgraphs = append(subgraphs, compose.Subgraph{Name: sub.Name, URL: sub.URL, SDL: federationURL.ReplaceAllString(sub.SDL, "${1}"+part)})
			}
			res := mustCompose(t, subgraphs)
			s.addVariant(in.ID[:8]+" "+in.Source+" "+v, g, res)
		}
	}
}

func (s *tally) addVariant(name string, g supergraphtest.Group, res *compose.Result) {
	s.variants++
	ok := len(res.Errors) == 0
	if ok == g.OK {
		s.variantVerdict++
	}
	if ok || g.OK {
		return
	}
	s.variantRefused++
	if want, got := slices.Sorted(slices.Values(g.Codes)), codesOf(res.Errors); slices.Equal(slices.Compact(want), got) || slices.Contains(g.Codes, "THROWN") {
		s.variantCodes++
	} else {
		s.codes = append(s.codes, fmt.Sprintf("%s want %v got %v", name, want, got))
	}
}
