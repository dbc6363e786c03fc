package storecassandra

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// schemaConfig is for keyspaces that one test makes and drops.
func schemaConfig(t *testing.T) Config {
	t.Helper()
	c := testConfig(t)
	c.Keyspace = fmt.Sprintf("starling_schema%d", time.Now().UnixNano()%1e9)
	t.Cleanup(func() {
		sql(t, c, func(g *gocql.Session) {
			for _, k := range keyspaces {
				must(t, g.Query("DROP KEYSPACE IF EXISTS "+c.Keyspace+"_"+k).ExecContext(context.Background()))
			}
		})
	})
	return c
}

// sql does something by hand.
func sql(t *testing.T, c Config, do func(*gocql.Session)) {
	t.Helper()
	sessions, err := prepare(c)
	must(t, err)
	defer func() { must(t, sessions.close()) }()
	do(sessions.use())
}

// refused expects that Open fails and says what.
func refused(t *testing.T, c Config, what string) {
	t.Helper()
	s, err := Open(t.Context(), c)
	if err == nil {
		must(t, s.Close())
	}
	if err == nil || !strings.Contains(err.Error(), what) {
		t.Errorf("open: %v, want an error with %q", err, what)
	}
}

// TestMigrate makes tables from nothing, by three processes at once, and refuses
// what does not fit.
func TestMigrate(t *testing.T) {
	c := schemaConfig(t)
	refused(t, c, "run starling migrate")
	var g sync.WaitGroup
	for range 3 {
		g.Go(func() {
			if err := Migrate(t.Context(), c); err != nil {
				t.Errorf("migrate: %v", err)
			}
		})
	}
	g.Wait()
	s, err := Open(t.Context(), c)
	must(t, err)
	must(t, s.Ping(t.Context()))
	must(t, s.Close())
	must(t, Migrate(t.Context(), c)) // again

	other := c
	other.Shards = 4
	refused(t, other, "set the number of shards to 16")
	if err := Migrate(t.Context(), other); err == nil || !strings.Contains(err.Error(), "16 shards, not 4") {
		t.Errorf("migrate to other shards: %v", err)
	}
	set := func(version int) {
		sql(t, c, func(g *gocql.Session) {
			must(t, g.Query(expand(c.Keyspace, "UPDATE $registry.schema_version SET version = ? WHERE id = 0"), version).ExecContext(t.Context()))
		})
	}
	set(len(steps) - 1)
	refused(t, c, "run starling migrate")
	if err := Migrate(t.Context(), other); err == nil || !strings.Contains(err.Error(), "16 shards, not 4") {
		t.Errorf("migrate an older schema to other shards: %v", err)
	}
	must(t, Migrate(t.Context(), c)) // over tables that are there
	set(len(steps) + 1)              // a later release only added to it
	s, err = Open(t.Context(), c)
	must(t, err)
	must(t, s.Close())
	t.Run("waits for another", func(t *testing.T) { migrateWaits(t, c) })
}

// migrateWaits: while another migration holds the lock, nobody else works.
func migrateWaits(t *testing.T, c Config) {
	sql(t, c, func(g *gocql.Session) {
		must(t, g.Query(expand(c.Keyspace, "UPDATE $registry.schema_version SET version = 0 WHERE id = 0")).ExecContext(t.Context()))
		must(t, g.Query(expand(c.Keyspace, "INSERT INTO $registry.schema_lock (id, holder) VALUES (0, 7)")).ExecContext(t.Context()))
	})
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	if err := Migrate(ctx, c); err == nil || !strings.Contains(err.Error(), "another migration") {
		t.Errorf("migrate beside another: %v", err)
	}
	refused(t, c, "run starling migrate")
}

func TestValidate(t *testing.T) {
	must(t, Default().Validate())
	for what, change := range map[string]func(*Config){
		"no hosts":    func(c *Config) { c.Hosts = nil },
		"host:port":   func(c *Config) { c.Hosts = []string{"db1"} },
		"datacenter":  func(c *Config) { c.Datacenter = "" },
		"keyspace":    func(c *Config) { c.Keyspace = "a; DROP KEYSPACE b" },
		"copies":      func(c *Config) { c.ReplicationFactor = 0 },
		"shards":      func(c *Config) { c.Shards = 0 },
		"username":    func(c *Config) { c.Password = "x" },
		"without TLS": func(c *Config) { c.CAFile = "ca.pem" },
		"go together": func(c *Config) { c.TLS, c.CertFile = true, "c.pem" },
		"connections": func(c *Config) { c.Connections = 0 },
		"deadline":    func(c *Config) { c.Deadline = c.Timeout - 1 },
		"rebuild":     func(c *Config) { c.RebuildAfter = 0 },
	} {
		c := Default()
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%v, want an error with %q", err, what)
		}
	}
}
