package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"

	"github.com/starlinghq/starling/ops/oracle/judge"
)

// command is one of the oracle's; run writes its report to out.
type command struct {
	name, help string
	run        func(ctx context.Context, npm string, args []string, out io.Writer) error
}

// errDiffers says that the report names what is wrong.
var errDiffers = errors.New("the oracle found something that is not listed")

func commands() []command {
	return []command{
		{"random", "random graphs against the judge", runRandom},
		{"mutants", "recorded inputs, changed at random, against the judge", runMutants},
		{"verdict", "verdicts on inputs from stdin, as JSON lines", runVerdict},
		{"planners", "two foreign query planners on the corpus", runPlanners},
		{"execute", "the oracle of the differential run against graphql-js", runExecute},
		{"bench", "one big graph, time and memory", runBench},
		{"all", "random, mutants, planners, execute and bench with their defaults", runAll},
		{"compose", "compose one input from stdin (what bench measures)", runCompose},
	}
}

// runAll runs what make oracle runs, all of it even if some finds differences.
func runAll(ctx context.Context, npm string, _ []string, out io.Writer) error {
	return errors.Join(runRandom(ctx, npm, nil, out), runMutants(ctx, npm, nil, out), runPlanners(ctx, npm, nil, out), runExecute(ctx, npm, nil, out), runBench(ctx, npm, nil, out))
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	for _, c := range commands() {
		if len(args) == 0 || args[0] != c.name {
			continue
		}
		npm, err := npmFolder()
		if err != nil {
			return err
		}
		if err := judge.Install(ctx, npm); err != nil {
			return err
		}
		return c.run(ctx, npm, args[1:], out)
	}
	for _, c := range commands() {
		fmt.Fprintf(out, "oracle %-9s %s\n", c.name, c.help)
	}
	return errors.New("which of these?")
}

// npmFolder finds the folder of pinned packages beside this source: the oracle is run from a checkout, never installed.
func npmFolder() (string, error) {
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		return "", errors.New("cannot tell where its own source is")
	}
	return filepath.Join(filepath.Dir(file), "npm"), nil
}

// flags parses a command's flags.
func flags(name string, args []string, define func(*flag.FlagSet)) error {
	fs := flag.NewFlagSet("oracle "+name, flag.ContinueOnError)
	define(fs)
	return fs.Parse(args)
}
