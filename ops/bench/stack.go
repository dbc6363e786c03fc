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
	"time"

	"github.com/starlinghq/starling/ops/chaos/fleet"
	"github.com/starlinghq/starling/ops/proc"
)

// runStack measures the product as many processes on real engines:
//
//	go run ./ops/bench stack -starling bin/starling
//
// It starts servers by ops/stack/with.sh, unless the environment names some as
// tests read them, and every role on them; or it drives a system that runs, and
// is loaded, at -url.
func runStack(ctx context.Context, args []string) error {
	o := options{seconds: 10}
	var url string
	followers := 0
	fs := flag.NewFlagSet("stack", flag.ContinueOnError)
	fs.StringVar(&o.starling, "starling", "bin/starling", "the binary")
	fs.StringVar(&url, "url", "", "base of a running system, loaded with the same people (default: one is started)")
	fs.IntVar(&o.people, "people", 200, "people to generate")
	fs.StringVar(&o.graph, "graph", "", "friendships to load instead; with -tweets")
	fs.StringVar(&o.tweets, "tweets", "", "tweets to load")
	fs.IntVar(&o.seconds, "seconds", 10, "length of each measurement")
	fs.IntVar(&followers, "followers", 0, "followers of the one author (default: 100000, or as many as fit into memory)")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if os.Getenv("STARLING_TEST_CASSANDRA") == "" {
		return underServers(ctx, args)
	}
	if followers == 0 {
		free, err := proc.Available()
		if err != nil {
			return err
		}
		followers = min(100_000, int(free/(130<<10)))
	}
	t := &table{}
	if err := processes(ctx, t, o, url); err != nil {
		return err
	}
	if err := publishes(ctx, t); err != nil {
		return err
	}
	if err := deliveries(ctx, t, followers); err != nil {
		return err
	}
	return t.print(os.Stdout)
}

// underServers runs this program again with servers around it.
func underServers(ctx context.Context, args []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "ops/stack/with.sh", append([]string{self, "stack"}, args...)...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	return cmd.Run()
}

// processes measures the whole product.
func processes(ctx context.Context, t *table, o options, url string) (err error) {
	how := "open loop at %d/s, warm; go run ./ops/bench stack"
	if url == "" {
		var f *fleet.Fleet
		if f, url, err = startFleet(ctx, o); err != nil {
			return err
		}
		defer f.Close()
		took, history, err := load(ctx, url, o)
		if err != nil {
			return err
		}
		t.add(figure{"import on the stack", took.Round(100 * time.Millisecond).String(), "-", "starling import" + history})
	}
	people, err := signIn(ctx, url, o)
	if err != nil {
		return err
	}
	length := time.Duration(o.seconds) * time.Second
	rate, err := closedLoop(ctx, url, people, length, homeScreen)
	if err != nil {
		return err
	}
	t.add(figure{"home screen on the stack", fmt.Sprintf("%.0f/s", rate), "150/s", "closed loop, 16 clients, warm; go run ./ops/bench stack"})
	l, err := openLoop(ctx, url, people, 75, length, homeScreen)
	if err != nil {
		return err
	}
	t.add(figure{"home screen on the stack p99", l.String(), "100 ms", fmt.Sprintf(how, 75)})
	l, err = openLoop(ctx, url, people, 50, length, postTweet)
	if err != nil {
		return err
	}
	t.add(figure{"post answered on the stack p99", l.String(), "50 ms", fmt.Sprintf(how, 50)})
	return nil
}

