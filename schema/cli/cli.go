package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/alecthomas/kong"
)

// Exit codes of Run.
const (
	ExitOK      = 0
	ExitRefused = 1
	ExitUsage   = 2
)

// fetchTimeout bounds one introspection.
const fetchTimeout = 30 * time.Second

// commands is the grammar of the command line.
type commands struct {
	Compose composeCommand `cmd:"" help:"Compose subgraphs into a supergraph."`
	API     apiCommand     `cmd:"" name:"api" help:"Print the schema that clients of a supergraph see."`
}

// console is the world that a command sees.
type console struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	env            func(string) string
	client         *http.Client
}

// exitError ends a command with a code; its text has been printed if quiet.
type exitError struct {
	code  int
	quiet bool
	err   error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// usage marks an error as wrong usage or unreadable input.
func usage(format string, args ...any) error {
	return &exitError{code: ExitUsage, err: fmt.Errorf(format, args...)}
}

var errRefused = &exitError{code: ExitRefused, quiet: true, err: errors.New("the subgraphs do not compose")}

// Run runs `starling schema ARGS...` and returns the exit code. env looks up an
// environment variable and returns "" if it is not set.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, env func(string) string) int {
	c := &console{stdin: stdin, stdout: stdout, stderr: stderr, env: env, client: &http.Client{Timeout: fetchTimeout}}
	code, err := c.run(ctx, args)
	if err != nil {
		fmt.Fprintf(stderr, "starling schema: %v\n", err)
	}
	return code
}

// stop carries the exit code of --help out of the parser.
type stop struct{ code int }

func (c *console) run(ctx context.Context, args []string) (code int, err error) {
	var grammar commands
	parser, err := kong.New(&grammar,
		kong.Name("starling schema"),
		kong.Description("Compose federated GraphQL schemas and look at the result."),
		kong.Writers(c.stdout, c.stderr),
		kong.Exit(func(code int) { panic(stop{code}) }),
		kong.Bind(c),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		return ExitUsage, fmt.Errorf("command line: %w", err)
	}
	defer func() {
		if s, ok := recover().(stop); ok {
			code, err = s.code, nil
		}
	}()
	command, err := parser.Parse(args)
	if err != nil {
		return ExitUsage, fmt.Errorf("%w; see starling schema --help", err)
	}
	err = command.Run()
	var exit *exitError
	switch {
	case err == nil:
		return ExitOK, nil
	case !errors.As(err, &exit):
		return ExitUsage, err
	case exit.quiet:
		return exit.code, nil
	}
	return exit.code, err
}
