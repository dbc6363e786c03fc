package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/starlinghq/starling/internal/settings"
	"github.com/starlinghq/starling/internal/telemetry"
	"github.com/starlinghq/starling/router"
)

type routerCmd struct {
	Supergraph string `required:"" placeholder:"FILE" help:"Supergraph SDL to serve."`
	Listen     string `default:"127.0.0.1:4000" placeholder:"HOST:PORT" help:"Where the graph and the pages are; ${default} if left out."`
	ConfigFile string `name:"config" placeholder:"FILE" help:"Configuration of the router (YAML); docs/router.md lists it."`
}

// Run serves a supergraph until the context ends.
func (c *routerCmd) Run(ctx context.Context, s Streams) (err error) {
	log := slog.New(telemetry.NewLogHandler(slog.NewTextHandler(s.Err, nil)))
	tel, err := telemetry.New(telemetry.FromEnv(telemetry.Config{Service: "starling-router", Version: Version(), Logger: log}, s.getenv))
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		err = errors.Join(err, tel.Shutdown(ctx))
	}()
	cfg, err := c.config(s, log)
	if err != nil {
		return err
	}
	cfg.TracerProvider, cfg.MeterProvider = tel.TracerProvider(), tel.MeterProvider()
	r, err := router.New(cfg)
	if err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("%s cannot be listened on: %w; choose another with --listen", c.Listen, err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", r)
	mux.Handle("GET /metrics", tel.MetricsHandler())
	return c.explain(serveRouter(ctx, r, l, mux, func() { announce(s.Out, l.Addr(), &cfg.HTTP) }))
}

// announce says where everything is.
func announce(w io.Writer, addr net.Addr, cfg *router.HTTPConfig) {
	path := cfg.Path
	if path == "" {
		path = "/graphql"
	}
	fmt.Fprintf(w, "starling router %s\n  graph   http://%[2]s%[3]s\n", Version(), addr, path)
	if !cfg.DisablePage {
		fmt.Fprintf(w, "  page    http://%s/\n", addr)
	}
	fmt.Fprintf(w, "  health  http://%s/ready  also /live and /metrics\n", addr)
}

// explain says what a person can do about the usual faults.
func (c *routerCmd) explain(err error) error {
	var file *fs.PathError
	switch {
	case errors.As(err, &file) && file.Path == c.Supergraph && errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w; --supergraph is the file that a composer wrote, as starling schema compose does", err)
	case errors.Is(err, router.ErrSupergraph):
		return fmt.Errorf("%s: %w; starling schema compose makes a supergraph of subgraphs", c.Supergraph, err)
	}
	return err
}

// config reads the configuration file, with ${env.X} replaced in its values.
func (c *routerCmd) config(s Streams, log *slog.Logger) (router.Config, error) {
	var in router.Settings
	if c.ConfigFile != "" {
		b, err := os.ReadFile(c.ConfigFile)
		if err != nil {
			return router.Config{}, fmt.Errorf("reading the configuration: %w", err)
		}
		expand := func(value string) (string, error) {
			return router.Expand(value, func(name string) (string, bool) {
				v := s.getenv(name)
				return v, v != ""
			})
		}
		if err := settings.DecodeExpanded(b, &in, expand); err != nil {
			if bytes.Contains(b, []byte("${env.")) && strings.Contains(err.Error(), "did not find expected") {
				err = fmt.Errorf("%w; write \"${env.NAME}\" in quotes inside of [] and {}", err)
			}
			return router.Config{}, fmt.Errorf("%s: %w", c.ConfigFile, err)
		}
	}
	return in.Config(router.File(c.Supergraph), log)
}

// serveRouter answers until ctx ends, or nothing more can be accepted: then
// what was begun is finished within the router's drain time. It calls ready
// when it has begun.
func serveRouter(ctx context.Context, r *router.Router, l net.Listener, h http.Handler, ready func()) error {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	ran, served := make(chan error, 1), make(chan error, 1)
	wg.Go(func() {
		defer cancel()
		ran <- r.Run(ctx)
	})
	wg.Go(func() {
		defer cancel()
		served <- srv.Serve(l)
	})
	if waitReady(ctx, r.Ready) {
		ready()
	}
	<-ctx.Done()
	// The listener and connections that nobody uses are closed at once, while
	// the router waits for the requests that run.
	grace, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	stopped := make(chan struct{})
	wg.Go(func() {
		defer close(stopped)
		if srv.Shutdown(grace) != nil {
			_ = srv.Close()
		}
	})
	err := <-ran
	defer time.AfterFunc(time.Second/2, end).Stop() // the last answers are on their way
	<-stopped
	if e := <-served; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, fmt.Errorf("%s cannot be listened on any more: %w", l.Addr(), e))
	}
	return err
}

// getenv looks a variable up in the environment of the command.
func (s Streams) getenv(name string) string {
	for _, kv := range s.Env {
		if value, ok := strings.CutPrefix(kv, name+"="); ok {
			return value
		}
	}
	return ""
}
