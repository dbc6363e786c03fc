package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/starlinghq/starling/ops/bench/standin"
)

// Config is what a run needs.
type Config struct {
	// Ours is the command of the binary, without its arguments.
	Ours []string
	// Against is a second binary of ours to compare with, or "".
	Against string
	// Subgraphs is the command that calls [standin.Serve].
	Subgraphs []string
	// Cache is the folder where peers are installed; "" is the user's.
	Cache string
	// Alone leaves the peers out.
	Alone bool
	// Clients ask at once, each again as soon as it was answered.
	Clients int
	// Rounds of each gateway, and the length of one.
	Rounds int
	Length time.Duration
	// Starts are measured for each gateway.
	Starts int
	// Log is told of progress.
	Log io.Writer
}

// contender is a gateway in a run.
type contender struct {
	peer
	// absent says why it is not measured.
	absent  error
	proc    *process
	client  *client
	starts  []time.Duration
	rounds  []round
	calls   float64 // subgraph requests for one operation
	highest int64   // memory in bytes
}

// round is one turn of a gateway.
type round struct {
	cpu  time.Duration // for one request
	rate float64       // answers in a second
}

// Run measures the gateways and writes the table to out.
func Run(ctx context.Context, cfg Config, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "starling-gateways")
	if err != nil {
		return fmt.Errorf("gateway: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	subs, err := startSubgraphs(cfg.Subgraphs)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, subs.stop()) }()
	site, err := newSite(ctx, cfg, dir, subs.at)
	if err != nil {
		return err
	}
	data, err := rightAnswer()
	if err != nil {
		return err
	}
	b := &bench{cfg: cfg, site: site, subs: subs, data: data}
	defer b.stop()
	if err := b.measure(ctx); err != nil {
		return err
	}
	return b.table(out)
}

// rightAnswer is the data of the answer, from the data without a gateway.
func rightAnswer() ([]byte, error) {
	body, err := json.Marshal(map[string]string{"query": query, "operationName": "Bench"})
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	var answer struct {
		Data   json.RawMessage `json:"data"`
		Errors json.RawMessage `json:"errors"`
	}
	if err := json.Unmarshal(standin.Whole().Execute(body), &answer); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	if answer.Errors != nil {
		return nil, fmt.Errorf("gateway: the operation fails on the whole data: %s", answer.Errors)
	}
	return answer.Data, nil
}

type bench struct {
	cfg  Config
	site *site
	subs *subgraphs
	data []byte
	all  []*contender
}

func (b *bench) stop() {
	for _, c := range b.all {
		if c.proc != nil {
			c.proc.stop()
		}
	}
}

func (b *bench) logf(format string, args ...any) { fmt.Fprintf(b.cfg.Log, format+"\n", args...) }

// measure fills in all contenders.
func (b *bench) measure(ctx context.Context) error {
	for _, p := range peers(b.cfg) {
		c := &contender{peer: p}
		b.all = append(b.all, c)
		if err := b.prepare(ctx, c); err != nil {
			if err := b.without(ctx, c, err); err != nil {
				return err
			}
		}
	}
	for n := range b.cfg.Rounds {
		for i := range b.all {
			// Another one begins each round: nobody always follows the same.
			c := b.all[(n+i)%len(b.all)]
			if c.absent != nil {
				continue
			}
			r, err := b.turn(ctx, c)
			if err != nil {
				if err := b.without(ctx, c, err); err != nil {
					return err
				}
				continue
			}
			c.rounds = append(c.rounds, r)
			b.logf("round %d, %s: %.2f ms of CPU, %.0f/s", n+1, c.name, ms(r.cpu), r.rate)
		}
	}
	for _, c := range b.all {
		if c.absent == nil {
			u, err := c.proc.usage()
			if err != nil {
				return err
			}
			c.highest = u.peak
		}
	}
	return nil
}

// without goes on without a peer that failed. Ours must not fail.
func (b *bench) without(ctx context.Context, c *contender, err error) error {
	if ctx.Err() != nil || c.pkg == "" {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	c.absent = err
	b.logf("%s: %v", c.name, err)
	return nil
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// prepare installs and starts a gateway several times, looks at its answer and
// what it costs the subgraphs, and warms it up.
func (b *bench) prepare(ctx context.Context, c *contender) error {
	if err := c.install(ctx, b.site); err != nil {
		return err
	}
	for range max(b.cfg.Starts, 1) {
		if c.proc != nil {
			c.proc.stop()
		}
		began := time.Now()
		proc, url, err := c.start(b.site)
		if err != nil {
			return err
		}
		c.proc = proc
		if c.client, err = newClient(url, b.data); err != nil {
			return err
		}
		if err := c.client.until(ctx, proc); err != nil {
			proc.stop()
			c.proc = nil
			return err
		}
		c.starts = append(c.starts, time.Since(began))
	}
	if err := b.count(ctx, c); err != nil {
		return err
	}
	if _, err := c.client.drive(ctx, b.cfg.Clients, warmUp*b.cfg.Length); err != nil {
		return err
	}
	b.logf("%s: starts in %s, %g subgraph requests, answers as it should", c.name, median(c.starts).Round(time.Millisecond), c.calls)
	return nil
}

// warmUp is how many rounds long the load before the first round is: Node
// compiles what is hot.
const warmUp = 2

// count takes the subgraph requests of an operation, one after the other.
func (b *bench) count(ctx context.Context, c *contender) error {
	const operations = 10
	before, err := b.subs.counts(ctx)
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	for range operations {
		if err := c.client.ask(ctx, &buf); err != nil {
			return err
		}
	}
	after, err := b.subs.counts(ctx)
	if err != nil {
		return err
	}
	c.calls = float64(after.Requests-before.Requests) / operations
	return nil
}

// turn measures one round.
func (b *bench) turn(ctx context.Context, c *contender) (round, error) {
	before, err := c.proc.usage()
	if err != nil {
		return round{}, err
	}
	began := time.Now()
	n, err := c.client.drive(ctx, b.cfg.Clients, b.cfg.Length)
	if err != nil {
		return round{}, err
	}
	took := time.Since(began)
	after, err := c.proc.usage()
	if err != nil {
		return round{}, err
	}
	return round{cpu: (after.cpu - before.cpu) / time.Duration(max(n, 1)), rate: float64(n) / took.Seconds()}, nil
}