// startFleet starts every role, and returns the URL of a router.
func startFleet(ctx context.Context, o options) (*fleet.Fleet, string, error) {
	dir, err := filepath.Abs(filepath.Join(".stack", "bench"))
	if err != nil {
		return nil, "", err
	}
	f, err := fleet.New(fleet.Config{
		Compose: "docker-compose.yml", Starling: o.starling, Dir: dir, Port: 25100,
		Cassandra: os.Getenv("STARLING_TEST_CASSANDRA"), RabbitMQ: os.Getenv("STARLING_TEST_RABBITMQ"), Redis: os.Getenv("STARLING_TEST_REDIS"),
		Keyspace: fmt.Sprintf("bench%d", time.Now().Unix()), Shards: 16,
	})
	if err != nil {
		return nil, "", err
	}
	if err := f.Start(ctx); err != nil {
		f.Close()
		return nil, "", fmt.Errorf("%w; logs are in %s", err, dir)
	}
	return f, f.Of("router")[0].URL, nil
}

// publishes measures the broker's confirms.
func publishes(ctx context.Context, t *table) error {
	results, command, err := benchmark(ctx, "./internal/queue/rabbitmq", "Publish", "3s")
	if err != nil {
		return err
	}
	many, one := results.get("window=256", "ns/op"), results.get("window=1", "ns/op")
	t.add(figure{
		"confirmed publishes of 256 callers, window of 256 against 1",
		fmt.Sprintf("%.1f times (%.0f/s against %.0f/s)", one/many, 1e9/many, 1e9/one), "8 times", command,
	})
	return nil
}

// deliveries measures what a delivery costs Redis.
func deliveries(ctx context.Context, t *table, followers int) error {
	results, command, err := benchmark(ctx, "./internal/cache/redis", "Deliver", "1x", "-followers", strconv.Itoa(followers))
	if err != nil {
		return err
	}
	add := func(name, of, unit, format, aim string) {
		ours, control := results.get(of+"/packed", unit), results.get(of+"/sorted_set", unit)
		if ours == 0 || control == 0 {
			return // a stranger's clone has no reed98
		}
		t.add(figure{name, fmt.Sprintf("%.2f ("+format+" against "+format+")", ours/control, ours, control), aim, command})
	}
	one := fmt.Sprintf("one author with %d followers", followers)
	add("Redis CPU of a delivery against ZADD and trim, "+one, "one_author", "redis-us/delivery", "%.2f us", "0.35")
	add("bytes of an entry there", "one_author", "B/entry", "%.1f", "0.25")
	add("Redis CPU of a delivery, friendships of reed98", "reed98", "redis-us/delivery", "%.2f us", "-")
	add("bytes of an entry there", "reed98", "B/entry", "%.1f", "-")
	return nil
}

// measured is the output of go test -bench: by the end of a benchmark's name
// and by unit.
type measured map[string]map[string]float64

// benchmark runs one Go benchmark and returns its results and the command.
func benchmark(ctx context.Context, pkg, name, benchtime string, args ...string) (measured, string, error) {
	line := []string{"test", "-run", "^$", "-bench", "^Benchmark" + name + "$", "-benchtime", benchtime, "-timeout", "30m", pkg}
	if len(args) > 0 {
		line = append(append(line, "-args"), args...)
	}
	cmd := exec.CommandContext(ctx, "go", line...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, "", fmt.Errorf("go %s: %w\n%s", strings.Join(line, " "), err, out)
	}
	m := measured{}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		if len(f) < 4 || !strings.HasPrefix(f[0], "Benchmark"+name) {
			continue
		}
		full, _, _ := strings.Cut(strings.TrimPrefix(f[0], "Benchmark"+name+"/"), "-") // GOMAXPROCS stands behind
		m[full] = map[string]float64{}
		for i := 2; i+1 < len(f); i += 2 {
			if m[full][f[i+1]], err = strconv.ParseFloat(f[i], 64); err != nil {
				return nil, "", fmt.Errorf("%s: %w", line, err)
			}
		}
	}
	if len(m) == 0 {
		return nil, "", errors.New("go " + strings.Join(line, " ") + " measured nothing: " + string(out))
	}
	return m, "go test -bench " + name + " " + pkg, nil
}

func (m measured) get(name, unit string) float64 { return m[name][unit] }
