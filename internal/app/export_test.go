package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"

	"github.com/starlinghq/starling/internal/account"
	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/store"
	"github.com/starlinghq/starling/internal/telemetry"
)

// Parts are the engines of a process as its roles see them.
type Parts struct {
	Store  store.Store
	Queue  queue.Queue
	Cache  cache.Cache
	Issuer *account.Issuer // nil where people sign in with somebody else
}

// Supergraph composes the subgraphs.
var Supergraph = supergraph

// Handler is what the server serves.
func (s *Server) Handler() http.Handler { return s.handler() }

// OpenWith returns Open with a step between the engines and the roles, in which
// a test wraps the engines.
func OpenWith(wrap func(*Parts)) func(context.Context, Config, string, io.Writer) (*Server, error) {
	return func(ctx context.Context, cfg Config, version string, logs io.Writer) (_ *Server, err error) {
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
		s.telemetry, err = telemetry.New(telemetry.FromEnv(telemetry.Config{Version: version, Logger: s.log}, os.Getenv))
		if err != nil {
			return nil, err
		}
		if s.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", cfg.Listen); err != nil {
			return nil, err
		}
		if s.engines, err = openEmbedded(ctx, cfg, s.log, s.telemetry); err != nil {
			return nil, err
		}
		p := Parts{Store: s.engines.store, Queue: s.engines.queue, Cache: s.engines.cache, Issuer: s.engines.issuer}
		wrap(&p)
		s.engines.store, s.engines.queue, s.engines.cache = p.Store, p.Queue, p.Cache
		s.engines.issuer = p.Issuer
		return s, s.build(ctx)
	}
}
