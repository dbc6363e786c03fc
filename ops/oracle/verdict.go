package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/starlinghq/starling/ops/oracle/judge"
)

// runVerdict judges inputs from stdin, one {"subgraphs": [...]} a line, and prints a line of JSON for each.
func runVerdict(ctx context.Context, npm string, _ []string, out io.Writer) error {
	p, err := judge.Start(ctx, npm, "verdict.mjs", os.Stderr)
	if err != nil {
		return err
	}
	return errors.Join(verdicts(ctx, p, os.Stdin, out), p.Close())
}

func verdicts(ctx context.Context, p *judge.Process, in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<28)
	print := json.NewEncoder(out)
	differs := false
	for lines.Scan() {
		var input struct {
			ID        string           `json:"id"`
			Subgraphs []judge.Subgraph `json:"subgraphs"`
		}
		if err := json.Unmarshal(lines.Bytes(), &input); err != nil {
			return fmt.Errorf("input: %w", err)
		}
		ds, theirs, err := judged(ctx, p, input.Subgraphs)
		if err != nil {
			return err
		}
		found := map[string]string{}
		for _, d := range ds {
			if exception(d, theirs) == "" {
				found[d.kind] = d.detail
				differs = true
			}
		}
		if err := print.Encode(map[string]any{"id": input.ID, "judge": theirs, "differences": found}); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("input: %w", err)
	}
	if differs {
		return errDiffers
	}
	return nil
}
