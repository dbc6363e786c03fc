package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

// Streams are where a command reads and writes.
type Streams struct {
	Out io.Writer
	Err io.Writer
	Env []string
}

// commands is the grammar of the command line.
type commands struct {
	Serve   serveCmd   `cmd:"" help:"Run everything in one process."`
	Import  importCmd  `cmd:"" help:"Load people, follows, tweets, likes and comments through the endpoint, or verify them."`
	Router  routerCmd  `cmd:"" help:"Serve any supergraph."`
	Migrate migrateCmd `cmd:"" help:"Create or change the tables of the distributed engines."`
	Queue   queueCmd   `cmd:"" help:"See what waits in the queues, and look after messages that were parked."`
	Config  configCmd  `cmd:"" help:"Check or print the configuration."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// ErrUsage says that the command line is wrong.
var ErrUsage = errors.New("wrong usage")

// errParsed ends parsing after --help.
var errParsed = errors.New("nothing left to do")

// Run runs one command and returns the exit code.
func Run(ctx context.Context, args []string, s Streams) int {
	err := run(ctx, args, s)
	switch {
	case err == nil || errors.Is(err, errParsed):
		return 0
	case errors.Is(err, ErrUsage):
		fmt.Fprintf(s.Err, "starling: %v\nSee starling --help.\n", err)
		return 2
	}
	fmt.Fprintf(s.Err, "starling: %v\n", err)
	return 1
}

func run(ctx context.Context, args []string, s Streams) (err error) {
	var c commands
	parser, err := kong.New(&c,
		kong.Name("starling"),
		kong.Description("A social backend behind one federated GraphQL endpoint.\n\nstarling schema --help tells about composition."),
		kong.Writers(s.Out, s.Err),
		kong.Exit(func(int) { panic(errParsed) }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(s),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		return fmt.Errorf("building the command line: %w", err)
	}
	defer func() {
		if p := recover(); p != nil {
			if p != any(errParsed) {
				panic(p)
			}
			err = errParsed
		}
	}()
	k, err := parser.Parse(args)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUsage, err)
	}
	return k.Run()
}
