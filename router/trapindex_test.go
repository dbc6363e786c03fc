package router

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// traps are the ways in which routers of this kind, the planner's library and
// its resolver among them, were found to give wrong answers, to leak or to
// fall over, each with the tests that would find it here. Names without a
// folder are of this package.
var traps = []struct {
	what  string
	tests []string
}{
	{"concurrent requests are taken for one another", []string{"TestConcurrentAnswers", "internal/difftest TestControls"}},
	{"shared calls are keyed without a forwarded header or the decisions", []string{"TestDeduplication", "TestDeduplicationAndDecisions", "internal/fetch TestFlightKeys"}},
	{"the leader of a shared call leaves, or panics", []string{"TestClientsLeave", "internal/fetch TestFlights", "internal/fetch TestFlightEnds", "internal/fetch TestPanic"}},
	{"mutations are shared", []string{"internal/fetch TestMutationsNeverShare"}},
	{"a subscription that cannot start ends the process", []string{"TestSubscriptions"}},
	{"subscriptions go out as GET", []string{"TestSubscriptions"}},
	{"denied fields are fetched all the same", []string{"TestDenied", "TestDeniedMutation"}},
	{"errors of entities have the path of the list", []string{"TestEntityErrorPaths"}},
	{"an Int over 2^31 is passed on", []string{"TestInput", "internal/operation TestCoerce", "TestWrongKinds"}},
	{"memory of a response outlives its request", []string{"TestConcurrentAnswers", "TestKeptAnswer", "internal/fetch TestBodyAfterReturn"}},
	{"one query has several plans and several answers", []string{"TestPlanStability", "internal/difftest TestDifferential"}},
	{"a composite key over a third subgraph, with a member of it selected", []string{"TestCompositeHop"}},
	{"__typename of an interface object that nothing implements", []string{"TestInterfaceObjectWithoutTypes"}},
	{"entities inside lists of lists", []string{"TestListsOfLists"}},
	{"the joins of one mutation run after the next", []string{"TestMutationsInOrder"}},
	{"a required field beside the same one with arguments", []string{"TestRequiresBesideArguments"}},
	{"an alias shadows a key", []string{"TestShadowedKeys"}},
	{"@requires on a field whose fetch failed", []string{"TestRequiresAfterFailure"}},
	{"literals: long ids, block strings, escapes", []string{"TestLiterals", "TestIDs"}},
	{"a key that is provided on one way only", []string{"TestProvidedKey"}},
	{"equal fields with arguments in another order", []string{"TestEqualArguments"}},
	{"doubling fragments", []string{"TestLimits", "internal/operation TestLimitsCount"}},
	{"fields that overlap, in pairs", []string{"internal/operation TestOverlapWork"}},
	{"the cost of abstract types, at each level anew", []string{"internal/operation TestCostOfAbstractLevels"}},
	{"errors are compared with one another", []string{"TestManyErrors"}},
	{"introspection of any length, kept with each operation", []string{"TestIntrospectionIsBounded", "TestIntrospectionIsBoundedWhereverItIsRepeated"}},
	{"clients that are slow to send or to read hold the places of others", []string{"TestSlowBodies", "TestSlowReaders", "internal/transport TestBudget"}},
	{"names that clients choose become series of metrics", []string{"TestSeriesAreBounded"}},
	{"an instance takes calls and never answers", []string{"internal/fetch TestHangingInstance"}},
	{"rules of an interface object are passed by a fragment", []string{"internal/access TestRules"}},
	{"/ready before the endpoint", []string{"TestReady"}},
	{"a supergraph with @context is loaded in silence", []string{"TestUnusableSupergraphs", "TestCorpus"}},
	{"an answer that is no answer blanks its siblings", []string{"TestBadAnswers", "TestWrongKinds"}},
	{"max-age becomes public on the way", []string{"TestNoSharedCacheByGuess", "internal/fetch TestCaching"}},
}

var testFunction = regexp.MustCompile(`(?m)^func (Test\w+)\(`)

// TestTrapsHaveTests: each of them has its test, under the name that stands
// here.
func TestTrapsHaveTests(t *testing.T) {
	have := make(map[string]bool)
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range testFunction.FindAllSubmatch(text, -1) {
			have[strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path))+" "+string(m[1]), ". ")] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, trap := range traps {
		if len(trap.tests) == 0 {
			t.Errorf("%s: no test", trap.what)
		}
		for _, name := range trap.tests {
			if !have[name] {
				t.Errorf("%s: there is no %s", trap.what, name)
			}
		}
	}
}
