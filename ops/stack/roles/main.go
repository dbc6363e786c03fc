// Command roles runs the roles of docker-compose.yml without containers, on the
// servers that stack.sh started: the same processes with the same
// configuration, at addresses of this machine.
//
//	go run ./ops/stack/roles up      start all, wait until they are ready, print the endpoint
//	go run ./ops/stack/roles down    stop all
//
// Run it from the project's folder. Pid files and logs are in .stack/roles.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/starlinghq/starling/internal/account"
	"github.com/starlinghq/starling/ops/ready"
	"github.com/starlinghq/starling/ops/stack/compose"
)

type options struct {
	compose, starling, dir string
	firstPort              int
	keyspace               string
}

func main() {
	var o options
	flag.StringVar(&o.compose, "compose", "docker-compose.yml", "the compose file")
	flag.StringVar(&o.starling, "starling", "bin/starling", "the binary")
	flag.StringVar(&o.dir, "dir", ".stack/roles", "pid files, logs and the signing key")
	flag.IntVar(&o.firstPort, "port", 4000, "port of the router; the others follow from 100 above")
	flag.StringVar(&o.keyspace, "keyspace", "starling", "prefix of the keyspaces")
	flag.Parse()
	var err error
	switch flag.Arg(0) {
	case "up":
		err = up(context.Background(), o)
	case "down":
		err = down(o)
	default:
		err = errors.New("say up or down")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "roles:", err)
		os.Exit(1)
	}
}

func up(ctx context.Context, o options) error {
	c, err := compose.Read(o.compose)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return err
	}
	key := filepath.Join(o.dir, "signing-key.pem")
	if _, err := account.LoadOrCreate(key); err != nil {
		return fmt.Errorf("making the signing key: %w", err)
	}
	servers, jaeger, err := endpoints(o)
	if err != nil {
		return err
	}
	at := map[string]string{}
	for i, name := range c.Roles() {
		at[name] = fmt.Sprintf("127.0.0.1:%d", o.firstPort+100+i)
	}
	at[compose.Router] = fmt.Sprintf("127.0.0.1:%d", o.firstPort)
	migrate := exec.CommandContext(ctx, o.starling, "migrate")
	migrate.Env = append(os.Environ(), c.Native("migrate", at, servers, key)...)
	if out, err := migrate.CombinedOutput(); err != nil {
		return fmt.Errorf("migrating: %w: %s", err, out)
	}
	for _, name := range c.Roles() {
		if err := start(o, name, o.starling, c.Services[name].Command, c.Native(name, at, servers, key)); err != nil {
			return errors.Join(err, down(o))
		}
	}
	for _, name := range c.Roles() {
		if err := await(ctx, o, name, "http://"+at[name]); err != nil {
			return errors.Join(err, down(o))
		}
	}
	fmt.Printf("%d processes are ready\n  graph   http://%s/graphql\n  logs    %s\n", len(c.Roles()), at[compose.Router], o.dir)
	metrics, err := prometheus(o, at)
	if err != nil {
		return errors.Join(err, down(o))
	}
	if metrics != "" {
		fmt.Printf("  metrics http://%s\n", metrics)
	}
	if jaeger != "" {
		fmt.Printf("  traces  %s/api/traces?service=starling-router\n", jaeger)
	}
	return nil
}

// endpoints asks the stack where its servers are, and Jaeger's API where that
// is built.
func endpoints(o options) (servers map[string]string, jaeger string, err error) {
	out, err := exec.Command("ops/stack/stack.sh", "endpoints").Output()
	if err != nil {
		return nil, "", fmt.Errorf("asking the stack: %w; run ops/stack/stack.sh up first", err)
	}
	at := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			at[name] = value
		}
	}
	servers = map[string]string{
		"STARLING_CASSANDRA_KEYSPACE": o.keyspace,
		"STARLING_CASSANDRA_HOSTS":    at["STARLING_TEST_CASSANDRA"],
		"STARLING_RABBITMQ_PREFIX":    o.keyspace + ".",
		"STARLING_RABBITMQ_URLS":      at["STARLING_TEST_RABBITMQ"],
		"STARLING_REDIS_ADDRESSES":    at["STARLING_TEST_REDIS"],
	}
	for name, value := range servers {
		if value == "" {
			return nil, "", fmt.Errorf("the stack names no %s: %s", name, out)
		}
	}
	if otlp := at["STARLING_TEST_OTLP"]; otlp != "" {
		servers["STARLING_TELEMETRY_OTLP_ENDPOINT"] = otlp
	}
	return servers, at["STARLING_TEST_JAEGER"], nil
}

func start(o options, name, binary string, command, env []string) error {
	log, err := os.Create(filepath.Join(o.dir, name+".log"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(binary, command...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // it outlives this program
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting %s: %w; run make build first", binary, err)
	}
	return os.WriteFile(filepath.Join(o.dir, name+".pid"), []byte(strconv.Itoa(cmd.Process.Pid)), 0o600)
}

// await waits until a role is ready, and no longer than it lives.
func await(ctx context.Context, o options, name, url string) error {
	log := filepath.Join(o.dir, name+".log")
	pid, err := pidOf(filepath.Join(o.dir, name+".pid"))
	if err != nil {
		return err
	}
	for deadline := time.Now().Add(time.Minute); ; {
		err := ready.Wait(ctx, url, time.Second)
		switch {
		case err == nil:
			return nil
		case !alive(pid):
			said, _ := os.ReadFile(log)
			return fmt.Errorf("%s has ended: %s", name, strings.TrimSpace(string(said)))
		case ctx.Err() != nil || time.Now().After(deadline):
			return fmt.Errorf("%s: %w; see %s", name, err, log)
		}
	}
}

func pidOf(file string) (int, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0, fmt.Errorf("%s: %w", file, err)
	}
	return pid, nil
}

// down ends the processes of the pid files and waits until they are gone.
func down(o options) error {
	files, err := filepath.Glob(filepath.Join(o.dir, "*.pid"))
	if err != nil {
		return err
	}
	pids := map[string]int{}
	for _, f := range files {
		if pids[f], err = pidOf(f); err != nil {
			return err
		}
		_ = syscall.Kill(pids[f], syscall.SIGTERM) // it may be gone already
	}
	for f, pid := range pids {
		for deadline := time.Now().Add(15 * time.Second); alive(pid); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				_ = syscall.Kill(pid, syscall.SIGKILL)
				break
			}
		}
		if err := os.Remove(f); err != nil {
			return err
		}
	}
	return nil
}

// alive tells whether a process runs; one that ended and was not reaped yet
// does not.
func alive(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	return !strings.HasPrefix(rest, "Z") && !strings.HasPrefix(rest, "X")
}
