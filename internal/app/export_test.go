package app

import (
	"context"
	"io"
	"net/http"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/store"
	"github.com/starlinghq/starling/subgraphs"
)

// Parts are the engines of a process as its roles see them.
type Parts struct {
	Store store.Store
	Queue queue.Queue
	Cache cache.Cache
}

// Supergraph composes the subgraphs.
var Supergraph = supergraph

// Handler is what the server serves.
func (s *Server) Handler() http.Handler { return s.handler() }

// Deps are what the server's subgraphs are built from.
func (s *Server) Deps() subgraphs.Deps { return s.engines.deps(s.log) }

// OpenWith returns Open with a step between the engines and the roles, in which
// a test wraps the engines.
func OpenWith(wrap func(*Parts)) func(context.Context, Config, string, io.Writer) (*Server, error) {
	return func(ctx context.Context, cfg Config, version string, logs io.Writer) (*Server, error) {
		return open(ctx, cfg, version, logs, func(e *engines) {
			p := Parts{Store: e.store, Queue: e.queue, Cache: e.cache}
			wrap(&p)
			e.store, e.queue, e.cache = p.Store, p.Queue, p.Cache
		})
	}
}
