package app_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/starlinghq/starling/internal/cli"
)

const asStarling = "TEST_BINARY_IS_STARLING"

// TestMain keeps the random histories few, as each is played over HTTP
// (-rapid.checks plays more), and looks for goroutines that outlive their
// product.
//
// With asStarling in its environment the test binary is the command itself, so
// that tests kill and signal a real process without building it. It ends with
// the test that holds its standard input open.
func TestMain(m *testing.M) {
	if os.Getenv(asStarling) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			os.Exit(3)
		}()
		code := cli.Run(ctx, os.Args[1:], cli.Streams{Out: os.Stdout, Err: os.Stderr, Env: os.Environ()})
		stop()
		os.Exit(code)
	}
	flag.Parse()
	few := true
	flag.Visit(func(f *flag.Flag) { few = few && f.Name != "rapid.checks" })
	if few {
		if err := flag.Set("rapid.checks", "12"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	code := m.Run()
	http.DefaultClient.CloseIdleConnections()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}
