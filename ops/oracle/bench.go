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
	"strconv"
	"syscall"
	"time"

	"github.com/starlinghq/starling/ops/oracle/judge"
)

// usage is what a process took.
type usage struct {
	cpu   time.Duration
	bytes int64 // peak resident
}

// runBench composes graphs of 200 and 400 subgraphs in processes of their own, ours and the judge's, and compares what they took.
func runBench(ctx context.Context, npm string, args []string, out io.Writer) error {
	generator, runs := sharedFile("corpus", "composition", "make-huge.mjs"), 3
	if err := flags("bench", args, func(fs *flag.FlagSet) {
		fs.StringVar(&generator, "generator", generator, "script that makes the graph")
		fs.IntVar(&runs, "runs", runs, "runs, of which the least counts")
	}); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	ours := map[int]usage{}
	var theirs usage
	for _, size := range []int{200, 400} {
		graph, err := exec.CommandContext(ctx, "node", generator, strconv.Itoa(size)).Output()
		if err != nil {
			return fmt.Errorf("bench: make a graph of %d subgraphs: %w", size, err)
		}
		if ours[size], err = least(runs, func() (usage, error) { return measure(ctx, graph, "", self, "compose") }); err != nil {
			return err
		}
		fmt.Fprintf(out, "%d subgraphs, ours:  %s\n", size, ours[size])
		if size == 200 {
			if theirs, err = least(runs, func() (usage, error) { return measure(ctx, graph, npm, "node", "verdict.mjs") }); err != nil {
				return err
			}
			fmt.Fprintf(out, "%d subgraphs, judge: %s\n", size, theirs)
		}
	}
	return bars(ours, theirs, out)
}

func (u usage) String() string {
	return fmt.Sprintf("CPU %.2f s, peak memory %d MB", u.cpu.Seconds(), u.bytes>>20)
}

// bars compares with what is asked for: a tenth of the CPU, half of the memory, and 400 subgraphs in 2.5 times 200.
func bars(ours map[int]usage, theirs usage, out io.Writer) error {
	missed := false
	for _, b := range []struct {
		what       string
		ratio, bar float64
	}{
		{"CPU of ours to the judge's", float64(ours[200].cpu) / float64(theirs.cpu), 0.1},
		{"memory of ours to the judge's", float64(ours[200].bytes) / float64(theirs.bytes), 0.5},
		{"CPU of 400 subgraphs to 200", float64(ours[400].cpu) / float64(ours[200].cpu), 2.5},
	} {
		fmt.Fprintf(out, "%-30s %.3f (bar %.1f)\n", b.what, b.ratio, b.bar)
		missed = missed || b.ratio > b.bar
	}
	if missed {
		return errors.New("bench: a bar is missed")
	}
	return nil
}

func least(runs int, run func() (usage, error)) (usage, error) {
	var best usage
	for i := range runs {
		u, err := run()
		if err != nil {
			return usage{}, err
		}
		if i == 0 || u.cpu < best.cpu {
			best.cpu = u.cpu
		}
		if i == 0 || u.bytes < best.bytes {
			best.bytes = u.bytes
		}
	}
	return best, nil
}

func measure(ctx context.Context, in []byte, dir, name string, args ...string) (usage, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Stdin = bytes.NewReader(in)
	cmd.Stdout = io.Discard
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return usage{}, fmt.Errorf("bench: %s: %w", name, err)
	}
	u := usage{cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if ru, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.bytes = ru.Maxrss << 10
	}
	return u, nil
}

// runCompose composes one input from stdin and prints its supergraph: what bench measures.
func runCompose(ctx context.Context, _ string, _ []string, out io.Writer) error {
	var input struct {
		Subgraphs []judge.Subgraph `json:"subgraphs"`
	}
	if err := json.NewDecoder(os.Stdin).Decode(&input); err != nil {
		return fmt.Errorf("input: %w", err)
	}
	o, err := composeOurs(ctx, input.Subgraphs)
	if err != nil {
		return err
	}
	if !o.ok() {
		return fmt.Errorf("it does not compose: %w", o.result.Err())
	}
	_, err = io.WriteString(out, o.result.Supergraph.SDL())
	return err
}
