package cacheredis

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/redis/rueidis"

	"github.com/starlinghq/starling/internal/cache"
)

// Config says where Redis is.
type Config struct {
	Addresses []string // HOST:PORT of one server, or of nodes of a cluster
	Username  string
	Password  string
	TLS       *tls.Config
	Database  int // of a single server; it belongs to Starling alone

	// FeedShards is how many slots home timelines spread over: 1 on a single
	// server, 256 in a cluster. All processes must have the same.
	FeedShards int
	// TrackedBytes bounds the copies that this process keeps; 0 is 32 MiB.
	TrackedBytes int
	Timeout      time.Duration // of one call; 0 is 500 ms
	Logger       *slog.Logger
}

// Cache implements cache.Cache on Redis.
type Cache struct {
	cfg     Config
	tracked rueidis.Client // objects, with copies in this process
	plain   rueidis.Client
	scripts scripts
	log     *slog.Logger
}

var _ cache.Cache = (*Cache)(nil)

// Open connects and makes sure that Redis holds nothing of an earlier life.
// Close it when done.
func Open(ctx context.Context, cfg Config) (_ *Cache, err error) {
	if cfg.FeedShards == 0 {
		cfg.FeedShards = 1
	}
	if cfg.TrackedBytes == 0 {
		cfg.TrackedBytes = 32 << 20
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 500 * time.Millisecond
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	c := &Cache{cfg: cfg, scripts: newScripts(), log: cfg.Logger}
	defer func() {
		if err != nil {
			c.Close()
		}
	}()
	// One connection: an invalidation is read before the reply to what caused it.
	if c.tracked, err = rueidis.NewClient(cfg.option(func(o *rueidis.ClientOption) {
		o.PipelineMultiplex = -1
		o.CacheSizeEachConn = cfg.TrackedBytes
		o.DialCtxFn = c.dial
	})); err != nil {
		return nil, fmt.Errorf("cacheredis: connecting to %v: %w", cfg.Addresses, err)
	}
	if c.plain, err = rueidis.NewClient(cfg.option(func(o *rueidis.ClientOption) {
		o.DisableCache = true
		o.DialCtxFn = c.dial
	})); err != nil {
		return nil, fmt.Errorf("cacheredis: connecting to %v: %w", cfg.Addresses, err)
	}
	return c, away(ctx, c.checkLives(ctx))
}

func (cfg Config) option(change func(*rueidis.ClientOption)) rueidis.ClientOption {
	o := rueidis.ClientOption{
		InitAddress:        cfg.Addresses,
		Username:           cfg.Username,
		Password:           cfg.Password,
		TLSConfig:          cfg.TLS,
		SelectDB:           cfg.Database,
		ConnWriteTimeout:   2 * time.Second,
		Dialer:             net.Dialer{Timeout: time.Second, KeepAlive: time.Second},
		ClientName:         "starling",
		RingScaleEachConn:  9,
		ReadBufferEachConn: 64 << 10, WriteBufferEachConn: 64 << 10,
	}
	change(&o)
	return o
}

// Close ends the connections.
func (c *Cache) Close() {
	for _, client := range []rueidis.Client{c.tracked, c.plain} {
		if client != nil {
			client.Close()
		}
	}
}

// limited gives a call its deadline.
func (c *Cache) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, c.cfg.Timeout)
}

// away translates what a call failed with: Redis answers errors only for
// faults of ours; everything else means that it did not answer.
func away(ctx context.Context, err error) error {
	if err == nil || rueidis.IsRedisNil(err) {
		return nil
	}
	if ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return fmt.Errorf("%w: %w", cache.ErrUnavailable, err)
}

// Flush implements cache.Cache.
func (c *Cache) Flush(ctx context.Context) error {
	limited, cancel := c.limited(ctx)
	defer cancel()
	for addr, node := range c.plain.Nodes() {
		if _, err := empty(limited, node); err != nil {
			return away(ctx, fmt.Errorf("flushing %s: %w", addr, err))
		}
	}
	for addr, node := range c.tracked.Nodes() { // which have read the invalidations by their answers
		if err := node.Do(limited, node.B().Ping().Build()).Error(); err != nil {
			return away(ctx, fmt.Errorf("flushing copies of %s: %w", addr, err))
		}
	}
	return nil
}
