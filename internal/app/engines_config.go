package app

import (
	"slices"
	"strings"
)

// Which engines the process stands on.
const (
	enginesEmbedded    = "embedded"
	enginesDistributed = "distributed"
)

// CassandraConfig is where the truth is kept.
type CassandraConfig struct {
	Hosts             []string  `yaml:"hosts" doc:"HOST:PORT of some nodes; the others are found"`
	Datacenter        string    `yaml:"datacenter" doc:"the local one, as the nodes name it"`
	Keyspace          string    `yaml:"keyspace" doc:"prefix of all keyspaces"`
	ReplicationFactor int       `yaml:"replication_factor" doc:"copies in the datacenter: 3, or 1 on a single node"`
	Username          string    `yaml:"username" doc:"empty if the cluster asks for no credentials"`
	PasswordFile      string    `yaml:"password_file" doc:"file with the password"`
	TLS               TLSConfig `yaml:"tls"`
}

// RabbitMQConfig is what lies between a mutation and its owner.
type RabbitMQConfig struct {
	URLs         []string  `yaml:"urls" doc:"amqp:// or amqps:// URLs of the nodes of one broker"`
	Username     string    `yaml:"username" doc:"instead of the one in the URLs"`
	PasswordFile string    `yaml:"password_file" doc:"file with the password"`
	Prefix       string    `yaml:"prefix" doc:"before the name of every exchange and queue"`
	TLS          TLSConfig `yaml:"tls"` // on by amqps:// in the URLs
}

// RedisConfig is where home timelines and copies of rows are.
type RedisConfig struct {
	Addresses    []string  `yaml:"addresses" doc:"HOST:PORT of one server, or of nodes of a cluster"`
	Username     string    `yaml:"username" doc:"empty for the default user"`
	PasswordFile string    `yaml:"password_file" doc:"file with the password"`
	Database     int       `yaml:"database" doc:"of a single server; it belongs to Starling alone"`
	FeedShards   int       `yaml:"feed_shards" doc:"slots that home timelines spread over: 1 on a single server, 256 in a cluster"`
	TLS          TLSConfig `yaml:"tls"`
}

// TLSConfig is how a connection is secured.
type TLSConfig struct {
	On       bool   `yaml:"on" doc:"talk TLS"`
	CAFile   string `yaml:"ca_file" doc:"PEM of the authority; those of the system if empty"`
	CertFile string `yaml:"cert_file" doc:"PEM of the client's certificate"`
	KeyFile  string `yaml:"key_file" doc:"PEM of its key"`
}

// validateEngines checks what the choice of engines asks of the rest.
func (c Config) validateEngines(roles []role, bad func(name, format string, args ...any)) {
	switch c.Engines {
	case enginesEmbedded:
		if len(roles) > 0 && len(roles) != len(allRoles()) {
			bad("roles", "must be all: the embedded engines belong to one process; set engines to distributed")
		}
		if c.Workers.Members > 1 {
			bad("workers.members", "must be 1: the embedded engines belong to one process; set engines to distributed")
		}
		return
	case enginesDistributed:
	default:
		bad("engines", "must be %s or %s; it is %q", enginesEmbedded, enginesDistributed, c.Engines)
		return
	}
	if c.Auth.SigningKeyFile == "" {
		bad("auth.signing_key_file", "must name the key that all processes share")
	}
	for _, l := range []struct {
		name string
		list []string
	}{{"cassandra.hosts", c.Cassandra.Hosts}, {"rabbitmq.urls", c.RabbitMQ.URLs}, {"redis.addresses", c.Redis.Addresses}} {
		if len(l.list) == 0 || slices.Contains(l.list, "") {
			bad(l.name, "must name at least one")
		}
	}
	c.validateTLS(bad)
}

// validateTLS sees to it that nobody who asks for TLS goes without.
func (c Config) validateTLS(bad func(name, format string, args ...any)) {
	plain := slices.IndexFunc(c.RabbitMQ.URLs, func(url string) bool { return !strings.HasPrefix(url, "amqps://") })
	if c.RabbitMQ.TLS.On && plain >= 0 {
		bad("rabbitmq.tls.on", "needs URLs that begin with amqps://; URL %d does not", plain+1) // which may have a password
	}
	for _, t := range []struct {
		name   string
		secure bool
		TLSConfig
	}{
		{"cassandra.tls", c.Cassandra.TLS.On, c.Cassandra.TLS},
		{"rabbitmq.tls", plain < 0, c.RabbitMQ.TLS},
		{"redis.tls", c.Redis.TLS.On, c.Redis.TLS},
	} {
		if (t.CertFile == "") != (t.KeyFile == "") {
			bad(t.name, "must have both cert_file and key_file, or neither")
		}
		if !t.secure && t.CAFile+t.CertFile+t.KeyFile != "" {
			bad(t.name, "has files and no TLS; set %s.on", t.name)
		}
	}
}
