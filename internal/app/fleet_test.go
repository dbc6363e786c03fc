package app_test

import (
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/starlinghq/starling/internal/account"
	"github.com/starlinghq/starling/internal/app"
	"github.com/starlinghq/starling/internal/app/apptest"
	"github.com/starlinghq/starling/internal/testenv"
)

// fleet is the product as many processes on real servers: two of every role.
type fleet struct {
	processes map[string]*process // by role and number, as in feed-2
	routers   [2]*apptest.System
}

// startFleet starts two processes of each role and waits until all are ready.
// They are stopped in order when the test ends. env is for all of them.
//
// Runs share their keyspaces and queues with earlier ones on the same servers,
// so handles must be new ones.
func startFleet(t *testing.T, env ...string) *fleet {
	t.Helper()
	cfg := app.Default()
	cfg.Engines, cfg.Shards = "distributed", 4
	cfg.Auth.SigningKeyFile = filepath.Join(t.TempDir(), "key.pem")
	cfg.Cassandra.Hosts, cfg.Cassandra.Keyspace = []string{testenv.Cassandra(t)}, "starling_apptest"
	cfg.RabbitMQ.URLs, cfg.RabbitMQ.Prefix = []string{testenv.RabbitMQ(t)}, "apptest."
	cfg.Redis.Addresses, cfg.Redis.Database = []string{testenv.Redis(t)}, 7
	if _, err := account.LoadOrCreate(cfg.Auth.SigningKeyFile); err != nil {
		t.Fatal(err)
	}
	if err := app.Migrate(t.Context(), cfg, slog.New(slog.NewTextHandler(io.Discard, nil))); err != nil {
		t.Fatal(err)
	}
	env = append(env,
		"STARLING_ENGINES=distributed", "STARLING_AUTH_SIGNING_KEY_FILE="+cfg.Auth.SigningKeyFile, "STARLING_LIMITS_MEMORY_MIB=64",
		"STARLING_CASSANDRA_HOSTS="+cfg.Cassandra.Hosts[0], "STARLING_CASSANDRA_KEYSPACE="+cfg.Cassandra.Keyspace,
		"STARLING_RABBITMQ_URLS="+cfg.RabbitMQ.URLs[0], "STARLING_RABBITMQ_PREFIX="+cfg.RabbitMQ.Prefix,
		"STARLING_REDIS_ADDRESSES="+cfg.Redis.Addresses[0], fmt.Sprintf("STARLING_REDIS_DATABASE=%d", cfg.Redis.Database))
	f := &fleet{processes: map[string]*process{}}
	at := map[string]string{}
	for _, role := range app.RoleNames() { // the routers come last
		if role == "router" {
			env = append(env, subgraphURLs(at)...)
		}
		for i := range 2 {
			name := fmt.Sprintf("%s-%d", role, i+1)
			at[name] = testenv.FreeAddress(t)
			seat := []string{fmt.Sprintf("STARLING_WORKERS_MEMBER=%d", i+1), "STARLING_WORKERS_MEMBERS=2", "STARLING_LISTEN=" + at[name]}
			f.processes[name] = spawnWith(t, append(seat, env...), "serve", "--role="+role)
		}
	}
	for name, address := range at {
		awaitReady(t, address)
		if t.Failed() {
			t.Fatalf("%s:\n%s", name, f.processes[name].errs)
		}
	}
	for i := range f.routers {
		f.routers[i] = apptest.At("http://" + at[fmt.Sprintf("router-%d", i+1)])
	}
	t.Cleanup(func() { f.stop(t) })
	return f
}

// subgraphURLs tells routers where the subgraphs are.
func subgraphURLs(at map[string]string) []string {
	urls := map[string][]string{}
	for name, address := range at {
		role, _, _ := strings.Cut(name, "-")
		if role != "owner" && role != "fanout" {
			urls[role] = append(urls[role], "http://"+address+"/subgraphs/"+role)
		}
	}
	var env []string
	for role, list := range urls {
		env = append(env, "STARLING_SUBGRAPHS_"+strings.ToUpper(role)+"="+strings.Join(list, ","))
	}
	return env
}

// stop ends all processes as an operator does; each must end well.
func (f *fleet) stop(t *testing.T) {
	t.Helper()
	for name, p := range f.processes {
		if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Errorf("%s: %v\n%s", name, err, p.errs)
		}
	}
	for name, p := range f.processes {
		if code := p.exit(t); code != 0 || t.Failed() {
			t.Logf("%s ended with %d:\n%s", name, code, p.errs)
			if code != 0 {
				t.Errorf("%s did not stop in order", name)
			}
		}
	}
}
