package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/starlinghq/starling/internal/cache"
	cacheredis "github.com/starlinghq/starling/internal/cache/redis"
	"github.com/starlinghq/starling/internal/clienttls"
	"github.com/starlinghq/starling/internal/queue"
	queuerabbitmq "github.com/starlinghq/starling/internal/queue/rabbitmq"
	"github.com/starlinghq/starling/internal/store"
	storecassandra "github.com/starlinghq/starling/internal/store/cassandra"
	"github.com/starlinghq/starling/internal/telemetry"
	"github.com/starlinghq/starling/workers"
)

// brokerPatience is how long a starting process waits for the broker.
const brokerPatience = 30 * time.Second

// openDistributed opens the parts that many processes share: Cassandra for the
// truth, RabbitMQ between mutation and owner, Redis for what may vanish.
func openDistributed(ctx context.Context, cfg Config, log *slog.Logger, t *telemetry.Telemetry) (_ *engines, err error) {
	e := &engines{ready: func() error { return nil }}
	var closers []func() error
	e.close = func() error {
		var errs []error
		for i := len(closers) - 1; i >= 0; i-- {
			errs = append(errs, closers[i]())
		}
		return errors.Join(errs...)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.close())
		}
	}()
	cassandra, err := cfg.cassandra(log)
	if err != nil {
		return nil, err
	}
	cassandra.Traces = t.TracerProvider()
	s, err := storecassandra.Open(ctx, cassandra)
	if err != nil {
		return nil, err
	}
	closers = append(closers, s.Close)
	rabbitmq := cfg.rabbitmq(log)
	if rabbitmq.Members, err = cfg.seatNames(); err != nil {
		return nil, err
	}
	waiting, cancel := context.WithTimeout(ctx, brokerPatience)
	defer cancel()
	q, err := queuerabbitmq.Open(waiting, rabbitmq)
	if err != nil {
		return nil, err
	}
	closers = append(closers, q.Close)
	redis, err := cfg.redis(log)
	if err != nil {
		return nil, err
	}
	c, err := cacheredis.Open(ctx, redis)
	if err != nil {
		return nil, err
	}
	closers = append(closers, func() error { c.Close(); return nil })
	e.ready, e.clock, e.peers = q.Ready, s.Clock, q
	e.store = store.NewTraced(s, t.TracerProvider(), t.MeterProvider())
	e.queue = queue.NewTraced(q, t.TracerProvider(), t.MeterProvider())
	e.cache = cache.NewTraced(c, t.TracerProvider(), t.MeterProvider())
	e.run = []service{{"queue", q.Run}, {"cache", c.Run}}
	if err := e.openIdentity(ctx, cfg, log, t.Meter("ids")); err != nil {
		return nil, err
	}
	return e, nil
}

// openBroker returns the queues of the broker.
func openBroker(ctx context.Context, cfg Config) (Queues, func() error, error) {
	waiting, cancel := context.WithTimeout(ctx, brokerPatience)
	defer cancel()
	q, err := queuerabbitmq.OpenRunning(waiting, cfg.rabbitmq(slog.New(slog.DiscardHandler)))
	if err != nil {
		return nil, nil, err
	}
	return q, q.Close, nil
}

// Migrate creates and changes the tables of the distributed engines.
func Migrate(ctx context.Context, cfg Config, log *slog.Logger) error {
	if cfg.Engines != enginesDistributed {
		return errors.New("the embedded engines need no migration; set engines to distributed")
	}
	c, err := cfg.cassandra(log)
	if err != nil {
		return err
	}
	return storecassandra.Migrate(ctx, c)
}

func (c Config) cassandra(log *slog.Logger) (storecassandra.Config, error) {
	out := storecassandra.Default()
	out.Hosts, out.Datacenter, out.Keyspace = c.Cassandra.Hosts, c.Cassandra.Datacenter, c.Cassandra.Keyspace
	out.ReplicationFactor, out.Shards, out.Logger = c.Cassandra.ReplicationFactor, c.Shards, log
	out.Username = c.Cassandra.Username
	out.TLS, out.CAFile, out.CertFile, out.KeyFile = c.Cassandra.TLS.On, c.Cassandra.TLS.CAFile, c.Cassandra.TLS.CertFile, c.Cassandra.TLS.KeyFile
	var err error
	out.Password, err = secret(c.Cassandra.PasswordFile)
	return out, err
}

func (c Config) rabbitmq(log *slog.Logger) queuerabbitmq.Config {
	out := queuerabbitmq.Default()
	out.URLs, out.User, out.PasswordFile = c.RabbitMQ.URLs, c.RabbitMQ.Username, c.RabbitMQ.PasswordFile
	out.Prefix, out.Shards, out.Limits, out.Logger = c.RabbitMQ.Prefix, c.Shards, depthLimits(c), log
	out.TLS = c.RabbitMQ.TLS.files() // whether it is used, the URLs say
	return out
}

func (c Config) redis(log *slog.Logger) (cacheredis.Config, error) {
	out := cacheredis.Config{
		Addresses: c.Redis.Addresses, Username: c.Redis.Username, Database: c.Redis.Database,
		FeedShards: c.Redis.FeedShards, TrackedBytes: c.Limits.CacheMiB << 20, Logger: log,
	}
	var err error
	if out.Password, err = secret(c.Redis.PasswordFile); err != nil {
		return out, err
	}
	out.TLS, err = c.Redis.TLS.config()
	return out, err
}

// seatNames are the names under which the workers of other processes find
// those of this one.
func (c Config) seatNames() ([]string, error) {
	roles, err := rolesNamed(c.Roles)
	if err != nil || c.Workers.Members < 2 {
		return nil, err
	}
	var names []string
	for _, r := range roles {
		for _, f := range r.families {
			names = append(names, workers.SeatName(f, c.Workers.Member-1))
		}
	}
	return names, nil
}

// secret reads a secret from its file; none without a file.
func secret(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("reading a secret: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

// config returns the TLS configuration of a connection; nil where it is off.
func (c TLSConfig) config() (*tls.Config, error) {
	if !c.On {
		return nil, nil
	}
	return c.files().Config()
}

func (c TLSConfig) files() clienttls.Files {
	return clienttls.Files{CAFile: c.CAFile, CertFile: c.CertFile, KeyFile: c.KeyFile}
}
