package supergraphtest

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/starlinghq/starling/internal/testenv"
)

// Input is one recorded composition with the judge's verdict.
type Input struct {
	ID        string     `json:"id"`
	Origin    string     `json:"origin"`
	Source    string     `json:"source"`
	Versions  []string   `json:"versions"`
	ByVersion []Group    `json:"byVersion"`
	Subgraphs []Subgraph `json:"subgraphs"`
	Judge     Verdict    `json:"apollo"`
}

// Group are the federation versions with which an input has another verdict.
type Group struct {
	Versions []string `json:"versions"`
	OK       bool     `json:"ok"`
	Codes    []string `json:"codes"`
}

// Subgraph is one subgraph of an input. URL may be empty.
type Subgraph struct {
	Name string `json:"name"`
	URL  string `json:"url"`
	SDL  string `json:"sdl"`
}

// Verdict is what the judge said. Supergraph is empty where it refused.
type Verdict struct {
	OK         bool      `json:"ok"`
	Errors     []Failure `json:"errors"`
	Hints      []string  `json:"hints"`
	Supergraph string    `json:"supergraph"`
}

// Failure is one error of the judge; its message is cut at 200 characters.
type Failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Corpus reads the recorded inputs of the shared folder. Without it the test is skipped, or fails if it is required.
func Corpus(tb testing.TB) []Input {
	tb.Helper()
	inputs, err := ReadCorpus(testenv.Shared(tb, "corpus", "composition", "open.jsonl.gz"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Logf("composition corpus: %d inputs", len(inputs))
	return inputs
}

// Composing returns the inputs of the corpus that the judge composes.
func Composing(tb testing.TB) []Input {
	tb.Helper()
	return slices.DeleteFunc(Corpus(tb), func(in Input) bool { return !in.Judge.OK })
}

// ReadCorpus reads a file of recorded inputs.
func ReadCorpus(file string) ([]Input, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("composition corpus: %w", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("composition corpus: %w", err)
	}
	var out []Input
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<26)
	for lines.Scan() {
		var in Input
		if err := json.Unmarshal(lines.Bytes(), &in); err != nil {
			return nil, fmt.Errorf("composition corpus: input %d: %w", len(out)+1, err)
		}
		out = append(out, in)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("composition corpus: %w", err)
	}
	return out, nil
}
