package compose_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/starlinghq/starling/schema/compose"
)

// FuzzCompose composes whatever it is given: it must not panic, must end soon, and
// must answer the same whatever the order of the subgraphs. The input is in the
// form of the cases: subgraphs under "--- name".
func FuzzCompose(f *testing.F) {
	files, err := filepath.Glob("testdata/cases/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, c := range strings.Split(string(text), "\ncompose")[1:] {
			input, _, _ := strings.Cut(c, "\n----\n")
			f.Add(strings.TrimSpace(input))
		}
	}
	f.Fuzz(func(t *testing.T, input string) {
		subgraphs := parseCase(input)
		start := time.Now()
		res := mustCompose(t, subgraphs, compose.MaxSteps(100_000))
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("took %v", took)
		}
		if res.Supergraph == nil != (len(res.Errors) > 0) {
			t.Error("a result has a supergraph or errors")
		}
		if len(subgraphs) != 2 || subgraphs[0].Name == subgraphs[1].Name {
			return
		}
		subgraphs[0], subgraphs[1] = subgraphs[1], subgraphs[0]
		if describe(mustCompose(t, subgraphs, compose.MaxSteps(100_000))) != describe(res) {
			t.Error("the order of the subgraphs matters")
		}
	})
}
