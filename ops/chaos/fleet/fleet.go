package fleet

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/starlinghq/starling/internal/account"
	"github.com/starlinghq/starling/ops/stack/compose"
)

// SecondRouter is the name of the router that the compose file has not.
const SecondRouter = "router-2"

// Config says what runs, and where.
type Config struct {
	Compose  string // the compose file
	Starling string // the binary
	Dir      string // logs and the signing key
	Port     int    // the processes listen on free ports from here on

	Cassandra, RabbitMQ, Redis string // addresses, as stack.sh prints them

	Keyspace string // prefix of keyspaces and queues
	Shards   int
	// Env are more variables of single processes by name, of all under "".
	Env map[string]map[string]string
}

// Fleet is all processes of one system.
type Fleet struct {
	cfg       Config
	processes map[string]*Process
	tool      []string // the environment of commands beside the processes
}

// New prepares the processes; nothing runs until Start.
func New(cfg Config) (*Fleet, error) {
	file, err := compose.Read(cfg.Compose)
	if err != nil {
		return nil, err
	}
	file.Services[SecondRouter] = file.Services[compose.Router]
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, err
	}
	key := filepath.Join(cfg.Dir, "signing-key.pem")
	if _, err := account.LoadOrCreate(key); err != nil {
		return nil, fmt.Errorf("making the signing key: %w", err)
	}
	names := file.Roles()
	ports, err := freePorts(cfg.Port, len(names))
	if err != nil {
		return nil, err
	}
	at := map[string]string{}
	for i, name := range names {
		at[name] = fmt.Sprintf("127.0.0.1:%d", ports[i])
	}
	f := &Fleet{cfg: cfg, processes: map[string]*Process{}}
	f.tool = append(os.Environ(), file.Native("migrate", at, cfg.servers(), key)...)
	for _, name := range names {
		env := cfg.servers()
		maps.Copy(env, cfg.Env[""])
		maps.Copy(env, cfg.Env[name])
		command := file.Services[name].Command
		f.processes[name] = &Process{
			Name: name, Kind: kind(command), URL: "http://" + at[name],
			binary: cfg.Starling, args: command, env: append(os.Environ(), file.Native(name, at, env, key)...),
			log: filepath.Join(cfg.Dir, name+".log"),
		}
	}
	return f, nil
}

// servers are the variables that every process has.
func (c Config) servers() map[string]string {
	return map[string]string{
		"STARLING_CASSANDRA_HOSTS": c.Cassandra, "STARLING_CASSANDRA_KEYSPACE": c.Keyspace,
		"STARLING_RABBITMQ_URLS": c.RabbitMQ, "STARLING_RABBITMQ_PREFIX": c.Keyspace + ".",
		"STARLING_REDIS_ADDRESSES": c.Redis, "STARLING_SHARDS": strconv.Itoa(c.Shards),
		// Accounts are made to be used here, not to be kept.
		"STARLING_AUTH_PASSWORDS_MEMORY_KIB": "64", "STARLING_AUTH_PASSWORDS_PASSES": "1",
	}
}

// kind returns the role of a command line.
func kind(command []string) string {
	for _, arg := range command {
		if role, ok := strings.CutPrefix(arg, "--role="); ok {
			return role
		}
	}
	return ""
}

// freePorts returns n ports from first on which nobody listens.
func freePorts(first, n int) ([]int, error) {
	var out []int
	for port := first; len(out) < n && port < first+10*n; port++ {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		if err := l.Close(); err != nil {
			return nil, err
		}
		out = append(out, port)
	}
	if len(out) < n {
		return nil, fmt.Errorf("fleet: there are no %d free ports from %d on", n, first)
	}
	return out, nil
}

// Start makes the tables, starts everything and waits until all are ready.
func (f *Fleet) Start(ctx context.Context) error {
	for tries := 1; ; tries++ { // as often as compose would start it: tables are made slowly on a busy machine
		out, err := f.Run(ctx, "migrate")
		if err == nil {
			break
		}
		if tries == 5 || ctx.Err() != nil {
			return fmt.Errorf("migrating: %w: %s", err, out)
		}
	}
	for _, p := range f.All() {
		p.Begin()
	}
	return f.Ready(ctx)
}

// Ready waits until every process is ready that was not ended on purpose.
func (f *Fleet) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	var errs []error
	for _, p := range f.All() {
		if p.wanted() {
			errs = append(errs, p.Ready(ctx))
		}
	}
	return errors.Join(errs...)
}

// Close kills what runs.
func (f *Fleet) Close() {
	for _, p := range f.All() {
		p.Kill()
	}
}

// Run runs a command of the binary with the fleet's configuration, and returns
// what it printed.
func (f *Fleet) Run(ctx context.Context, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, f.cfg.Starling, args...)
	cmd.Env = f.tool
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// All returns the processes in order of name.
func (f *Fleet) All() []*Process {
	var out []*Process
	for _, name := range slices.Sorted(maps.Keys(f.processes)) {
		out = append(out, f.processes[name])
	}
	return out
}

// Of returns the processes of a role.
func (f *Fleet) Of(kind string) []*Process {
	return slices.DeleteFunc(f.All(), func(p *Process) bool { return p.Kind != kind })
}

// Kinds returns the roles that run.
func (f *Fleet) Kinds() []string {
	var out []string
	for _, p := range f.All() {
		out = append(out, p.Kind)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Prefix is what stands before the names of queues and exchanges.
func (f *Fleet) Prefix() string { return f.cfg.Keyspace + "." }
