package app

import (
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/starlinghq/starling/internal/timeline"
)

// Config is everything that can be set. Its yaml names are those of the
// configuration file; environment variables are the same names in upper case,
// joined by underscores behind STARLING_.
type Config struct {
	Roles     []string        `yaml:"roles" doc:"what this process does: all, or some of router, the subgraphs and the workers"`
	Engines   string          `yaml:"engines" doc:"embedded: one process, no service needed; distributed: Cassandra, RabbitMQ and Redis"`
	Listen    string          `yaml:"listen" doc:"HOST:PORT of the graph, the query page and the health pages"`
	Data      string          `yaml:"data" doc:"folder of everything that is kept"`
	Shards    int             `yaml:"shards" doc:"queues and owners of each family; fixed once data is written"`
	Subgraphs SubgraphsConfig `yaml:"subgraphs"`
	Cassandra CassandraConfig `yaml:"cassandra"`
	RabbitMQ  RabbitMQConfig  `yaml:"rabbitmq"`
	Redis     RedisConfig     `yaml:"redis"`
	Auth      AuthConfig      `yaml:"auth"`
	Workers   WorkersConfig   `yaml:"workers"`
	Fanout    FanoutConfig    `yaml:"fanout"`
	Limits    LimitsConfig    `yaml:"limits"`
	Telemetry TelemetryConfig `yaml:"telemetry"`
	Log       LogConfig       `yaml:"log"`
	Clock     ClockConfig     `yaml:"clock"`
}

// SubgraphsConfig is where a router finds the subgraphs that are not in its own
// process: any number of instances of each.
type SubgraphsConfig struct {
	Engagement []string `yaml:"engagement" doc:"URLs of the instances, for a router: http://HOST:PORT/subgraphs/engagement"`
	Feed       []string `yaml:"feed" doc:"likewise"`
	Node       []string `yaml:"node" doc:"likewise"`
	Tweets     []string `yaml:"tweets" doc:"likewise"`
	Users      []string `yaml:"users" doc:"likewise"`
}

// of returns the URLs of a subgraph.
func (c SubgraphsConfig) of(name string) []string {
	return map[string][]string{
		"engagement": c.Engagement, "feed": c.Feed, "node": c.Node, "tweets": c.Tweets, "users": c.Users,
	}[name]
}

// AuthConfig says who signs tokens and what passwords cost.
type AuthConfig struct {
	SigningKeyFile string         `yaml:"signing_key_file" doc:"PKCS#8 PEM file of the key that signs tokens; made in the data folder if empty"`
	Passwords      PasswordConfig `yaml:"passwords"`
	Throttle       ThrottleConfig `yaml:"throttle"`
}

// PasswordConfig is the cost of argon2id.
type PasswordConfig struct {
	MemoryKiB uint32 `yaml:"memory_kib" doc:"memory of one hash"`
	Passes    uint32 `yaml:"passes" doc:"passes of one hash"`
}

// ThrottleConfig bounds sign-ups and log-ins of one address.
type ThrottleConfig struct {
	Off       bool    `yaml:"off" doc:"do not count"`
	PerMinute float64 `yaml:"per_minute" doc:"tries of one address; loopback is not counted"`
}

// WorkersConfig divides the shards over the processes with the same worker
// roles.
type WorkersConfig struct {
	Member  int `yaml:"member" doc:"which of the processes with the same worker roles this one is, from 1; each has its own number"`
	Members int `yaml:"members" doc:"how many such processes there are: each prefers its share of the shards and stands by for the others"`
}

// FanoutConfig is the delivery of tweets.
type FanoutConfig struct {
	PageSize int `yaml:"page_size" doc:"followers that one delivery command covers"`
}

// LimitsConfig bounds what the process takes.
type LimitsConfig struct {
	MemoryMiB    int   `yaml:"memory_mib" doc:"memory that the process tries to stay under; it collects garbage harder near it"`
	CacheMiB     int   `yaml:"cache_mib" doc:"memory of cached objects"`
	DatabaseMiB  int   `yaml:"database_mib" doc:"memory of the database's block cache"`
	MinFreeMiB   int   `yaml:"min_free_mib" doc:"free disk below which mutations are refused"`
	QueueDepth   int64 `yaml:"queue_depth" doc:"waiting events of a family beyond which mutations are refused"`
	StopSeconds  int   `yaml:"stop_seconds" doc:"time to finish what was begun when stopping"`
	QueryMiB     int   `yaml:"query_mib" doc:"largest request body"`
	RequestLimit int   `yaml:"requests" doc:"requests served at once"`
}

