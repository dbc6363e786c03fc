package importer

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"
)

// Bounds of what may be asked for.
const (
	MaxPeople      = 100_000 // accounts of a generated history
	MaxConcurrency = 1_024   // requests in flight
	MaxBatch       = 100     // root fields in one document
)

// Options say what to load or verify, and how hard to push. The zero value of
// every field but URL is replaced by its default (see [Default]).
type Options struct {
	// URL is the router's base, such as http://127.0.0.1:4000. The endpoint
	// is URL/graphql.
	URL string

	// GraphFile and TweetsFile name the real data (see [ReadPlan]). Both or
	// neither; with neither the history is generated.
	GraphFile  string
	TweetsFile string

	// People and Seed choose the generated history (see [GeneratePlan]).
	People int
	Seed   uint64

	// Concurrency is the number of requests in flight, sign-ups apart.
	Concurrency int
	// SignUps is the number of sign-ups and log-ins in flight. Each costs the
	// server a password hash, of which it computes one per core.
	SignUps int
	// Batch is the number of aliased fields in one document. Tweets are
	// always posted one by one: a mutation that fails does not keep the ones
	// behind it from running, which would break the order of an author.
	Batch int

	// Patience bounds how long one request goes on without a usable answer.
	Patience time.Duration
	// RequestTimeout bounds one attempt of a request.
	RequestTimeout time.Duration
	// Settle is how long Verify waits for a difference to go away.
	Settle time.Duration
	// MaxDifferences bounds the differences that a report spells out.
	MaxDifferences int

	// Progress receives a bar where it is a terminal, else a line every few
	// seconds. Nil: silence.
	Progress io.Writer
	// Transport carries the requests. Nil: a pooled HTTP transport.
	Transport http.RoundTripper
}

// Default returns the settings that a plain `starling import` uses. URL and
// Progress are left to the caller.
func Default() Options {
	return Options{
		People:         200,
		Seed:           1,
		Concurrency:    32,
		SignUps:        4,
		Batch:          20,
		Patience:       2 * time.Minute,
		RequestTimeout: 30 * time.Second,
		Settle:         10 * time.Second,
		MaxDifferences: 20,
	}
}

// Validate reports every setting that cannot be used.
func (o Options) Validate() error {
	var faults []error
	if u, err := url.Parse(o.URL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		faults = append(faults, fmt.Errorf("url %q: give the router's base, such as http://127.0.0.1:4000", o.URL))
	}
	if (o.GraphFile == "") != (o.TweetsFile == "") {
		faults = append(faults, errors.New("give both a graph file and a tweets file, or neither"))
	}
	faults = append(
		faults,
		inRange("people", o.People, 1, MaxPeople),
		inRange("concurrency", o.Concurrency, 1, MaxConcurrency),
		inRange("sign-ups", o.SignUps, 1, MaxConcurrency),
		inRange("batch", o.Batch, 1, MaxBatch),
		positive("patience", o.Patience),
		positive("request timeout", o.RequestTimeout),
		positive("settle", o.Settle),
	)
	return errors.Join(faults...)
}

// Plan reads or generates the history that the options name.
func (o Options) Plan() (Plan, error) {
	o = o.withDefaults()
	if o.GraphFile == "" && o.TweetsFile == "" {
		return GeneratePlan(o.People, o.Seed), nil
	}
	graph, err := os.Open(o.GraphFile)
	if err != nil {
		return Plan{}, fmt.Errorf("importer: graph file: %w", err)
	}
	defer graph.Close()
	tweets, err := os.Open(o.TweetsFile)
	if err != nil {
		return Plan{}, fmt.Errorf("importer: tweets file: %w", err)
	}
	defer tweets.Close()
	return ReadPlan(graph, tweets)
}

// prepare is the common beginning of Load and Verify.
func (o Options) prepare() (Options, Plan, error) {
	o = o.withDefaults()
	if err := o.Validate(); err != nil {
		return o, Plan{}, fmt.Errorf("importer: %w", err)
	}
	plan, err := o.Plan()
	return o, plan, err
}

func (o Options) withDefaults() Options {
	d := Default()
	o.People = orDefault(o.People, d.People)
	o.Seed = orDefault(o.Seed, d.Seed)
	o.Concurrency = orDefault(o.Concurrency, d.Concurrency)
	o.SignUps = orDefault(o.SignUps, d.SignUps)
	o.Batch = orDefault(o.Batch, d.Batch)
	o.Patience = orDefault(o.Patience, d.Patience)
	o.RequestTimeout = orDefault(o.RequestTimeout, d.RequestTimeout)
	o.Settle = orDefault(o.Settle, d.Settle)
	o.MaxDifferences = orDefault(o.MaxDifferences, d.MaxDifferences)
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	return o
}

func orDefault[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}

func inRange(name string, v, low, high int) error {
	if v < low || v > high {
		return fmt.Errorf("%s is %d: give %d to %d", name, v, low, high)
	}
	return nil
}

func positive(name string, d time.Duration) error {
	if d <= 0 {
		return fmt.Errorf("%s is %s: give more than zero", name, d)
	}
	return nil
}
