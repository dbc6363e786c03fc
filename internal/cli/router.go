package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/starlinghq/starling/internal/settings"
	"github.com/starlinghq/starling/internal/telemetry"
	"github.com/starlinghq/starling/router"
)

type routerCmd struct {
	Supergraph string `required:"" placeholder:"FILE" help:"Supergraph SDL to serve."`
	Listen     string `default:"127.0.0.1:4000" placeholder:"HOST:PORT" help:"Where the graph and the pages are."`
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
	path := cfg.HTTP.Path
	if path == "" {
		path = "/graphql"
	}
	fmt.Fprintf(s.Out, "starling router %s\n  graph   http://%[2]s%[3]s\n", Version(), l.Addr(), path)
	if !cfg.HTTP.DisablePage {
		fmt.Fprintf(s.Out, "  page    http://%s/\n", l.Addr())
	}
	fmt.Fprintf(s.Out, "  health  http://%s/ready  also /live and /metrics\n", l.Addr())
	return serveRouter(ctx, r, l, mux)
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

// serveRouter answers until ctx ends: then nothing more is accepted, and what
// was begun is finished within the router's drain time.
func serveRouter(ctx context.Context, r *router.Router, l net.Listener, h http.Handler) error {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ran, served := make(chan error, 1), make(chan error, 1)
	go func() { ran <- r.Run(ctx) }()
	go func() { served <- srv.Serve(l) }()
	var err error
	select {
	case err = <-ran: // it could not load the supergraph
	case err = <-served:
		cancel()
		err = errors.Join(err, <-ran)
	case <-ctx.Done():
		// Connections that nobody uses and the listener are closed at once, while
		// the router waits for the requests that run.
		quiet := make(chan error, 1)
		go func() { quiet <- srv.Shutdown(context.WithoutCancel(ctx)) }()
		err = <-ran
		defer func() { <-quiet }()
	}
	drain, end := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer end()
	if e := srv.Shutdown(drain); e != nil {
		err = errors.Join(err, srv.Close())
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