// TelemetryConfig says where traces go.
type TelemetryConfig struct {
	OTLPEndpoint string `yaml:"otlp_endpoint" doc:"URL of an OTLP/HTTP receiver of traces; none if empty"`
}

// LogConfig says what is logged, to standard error.
type LogConfig struct {
	Level  string `yaml:"level" doc:"debug, info, warn or error"`
	Format string `yaml:"format" doc:"text or json"`
	Access bool   `yaml:"access" doc:"a line for each request"`
}

// ClockConfig is for tests of processes whose clocks differ.
type ClockConfig struct {
	Offset time.Duration `yaml:"offset" doc:"added to this process's clock; for tests"`
}

// Default returns the configuration of `starling serve` without any setting.
func Default() Config {
	return Config{
		Roles:   []string{roleAll},
		Engines: enginesEmbedded,
		Cassandra: CassandraConfig{
			Hosts: []string{"127.0.0.1:9042"}, Datacenter: "datacenter1", Keyspace: "starling", ReplicationFactor: 1,
		},
		RabbitMQ: RabbitMQConfig{URLs: []string{"amqp://127.0.0.1:5672/"}},
		Redis:    RedisConfig{Addresses: []string{"127.0.0.1:6379"}, FeedShards: 1},
		Listen:   "127.0.0.1:4000",
		Data:     "data",
		Shards:   16,
		Auth: AuthConfig{
			Passwords: PasswordConfig{MemoryKiB: 19 << 10, Passes: 2},
			Throttle:  ThrottleConfig{PerMinute: 20},
		},
		Workers: WorkersConfig{Member: 1, Members: 1},
		Fanout:  FanoutConfig{PageSize: timeline.DefaultPolicy().PageSize},
		Limits: LimitsConfig{
			MemoryMiB: 170, CacheMiB: 48, DatabaseMiB: 16, MinFreeMiB: 256, QueueDepth: 100_000,
			StopSeconds: 10, QueryMiB: 1, RequestLimit: 4096,
		},
		Log: LogConfig{Level: "info", Format: "text"},
	}
}

// Validate returns everything that is wrong, each by the name of its setting.
func (c Config) Validate() error {
	var errs []error
	bad := func(name, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s %s", name, fmt.Sprintf(format, args...)))
	}
	roles, err := rolesNamed(c.Roles)
	if err != nil {
		bad("roles", "%v", err)
	}
	c.validateEngines(roles, bad)
	for _, r := range roles {
		if r.router {
			for _, missing := range unreachable(roles, c.Subgraphs) {
				bad("subgraphs."+missing, "must name where the router finds it, or the role %s must be in this process", missing)
			}
		}
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		bad("listen", "must be HOST:PORT, as in 127.0.0.1:4000; it is %q", c.Listen)
	}
	if c.Data == "" && c.Engines == enginesEmbedded {
		bad("data", "must name a folder")
	}
	atLeast := func(name string, v, low int64) {
		if v < low {
			bad(name, "must be at least %d; it is %d", low, v)
		}
	}
	atLeast("shards", int64(c.Shards), 1)
	if c.Shards > 4096 {
		bad("shards", "must be at most 4096; it is %d", c.Shards)
	}
	atLeast("auth.passwords.memory_kib", int64(c.Auth.Passwords.MemoryKiB), 8)
	atLeast("auth.passwords.passes", int64(c.Auth.Passwords.Passes), 1)
	atLeast("workers.members", int64(c.Workers.Members), 1)
	if m := c.Workers.Member; m < 1 || m > c.Workers.Members {
		bad("workers.member", "must be between 1 and workers.members; it is %d", m)
	}
	atLeast("fanout.page_size", int64(c.Fanout.PageSize), 1)
	atLeast("limits.memory_mib", int64(c.Limits.MemoryMiB), 64)
	atLeast("limits.cache_mib", int64(c.Limits.CacheMiB), 1)
	atLeast("limits.database_mib", int64(c.Limits.DatabaseMiB), 1)
	atLeast("limits.min_free_mib", int64(c.Limits.MinFreeMiB), 1)
	atLeast("limits.queue_depth", c.Limits.QueueDepth, 1)
	atLeast("limits.stop_seconds", int64(c.Limits.StopSeconds), 1)
	atLeast("limits.query_mib", int64(c.Limits.QueryMiB), 1)
	atLeast("limits.requests", int64(c.Limits.RequestLimit), 1)
	if _, err := c.Log.level(); err != nil {
		bad("log.level", "must be debug, info, warn or error; it is %q", c.Log.Level)
	}
	if f := c.Log.Format; f != "text" && f != "json" {
		bad("log.format", "must be text or json; it is %q", f)
	}
	return errors.Join(errs...)
}
