package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/starlinghq/starling/internal/app"
	"github.com/starlinghq/starling/internal/pebbledb"
)

// configFlags choose the configuration and change it.
type configFlags struct {
	ConfigFile string `name:"config" placeholder:"FILE" help:"Configuration file (YAML)."`
	Data       string `placeholder:"DIR" help:"Folder of everything that is kept."`
	Listen     string `placeholder:"HOST:PORT" help:"Where the graph and the pages are."`
}

func (f configFlags) load(environ []string) (app.Config, error) {
	cfg, err := app.Load(f.ConfigFile, environ)
	if err != nil {
		return cfg, err
	}
	if f.Data != "" {
		cfg.Data = f.Data
	}
	if f.Listen != "" {
		cfg.Listen = f.Listen
	}
	return cfg, nil
}

type serveCmd struct {
	configFlags
	Role []string `placeholder:"NAME,..." help:"Only these roles: router, a subgraph, a worker. All if left out."`
}

// Run serves until the context ends.
func (c *serveCmd) Run(ctx context.Context, s Streams) error {
	began := time.Now()
	cfg, err := c.load(s.Env)
	if err != nil {
		return err
	}
	if len(c.Role) > 0 {
		cfg.Roles = c.Role
	}
	debug.SetMemoryLimit(int64(cfg.Limits.MemoryMiB) << 20)
	server, err := app.Open(ctx, cfg, Version(), s.Err)
	if err != nil {
		return oneLine(err)
	}
	stopped := make(chan error, 1)
	running, end := context.WithCancel(ctx)
	go func() {
		defer end()
		stopped <- server.Run(ctx)
	}()
	if waitReady(running, server.Ready) {
		fmt.Fprintf(s.Out, `starling %s is ready after %.1f s
  graph   http://%[3]s/graphql
  page    http://%[3]s/          write queries in the browser
  health  http://%[3]s/ready     also /live and /metrics
  data    %[4]s
`, Version(), time.Since(began).Seconds(), server.Addr(), cfg.Data)
	}
	return <-stopped
}

// waitReady waits until ready has no complaint; false when ctx ended before.
func waitReady(ctx context.Context, ready func() error) bool {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for ready() != nil {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
	return true
}

// oneLine says in one line what a person can do about the usual faults.
func oneLine(err error) error {
	switch {
	case errors.Is(err, pebbledb.ErrNewer):
		return fmt.Errorf("%w; use the release that wrote it, or a newer one", err)
	case errors.Is(err, http.ErrServerClosed):
		return nil
	}
	return err
}
