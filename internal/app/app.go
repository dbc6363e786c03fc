package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/metric/noop"

	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/telemetry"
	"github.com/starlinghq/starling/router"
	"github.com/starlinghq/starling/workers"
)

// Server is one process of the product: all of it, or some of its roles.
type Server struct {
	cfg       Config
	log       *slog.Logger
	version   string
	telemetry *telemetry.Telemetry
	listener  net.Listener
	socket    net.Listener // of those who look after the queues; nil without a folder
	engines   *engines
	router    *router.Router          // nil without the role
	subgraphs map[string]http.Handler // those in this process
	services  []service               // in the order of needs
	stopping  atomic.Bool             // nobody is to send it anything new
}

// Open takes the port, opens the data and its socket and builds every role. Nothing runs
// until Run. Close it if Run is never called.
func Open(ctx context.Context, cfg Config, version string, logs io.Writer) (*Server, error) {
	return open(ctx, cfg, version, logs, func(*engines) {})
}

// open is Open with a step between the engines and the roles, in which tests
// wrap the engines.
func open(ctx context.Context, cfg Config, version string, logs io.Writer, wrap func(*engines)) (_ *Server, err error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("the configuration is not valid: %w", err)
	}
	h, err := cfg.Log.handler(logs)
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, version: version, log: slog.New(telemetry.NewLogHandler(h))}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	s.telemetry, err = telemetry.New(telemetry.FromEnv(telemetry.Config{Service: cfg.service(), Version: version, Endpoint: cfg.Telemetry.OTLPEndpoint, Logger: s.log}, os.Getenv))
	if err != nil {
		return nil, fmt.Errorf("setting telemetry up: %w", err)
	}
	if s.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", cfg.Listen); err != nil {
		return nil, fmt.Errorf("%s cannot be listened on: %w; choose another with --listen", cfg.Listen, err)
	}
	openEngines := openEmbedded
	if cfg.Engines == enginesDistributed {
		openEngines = openDistributed
	}
	if s.engines, err = openEngines(ctx, cfg, s.log, s.telemetry); err != nil {
		return nil, err
	}
	wrap(s.engines)
	if err := s.build(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// build makes the roles of this process on the opened engines.
func (s *Server) build(ctx context.Context) error {
	roles, err := rolesNamed(s.cfg.Roles)
	if err != nil {
		return err
	}
	deps := s.engines.deps(s.log)
	s.subgraphs = map[string]http.Handler{}
	s.services = append(s.services, s.engines.run...)
	for _, r := range roles {
		switch {
		case r.worker != nil:
			h := r.worker(s.cfg, s.engines)
			for _, f := range r.families {
				s.services = append(s.services, service{r.name, s.loop(f, h).Run})
			}
		case r.subgraph != nil:
			s.subgraphs[r.name] = s.traced(r.name, r.subgraph(s.cfg, s.engines, deps))
		case r.router:
			if s.router, err = s.newRouter(ctx); err != nil {
				return fmt.Errorf("building the router: %w", err)
			}
			s.services = append(s.services, service{r.name, s.router.Run})
		}
	}
	if s.cfg.Engines == enginesEmbedded {
		if s.socket, err = listenOnSocket(ctx, s.cfg.Data); err != nil {
			return err
		}
		s.services = append(s.services, service{"admin", s.administer})
	}
	s.services = append(s.services, service{"http", s.serve})
	return nil
}

// traced makes a span of each call of a subgraph, below the router's fetch
// wherever that runs.
func (s *Server) traced(name string, h http.Handler) http.Handler {
	return otelhttp.NewHandler(h, "subgraph "+name,
		otelhttp.WithTracerProvider(s.telemetry.TracerProvider()),
		otelhttp.WithMeterProvider(noop.NewMeterProvider()), // the router counts its calls
		otelhttp.WithPropagators(telemetry.Propagator()),
		otelhttp.WithSpanNameFormatter(func(operation string, _ *http.Request) string { return operation }),
	)
}

// loop consumes the queues of a family.
func (s *Server) loop(f social.Family, h workers.Handler) *workers.Loop {
	e := s.engines
	cfg := workers.Default(f, s.cfg.Shards)
	cfg.Seat = workers.Seat{Number: s.cfg.Workers.Member - 1, Of: s.cfg.Workers.Members, Peers: e.peers}
	return workers.New(cfg, e.queue, e.register(), h, s.log, s.telemetry.Tracer("workers"))
}

// Addr returns the address that is listened on.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Ready says who is not ready yet; nil when everybody is.
func (s *Server) Ready() error {
	if s.stopping.Load() {
		return errors.New("it is stopping")
	}
	if err := s.engines.ready(); err != nil {
		return err
	}
	if s.router != nil {
		return s.router.Ready()
	}
	return nil
}

// Idle returns nil when no event waits to be applied, on the ladder or off it.
func (s *Server) Idle(ctx context.Context) error {
	depths, err := s.engines.queue.Depths(ctx)
	if err != nil {
		return err
	}
	for _, d := range depths {
		if d.Ready+d.Resting > 0 {
			return fmt.Errorf("%s: %d events wait, %d rest on the ladder", d.Name, d.Ready, d.Resting)
		}
	}
	return nil
}

// Run starts the services in order and blocks until ctx ends or one of them
// fails; then it stops them in reverse, each with a deadline, and closes
// everything. It returns nil after an orderly stop.
func (s *Server) Run(ctx context.Context) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	running := make([]*running, len(s.services))
	for i, svc := range s.services {
		running[i] = start(context.WithoutCancel(ctx), svc, fail)
	}
	<-ctx.Done()
	var errs []error
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		errs = append(errs, err)
	}
	for i := len(running) - 1; i >= 0; i-- {
		errs = append(errs, running[i].stop(s.stopTime()))
	}
	errs = append(errs, s.Close())
	return errors.Join(errs...)
}

