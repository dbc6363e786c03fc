package router

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/starlinghq/starling/router/internal/transport"
)

// scope names the router in traces and metrics.
const scope = "github.com/starlinghq/starling/router"

// Router serves a supergraph. Make one with [New].
type Router struct {
	cfg     Config
	mux     http.Handler
	metrics *metrics
	graph   atomic.Pointer[graph]
	started atomic.Bool
	slots   chan struct{} // one for each request that runs
	bodies  *transport.Budget

	mu       sync.Mutex
	draining bool
	running  map[*exchange]context.CancelFunc
	idle     chan struct{} // closed when draining and nothing runs
}

// New checks the configuration and makes a router. It does no I/O and starts
// nothing; until [Router.Run] has loaded the supergraph, requests get 503.
func New(cfg Config) (*Router, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	r := &Router{cfg: cfg.withDefaults(), idle: make(chan struct{}), running: make(map[*exchange]context.CancelFunc)}
	r.slots = make(chan struct{}, r.cfg.Limits.Requests)
	r.bodies = transport.NewBudget(r.cfg.Limits.BodiesBytes)
	m, err := newMetrics(r.cfg.MeterProvider)
	if err != nil {
		return nil, err
	}
	r.metrics = m
	r.mux = r.routes()
	return r, nil
}

// ErrRunning is returned by a second [Router.Run].
var ErrRunning = errors.New("router: Run was called before")

// ErrSupergraph is in the error of a [Router.Run] whose source gave a text that
// is not a supergraph.
var ErrSupergraph = errors.New("the supergraph cannot be read")

// Run loads the supergraph, serves until the context ends, and then refuses
// new requests and waits for those that run, at most for Timeouts.Drain. It
// returns nil after that, and an error when the supergraph cannot be served.
func (r *Router) Run(ctx context.Context) error {
	if r.started.Swap(true) {
		return ErrRunning
	}
	stop := r.runAuthenticator(ctx)
	defer stop()
	start := time.Now()
	sdl, err := r.cfg.Source.Supergraph(ctx)
	if err != nil {
		return err
	}
	g, err := load(ctx, &r.cfg, sdl)
	if err != nil {
		return err
	}
	r.graph.Store(g)
	r.cfg.Logger.InfoContext(ctx, "supergraph loaded", "subgraphs", len(g.engine.Subgraphs()), "bytes", len(sdl), "took", time.Since(start))
	<-ctx.Done()
	r.drain()
	g.planning.Wait()
	g.client.Wait()
	return nil
}

// runner is an [Authenticator] that works in the background.
type runner interface {
	Run(ctx context.Context) error
	Ready() error
}

// runAuthenticator lets an authenticator fetch its keys while the router
// serves. The returned function waits for it.
func (r *Router) runAuthenticator(ctx context.Context) (stop func()) {
	a, ok := r.cfg.Authenticator.(runner)
	if !ok {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := a.Run(ctx); err != nil {
			r.cfg.Logger.ErrorContext(ctx, "authenticator stopped", "error", err)
		}
	})
	return func() {
		cancel()
		wg.Wait()
	}
}

// drain refuses new requests and waits for the others, which it ends when
// they take too long.
func (r *Router) drain() {
	r.mu.Lock()
	r.draining = true
	if len(r.running) == 0 {
		close(r.idle)
	}
	r.mu.Unlock()
	timer := time.NewTimer(r.cfg.Timeouts.Drain)
	defer timer.Stop()
	select {
	case <-r.idle:
		return
	case <-timer.C:
	}
	r.mu.Lock()
	for _, end := range r.running {
		end()
	}
	r.mu.Unlock()
	timer.Reset(time.Second)
	select {
	case <-r.idle:
	case <-timer.C:
	}
}

// enter admits a request, which end can end. leave must be called after it.
func (r *Router) enter(x *exchange, end context.CancelFunc) bool {
	select {
	case r.slots <- struct{}{}:
	default:
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.draining {
		<-r.slots
		return false
	}
	r.running[x] = end
	return true
}

func (r *Router) leave(x *exchange) {
	<-r.slots
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.running, x)
	if r.draining && len(r.running) == 0 {
		close(r.idle)
	}
}

// Ready returns nil when the router serves, and otherwise what is missing.
func (r *Router) Ready() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.draining:
		return errors.New("router: shutting down")
	case r.graph.Load() == nil:
		return errors.New("router: the supergraph is not loaded yet")
	}
	if a, ok := r.cfg.Authenticator.(runner); ok {
		if err := a.Ready(); err != nil {
			return fmt.Errorf("router: tokens cannot be verified yet: %w", err)
		}
	}
	return nil
}

// ServeHTTP serves the endpoint, /live, /ready and the query page.
func (r *Router) ServeHTTP(w http.ResponseWriter, req *http.Request) { r.mux.ServeHTTP(w, req) }
