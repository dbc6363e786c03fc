package subgraphs

import (
	"log/slog"
	"time"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/store"
	"github.com/starlinghq/starling/subgraphs/internal/commit"
	"github.com/starlinghq/starling/subgraphs/internal/read"
	"github.com/starlinghq/starling/subgraphs/internal/serve"
)

// Deps is what a subgraph is built from.
type Deps struct {
	Store  store.Store
	Cache  cache.Cache
	Queue  queue.Publisher
	Minter commit.Minter
	Tokens serve.Verifier
	Log    *slog.Logger
	Now    func() time.Time
}

// Reader returns how a subgraph with these parts reads.
func (d Deps) Reader() *read.Reader { return read.New(d.Store, d.Cache, d.Log, d.Now) }

// Committer returns how a subgraph with these parts commits.
func (d Deps) Committer() *commit.Committer {
	return &commit.Committer{Minter: d.Minter, Queue: d.Queue, Claims: d.Store, Pending: d.Cache, Objects: d.Cache, Log: d.Log}
}