// Close gives back what Open took. It may be called twice.
func (s *Server) Close() error {
	var errs []error
	for _, l := range []net.Listener{s.listener, s.socket} {
		if l == nil {
			continue
		}
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if s.engines != nil {
		errs = append(errs, s.engines.close())
		s.engines = nil
	}
	if s.telemetry != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		errs = append(errs, s.telemetry.Shutdown(ctx))
		s.telemetry = nil
	}
	return errors.Join(errs...)
}

func (s *Server) stopTime() time.Duration {
	return time.Duration(s.cfg.Limits.StopSeconds) * time.Second
}

// accessLog is the log of the router: one line for each request, if wanted.
func (s *Server) accessLog() *slog.Logger {
	if s.cfg.Log.Access {
		return s.log
	}
	return slog.New(quiet{s.log.Handler()})
}

// quiet passes nothing below warnings.
type quiet struct{ slog.Handler }

func (q quiet) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && q.Handler.Enabled(ctx, l)
}

// running is a started service.
type running struct {
	service
	cancel context.CancelFunc
	done   chan struct{}
	err    error // set before done is closed
}

func start(ctx context.Context, s service, fail context.CancelCauseFunc) *running {
	ctx, cancel := context.WithCancel(ctx)
	r := &running{service: s, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		if r.err = s.run(ctx); r.err == nil && ctx.Err() == nil {
			r.err = errors.New("it ended by itself")
		}
		if r.err != nil {
			r.err = fmt.Errorf("%s: %w", s.name, r.err)
			fail(r.err)
		}
	}()
	return r
}

// stop ends a service and waits for it.
func (r *running) stop(within time.Duration) error {
	r.cancel()
	t := time.NewTimer(within + time.Second)
	defer t.Stop()
	select {
	case <-r.done:
		return nil // what it failed with is known already
	case <-t.C:
		return fmt.Errorf("%s did not stop within %s", r.name, within)
	}
}
