package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"go.opentelemetry.io/otel/metric"

	"github.com/starlinghq/starling/internal/account"
	"github.com/starlinghq/starling/internal/cache"
	cachelocal "github.com/starlinghq/starling/internal/cache/local"
	"github.com/starlinghq/starling/internal/pebbledb"
	"github.com/starlinghq/starling/internal/queue"
	queuepebble "github.com/starlinghq/starling/internal/queue/pebble"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
	storepebble "github.com/starlinghq/starling/internal/store/pebble"
	"github.com/starlinghq/starling/internal/telemetry"
	"github.com/starlinghq/starling/internal/viewer"
)

// engines are the opened parts that everything else is built on.
type engines struct {
	store  store.Store
	queue  queue.Queue
	cache  cache.Cache
	peers  queue.Presence                           // nil where this process is the only one
	clock  func(context.Context) (time.Time, error) // the store's; nil where it is this machine's
	ids    *snowflake.Generator
	issuer *account.Issuer
	tokens *viewer.Verifier
	run    []service    // what the engines need running, in the order of needs
	ready  func() error // who is not ready yet
	close  func() error
}

// openEmbedded opens the parts that need no service: one database with store
// and queue in it, and a cache in this process.
func openEmbedded(ctx context.Context, cfg Config, log *slog.Logger, t *telemetry.Telemetry) (_ *engines, err error) {
	db, err := pebbledb.Open(ctx, pebbledb.Config{
		Dir:        cfg.Data,
		Logger:     log,
		CacheBytes: int64(cfg.Limits.DatabaseMiB) << 20,
		MinFree:    uint64(cfg.Limits.MinFreeMiB) << 20,
	})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	s, err := storepebble.Open(ctx, db, storepebble.OpenOptions{Shards: cfg.Shards, Logger: log})
	if err != nil {
		return nil, err
	}
	q, err := queuepebble.Open(ctx, db, queuepebble.Config{Shards: cfg.Shards, Limits: depthLimits(cfg), Logger: log})
	if err != nil {
		return nil, err
	}
	c, err := cachelocal.New(cachelocal.Config{ObjectBytes: int64(cfg.Limits.CacheMiB) << 20})
	if err != nil {
		return nil, err
	}
	e := &engines{
		store: store.NewTraced(s, t.TracerProvider(), t.MeterProvider()),
		queue: queue.NewTraced(q, t.TracerProvider(), t.MeterProvider()),
		cache: cache.NewTraced(c, t.TracerProvider(), t.MeterProvider()),
		ready: func() error {
			if n := q.Backlog(); n > 0 {
				return fmt.Errorf("workers: %d events of before the start are not applied yet", n)
			}
			return nil
		},
		run: []service{{name: "database", run: db.Run}, {name: "queue", run: q.Run}, {name: "store", run: s.Run}},
		close: func() error {
			c.Close()
			return db.Close()
		},
	}
	if err := e.openIdentity(ctx, cfg, log, t.Meter("ids")); err != nil {
		return nil, err
	}
	return e, nil
}

// depthLimits bounds the families that mutations publish to. Those that owners
// relay to have no limit, or owners would wait for each other in a circle.
func depthLimits(cfg Config) map[social.Family]int64 {
	return map[social.Family]int64{
		social.FamilyTweets:     cfg.Limits.QueueDepth,
		social.FamilyUsers:      cfg.Limits.QueueDepth,
		social.FamilyEngagement: cfg.Limits.QueueDepth,
	}
}

// openIdentity opens what makes ids and tokens.
func (e *engines) openIdentity(ctx context.Context, cfg Config, log *slog.Logger, m metric.Meter) error {
	if err := e.openIDs(ctx, cfg, log, m); err != nil {
		return err
	}
	issuer, err := signingKey(cfg)
	if err != nil {
		return fmt.Errorf("reading the signing key: %w", err)
	}
	e.issuer = issuer
	e.tokens, err = viewer.NewVerifier(viewer.Config{
		Logger:  log,
		Issuers: []viewer.Issuer{{Issuer: issuer.Name(), Audience: issuer.Audience(), Keys: issuer.JWKS}},
	})
	if err != nil {
		return fmt.Errorf("preparing to verify tokens: %w", err)
	}
	return nil
}

// signingKey reads the key that signs tokens; the one in the data folder is
// made when there is none.
func signingKey(cfg Config) (*account.Issuer, error) {
	if cfg.Auth.SigningKeyFile != "" {
		return account.Load(cfg.Auth.SigningKeyFile)
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, err
	}
	return account.LoadOrCreate(filepath.Join(cfg.Data, "signing-key.pem"))
}
