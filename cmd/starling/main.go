// Command starling runs and looks after a Starling.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/starlinghq/starling/internal/cli"
	schemacli "github.com/starlinghq/starling/schema/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string) int {
	if len(args) > 0 && args[0] == "schema" {
		return schemacli.Run(ctx, args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv)
	}
	return cli.Run(ctx, args, cli.Streams{Out: os.Stdout, Err: os.Stderr, Env: os.Environ()})
}
