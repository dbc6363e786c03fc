// Command starling runs and looks after a Starling.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/starlinghq/starling/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Run(ctx, os.Args[1:], cli.Streams{Out: os.Stdout, Err: os.Stderr, Env: os.Environ()})
	stop()
	os.Exit(code)
}
