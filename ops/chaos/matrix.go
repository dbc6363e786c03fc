package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/starlinghq/starling/internal/importer"
	"github.com/starlinghq/starling/ops/chaos/fleet"
	"github.com/starlinghq/starling/ops/chaos/wire"
	"github.com/starlinghq/starling/ops/stack/compose"
)

// scenario is one line of the matrix.
type scenario struct {
	name, about string
	// prepare changes how the fleet is set up; nil changes nothing.
	prepare func(w *world, c *fleet.Config) error
	run     func(ctx context.Context, w *world) error
}

// scenarios is the matrix.
func scenarios() []scenario {
	return slices.Concat(kills(), aways(), races(), deliveries(), drains())
}

// shards is the number of queues of a family.
const shards = 4

// world is what a scenario works on: a system of its own, and a place to say
// what it does and sees.
type world struct {
	*fleet.Fleet
	servers servers
	rnd     *rand.Rand
	seed    uint64
	people  int // of one history
	rounds  int
	say     func(format string, args ...any)
	ends    []func() error // what prepare has started
	proxy   *wire.Proxy    // of scenarios that want one
}

// matrix runs the chosen scenarios, each on a new system.
func matrix(ctx context.Context, o options) error {
	chosen, err := choose(o.only)
	if err != nil {
		return err
	}
	s, err := startStack(ctx, filepath.Join(o.dir, "servers"), o.port)
	if err != nil {
		return err
	}
	began := time.Now()
	var failed []string
	passed := 0
	for i, sc := range chosen {
		fmt.Printf("\n%s: %s\n", sc.name, strings.Join(strings.Fields(sc.about), " "))
		start := time.Now()
		err := play(ctx, o, s, sc, fmt.Sprintf("faults%d", i))
		took := time.Since(start).Round(time.Second)
		if err != nil {
			failed = append(failed, sc.name)
			fmt.Printf("FAIL %s, seed %d, %s: %v\n", sc.name, o.seed, took, err)
		} else {
			passed++
			fmt.Printf("PASS %s, seed %d, %s\n", sc.name, o.seed, took)
		}
		if ctx.Err() != nil {
			break
		}
	}
	err = s.close(ctx)
	fmt.Printf("\nseed %d: %d of %d passed in %s\n", o.seed, passed, len(chosen), time.Since(began).Round(time.Second))
	if len(failed) > 0 {
		return errors.Join(err, fmt.Errorf("seed %d failed: %s; logs are in %s", o.seed, strings.Join(failed, ", "), o.dir))
	}
	return err
}

func choose(only string) ([]scenario, error) {
	if only == "" {
		return scenarios(), nil
	}
	var out []scenario
	for _, name := range strings.Split(only, ",") {
		i := slices.IndexFunc(scenarios(), func(s scenario) bool { return s.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no fault %q; see chaos list", name)
		}
		out = append(out, scenarios()[i])
	}
	return out, nil
}

// play runs one scenario on a system of its own.
func play(ctx context.Context, o options, s *stack, sc scenario, keyspace string) error {
	dir := filepath.Join(o.dir, sc.name)
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if _, err := s.run(ctx, "up"); err != nil { // the one before may have ended in the middle
		return err
	}
	if err := flush(ctx, s.Endpoint(redis)); err != nil {
		return err
	}
	w := newWorld(os.Stdout, s, o.seed, sc.name)
	w.people, w.rounds = cmp.Or(o.people, 120), o.rounds
	return w.play(ctx, sc, fleet.Config{
		Compose: "docker-compose.yml", Starling: o.starling, Dir: dir, Port: o.port + 200, Keyspace: keyspace, Shards: shards,
	})
}

// newWorld has a random sequence of its own, whatever else runs.
func newWorld(out io.Writer, s servers, seed uint64, name string) *world {
	h := fnv.New64a()
	h.Write([]byte(name))
	began := time.Now()
	return &world{
		servers: s, seed: seed, rnd: rand.New(rand.NewPCG(seed, h.Sum64())),
		say: func(format string, args ...any) {
			fmt.Fprintf(out, "  %5.1fs %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
		},
	}
}

// dice returns random numbers below n that depend on the seed only, whoever
// else draws.
func (w *world) dice() func(n int) int {
	return rand.New(rand.NewPCG(w.rnd.Uint64(), w.rnd.Uint64())).IntN
}

// play starts the system, runs the scenario, and takes the system down.
func (w *world) play(ctx context.Context, sc scenario, cfg fleet.Config) (err error) {
	cfg.Cassandra, cfg.RabbitMQ, cfg.Redis = w.servers.Endpoint(cassandra), w.servers.Endpoint(broker), w.servers.Endpoint(redis)
	defer func() {
		for _, end := range w.ends {
			err = errors.Join(err, end())
		}
	}()
	cfg.Env = map[string]map[string]string{}
	if sc.prepare != nil {
		if err := sc.prepare(w, &cfg); err != nil {
			return err
		}
	}
	if w.Fleet, err = fleet.New(cfg); err != nil {
		return err
	}
	defer w.Close()
	if err := w.Start(ctx); err != nil {
		return err
	}
	w.say("%d processes are ready", len(w.All()))
	if err := sc.run(ctx, w); err != nil {
		return err
	}
	return w.nothingParked(ctx)
}

// routers returns the addresses of the graph.
func (w *world) routers() []string {
	var out []string
	for _, p := range w.Of(compose.Router) {
		out = append(out, p.URL)
	}
	return out
}

// graph returns the endpoint of a router.
func (w *world) graph(i int) string { return w.routers()[i] + "/graphql" }

// importing begins to import, at both routers.
func (w *world) importing(ctx context.Context) *history {
	return startHistory(ctx, importer.Options{
		URL: w.routers()[0], People: w.people, Concurrency: 16, Transport: newAlternate(w.routers()),
		Patience: 2 * time.Minute, Settle: 90 * time.Second, MaxDifferences: 8,
	}, w.seed*1000)
}

// exact lets the import come to its end and compares everything.
func (w *world) exact(ctx context.Context, h *history) error {
	w.say("letting the import finish: %s", h.at())
	if err := h.finish(ctx); err != nil {
		return err
	}
	w.say("%d histories imported; the last: %s", h.imported.Load(), h.last)
	if err := w.allReady(ctx); err != nil {
		return err
	}
	entries, err := h.verify(ctx)
	if err != nil {
		return err
	}
	w.say("exact: %d entries of feeds compared", entries)
	return nil
}

// allReady waits for every process, and counts those that ended by themselves.
func (w *world) allReady(ctx context.Context) error {
	if err := w.Ready(ctx); err != nil {
		return err
	}
	for _, p := range w.All() {
		if n := p.Ended(); n > 0 {
			w.say("%s had ended by itself %d times and was started again", p.Name, n)
		}
	}
	return nil
}

// nothingParked asks `starling queue list`: a parked message counts as lost.
func (w *world) nothingParked(ctx context.Context) error {
	out, err := w.Run(ctx, "queue", "list")
	if err != nil {
		return fmt.Errorf("listing parked messages: %w: %s", err, out)
	}
	if lines := strings.Split(strings.TrimSpace(out), "\n"); len(lines) != 1 || !strings.HasPrefix(out, "ID") {
		return fmt.Errorf("messages are parked:\n%s", out)
	}
	w.say("nothing is parked")
	return nil
}
