package supergraphtest

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
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

// Corpus reads the recorded inputs. They lie beside the repository, in ../shared or where STARLING_SHARED says. Without them the test
// says so and is skipped, or fails if STARLING_REQUIRE lists "shared".
func Corpus(tb testing.TB) []Input {
	tb.Helper()
	file, err := find(filepath.Join("corpus", "composition", "open.jsonl.gz"))
	if err != nil {
		if slices.Contains(strings.Split(os.Getenv("STARLING_REQUIRE"), ","), "shared") {
			tb.Fatalf("the composition corpus is required: %v", err)
		}
		tb.Skipf("NOT RUN over the composition corpus: %v", err)
	}
	inputs, err := readCorpus(file)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Logf("composition corpus: %d inputs", len(inputs))
	return inputs
}

func find(path string) (string, error) {
	if dir := os.Getenv("STARLING_SHARED"); dir != "" {
		path = filepath.Join(dir, path)
		_, err := os.Stat(path)
		return path, err
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the shared data: %w", err)
	}
	for {
		candidate := filepath.Join(dir, "shared", path)
		if _, err := os.Stat(candidate); err == nil {
			return candidate, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("no shared/%s above the working directory and STARLING_SHARED is not set", path)
		}
		dir = parent
	}
}

func readCorpus(file string) ([]Input, error) {
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
