package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/starlinghq/starling/ops/oracle/judge"
)

// recorded is an operation as the oracle of router/internal/difftest executed it; a line of a recording. A line with a schema starts a graph.
type recorded struct {
	Schema    string            `json:"schema"`
	ID        string            `json:"id"`
	Query     string            `json:"query"`
	Data      string            `json:"data"`
	Failures  []json.RawMessage `json:"failures"`
	Mutations []string          `json:"mutations"`
}

// executed is the answer of npm/execute.mjs.
type executed struct {
	Invalid   []string          `json:"invalid"`
	Data      string            `json:"data"`
	Errors    []json.RawMessage `json:"errors"`
	Unknown   []string          `json:"unknown"`
	Unused    []string          `json:"unused"`
	Mutations []string          `json:"mutations"`
}

// runExecute has graphql-js execute what the router's oracle executed, over the same values, and compares the answers.
func runExecute(ctx context.Context, npm string, args []string, out io.Writer) error {
	operations, seed := 5000, uint64(1)
	if err := flags("execute", args, func(fs *flag.FlagSet) {
		fs.IntVar(&operations, "n", operations, "how many operations")
		fs.Uint64Var(&seed, "seed", seed, "seed of the graphs and operations")
	}); err != nil {
		return err
	}
	recording, err := record(ctx, filepath.Join(npm, "..", "..", ".."), operations, seed)
	if err != nil {
		return err
	}
	p, err := judge.Start(ctx, npm, "execute.mjs", os.Stderr)
	if err != nil {
		return err
	}
	counts, err := executeAll(p, recording, out)
	if err := errors.Join(err, p.Close()); err != nil {
		return err
	}
	fmt.Fprintf(out, "execution: %d operations on %d graphs, %d of them with errors; %d differ from graphql-js\n", counts.operations, counts.graphs, counts.failing, counts.differ)
	if counts.differ > 0 || counts.operations != operations || counts.failing == 0 {
		return errDiffers
	}
	return nil
}

// record lets the oracle's own package write a recording: it is a test's, which nothing else may import.
func record(ctx context.Context, root string, operations int, seed uint64) ([]byte, error) {
	dir, err := os.MkdirTemp("", "oracle")
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "recording.jsonl")
	cmd := exec.CommandContext(ctx, "go", "test", "-count=1", "-run", "^TestRecord$", "./router/internal/difftest")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "STARLING_DIFF_RECORD="+file, "STARLING_DIFF_OPERATIONS="+strconv.Itoa(operations), "STARLING_DIFF_SEED="+strconv.FormatUint(seed, 10))
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("record: %w\n%s", err, text)
	}
	return os.ReadFile(file)
}

type executionCounts struct{ graphs, operations, failing, differ int }

func executeAll(p *judge.Process, recording []byte, out io.Writer) (executionCounts, error) {
	var counts executionCounts
	for line := range bytes.Lines(recording) {
		var rec recorded
		if err := json.Unmarshal(line, &rec); err != nil {
			return counts, fmt.Errorf("execute: recording: %w", err)
		}
		var answer executed
		if err := p.Ask(json.RawMessage(bytes.TrimSpace(line)), &answer); err != nil {
			return counts, err
		}
		if rec.Schema != "" {
			counts.graphs++
			continue
		}
		counts.operations++
		if len(rec.Failures) > 0 {
			counts.failing++
		}
		if d := differs(&rec, &answer); d != "" {
			counts.differ++
			if counts.differ <= 20 {
				fmt.Fprintf(out, "## %s: %s\n%s\n", rec.ID, d, rec.Query)
			}
		}
	}
	return counts, nil
}

// differs says how graphql-js executed an operation otherwise than the oracle, empty if it did not.
func differs(rec *recorded, got *executed) string {
	switch {
	case len(got.Invalid) > 0:
		return "graphql-js says that it is not valid: " + strings.Join(got.Invalid, "; ")
	case len(got.Unknown) > 0:
		return "graphql-js asks for " + strings.Join(got.Unknown, ", ") + ", which the oracle does not"
	case len(got.Unused) > 0 && len(rec.Failures) == 0:
		return "the oracle asks for " + strings.Join(got.Unused, ", ") + ", which graphql-js does not"
	case !sameJSON(rec.Data, got.Data):
		return "data\n  oracle     " + rec.Data + "\n  graphql-js " + got.Data
	case (len(got.Errors) == 0) != (len(rec.Failures) == 0):
		return fmt.Sprintf("errors: oracle %s, graphql-js %s", rec.Failures, got.Errors)
	case !slices.Equal(rec.Mutations, got.Mutations):
		return fmt.Sprintf("mutations: oracle %q, graphql-js %q", rec.Mutations, got.Mutations)
	}
	// Where null rises graphql-js may answer before fields beside it have failed: it need not tell all errors.
	for _, e := range got.Errors {
		if !slices.ContainsFunc(rec.Failures, func(f json.RawMessage) bool { return string(f) == string(e) }) {
			return fmt.Sprintf("graphql-js has an error at %s, the oracle at %s", e, rec.Failures)
		}
	}
	return ""
}

// isInt reports whether a number is written as one of the type Int, which has 32 bits.
func isInt(n json.Number) bool {
	_, err := strconv.ParseInt(string(n), 10, 32)
	return err == nil
}

// sameJSON compares token by token, so members must stand in one order. Values of the type Int are equal by their digits, other numbers
// by their value, strings by their characters, however they are escaped.
func sameJSON(a, b string) bool {
	da, db := json.NewDecoder(strings.NewReader(a)), json.NewDecoder(strings.NewReader(b))
	da.UseNumber()
	db.UseNumber()
	for {
		ta, ea := da.Token()
		tb, eb := db.Token()
		if ea != nil || eb != nil {
			return errors.Is(ea, io.EOF) && errors.Is(eb, io.EOF)
		}
		na, isA := ta.(json.Number)
		nb, isB := tb.(json.Number)
		if isA && isB && !(isInt(na) && isInt(nb)) {
			fa, errA := na.Float64()
			fb, errB := nb.Float64()
			if errA != nil || errB != nil || fa != fb {
				return false
			}
			continue
		}
		if ta != tb {
			return false
		}
	}
}
