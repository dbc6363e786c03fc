package storecassandra

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"regexp"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
	"go.opentelemetry.io/otel/trace"
)

// Config says which cluster to use and how.
type Config struct {
	Hosts      []string // host:port of some nodes; the others are found
	Datacenter string   // the local one, as the nodes name it
	Keyspace   string   // prefix of all keyspaces, for example starling_tweets

	// ReplicationFactor is the number of copies in the datacenter: 3, or 1 on a
	// single node, which then has to sync its commit log before it acknowledges.
	// Only Migrate looks at it, when it makes a keyspace.
	ReplicationFactor int

	// Shards is N of the sharding function, at least 1. It is kept in the
	// schema, and another one is refused: a key would change its owner.
	Shards int

	Username string // empty: the cluster asks for no credentials
	Password string

	TLS      bool   // talk TLS and verify the name of the node
	CAFile   string // PEM file of the authority; empty: those of the system
	CertFile string // PEM file of the client's certificate, with KeyFile
	KeyFile  string

	Connections  int           // to each node
	Timeout      time.Duration // of one request, above those of the nodes
	Deadline     time.Duration // of one call with its repetitions
	RebuildAfter time.Duration // a session without hosts for so long is replaced

	// Now moves the clock by which idempotency keys end; nil: the node's own.
	// For tests.
	Now func() time.Time

	dialer gocql.Dialer // for tests

	Logger *slog.Logger         // nil is silence
	Traces trace.TracerProvider // nil: no spans of single requests
}

// Default returns the configuration of one node on this machine.
func Default() Config {
	return Config{
		Hosts: []string{"127.0.0.1:9042"}, Datacenter: "datacenter1", Keyspace: "starling",
		ReplicationFactor: 1, Shards: 16, Connections: 2,
		Timeout: 2 * time.Second, Deadline: 4 * time.Second, RebuildAfter: 10 * time.Second,
	}
}

// prefix is what a keyspace may begin with; Cassandra allows 48 characters.
var prefix = regexp.MustCompile(`^[a-z][a-z0-9_]{0,30}$`)

// Validate returns everything that is wrong.
func (c Config) Validate() error {
	var errs []error
	bad := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	bad(len(c.Hosts) == 0, "cassandra: no hosts")
	for _, h := range c.Hosts {
		_, _, err := net.SplitHostPort(h)
		bad(err != nil, "cassandra: host %q is not host:port", h)
	}
	bad(c.Datacenter == "", "cassandra: no datacenter")
	bad(!prefix.MatchString(c.Keyspace), "cassandra: keyspace %q is not lower-case letters, digits and _, at most 31", c.Keyspace)
	bad(c.ReplicationFactor < 1, "cassandra: %d copies, at least 1 is needed", c.ReplicationFactor)
	bad(c.Shards < 1, "cassandra: %d shards, at least 1 is needed", c.Shards)
	bad(c.Password != "" && c.Username == "", "cassandra: a password without a username")
	bad(!c.TLS && (c.CAFile != "" || c.CertFile != "" || c.KeyFile != ""), "cassandra: TLS files without TLS")
	bad((c.CertFile == "") != (c.KeyFile == ""), "cassandra: a certificate and its key go together")
	bad(c.Connections < 1, "cassandra: %d connections, at least 1 is needed", c.Connections)
	bad(c.Timeout <= 0 || c.Deadline < c.Timeout, "cassandra: deadline %s, timeout %s: both above 0, the deadline not below", c.Deadline, c.Timeout)
	bad(c.RebuildAfter <= 0, "cassandra: rebuild after %s, above 0 is needed", c.RebuildAfter)
	return errors.Join(errs...)
}

// cluster returns the driver's configuration.
func (c Config) cluster() *gocql.ClusterConfig {
	g := gocql.NewCluster(c.Hosts...)
	g.Consistency = gocql.LocalQuorum
	g.SerialConsistency = gocql.Serial
	g.Timeout, g.ConnectTimeout = c.Timeout, c.Timeout
	g.NumConns = c.Connections
	g.PageSize = pageRows
	g.DefaultTimestamp = false // every statement names its own, or is conditional
	g.DefaultIdempotence = false
	g.WriteCoalesceWaitTime = 0 // waiting costs four times the latency and CPU
	g.ReconnectInterval = time.Second
	g.ReconnectionPolicy = &gocql.ConstantReconnectionPolicy{MaxRetries: 1, Interval: 100 * time.Millisecond}
	g.PoolConfig.HostSelectionPolicy = gocql.TokenAwareHostPolicy(gocql.DCAwareRoundRobinPolicy(c.Datacenter), gocql.ShuffleReplicas())
	g.Logger = driverLog{c.Logger}
	g.Dialer = c.dialer
	if c.Username != "" {
		g.Authenticator = gocql.PasswordAuthenticator{Username: c.Username, Password: c.Password}
	}
	if c.TLS {
		g.SslOpts = &gocql.SslOptions{CaPath: c.CAFile, CertPath: c.CertFile, KeyPath: c.KeyFile, EnableHostVerification: true}
	}
	if c.Traces != nil {
		o := observer{c.Traces.Tracer("github.com/starlinghq/starling/internal/store/cassandra")}
		g.QueryObserver, g.BatchObserver = o, o
	}
	return g
}
