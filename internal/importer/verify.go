package importer

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// settlePause is the time between two looks at what differs.
const settlePause = 500 * time.Millisecond

// shownPerCheck bounds the differences that a report spells out of one check,
// so that one bad list does not hide the others.
const shownPerCheck = 3

// Report says what a Verify compared and what it found.
type Report struct {
	Accounts, Tweets     int
	Feeds, FeedEntries   int // FeedEntries is what all feeds must hold together
	Followers, Followees int // entries of all these lists
	Likes, Comments      int
	Differences          int
	First                []string // the first differences, in words
	Requests             int64
	Waits                string // what had to be waited for; empty when nothing
	Elapsed              time.Duration
}

// String tells it in lines, the last one without its end.
func (r Report) String() string {
	if r.Accounts == 0 {
		return "nothing was compared"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "compared %d feeds of together %d entries, %d profiles, %d followers, %d followees, %d tweets, %d likes and %d comments in %d requests and %s",
		r.Feeds, r.FeedEntries, r.Accounts, r.Followers, r.Followees, r.Tweets, r.Likes, r.Comments, r.Requests, r.Elapsed.Round(10*time.Millisecond))
	if r.Waits != "" {
		fmt.Fprintf(&b, "; waited out: %s", r.Waits)
	}
	if r.Differences == 0 {
		b.WriteString("\nexact: no difference")
		return b.String()
	}
	fmt.Fprintf(&b, "\nnot exact: %d differences", r.Differences)
	for _, d := range r.First {
		fmt.Fprintf(&b, "\n  %s", d)
	}
	if more := r.Differences - len(r.First); more > 0 {
		fmt.Fprintf(&b, "\n  and %d more", more)
	}
	return b.String()
}

// DifferentError says that the server does not hold exactly the plan. The
// report has the differences.
type DifferentError struct{ Differences int }

func (e *DifferentError) Error() string {
	return fmt.Sprintf("importer: not exact: %d differences", e.Differences)
}

// Verify compares what the server shows with what the plan demands: every
// feed to its end as its viewer sees it, every profile, list, text and count,
// and the flags of viewers. It fails with a *DifferentError, and then with a
// full report, where they differ; with an *UnreachableError where the server
// stays away; and with the cause of ctx.
func Verify(ctx context.Context, o Options) (Report, error) {
	o, plan, err := o.prepare()
	if err != nil {
		return Report{}, err
	}
	client := newClient(o)
	defer client.close()
	v := newVerifier(plan, o, client)
	start := time.Now()
	differences, err := v.run(ctx)
	if err != nil {
		return Report{}, err
	}
	report := v.report(differences)
	report.Elapsed = time.Since(start)
	if report.Differences > 0 {
		return report, &DifferentError{Differences: report.Differences}
	}
	return report, nil
}

// verifier holds what the checks of one Verify share.
type verifier struct {
	plan     Plan
	model    *model
	book     *book
	client   *client
	reader   *reader
	sessions []*session // by account
	options  Options
	progress *progress
}

func newVerifier(p Plan, o Options, c *client) *verifier {
	v := &verifier{
		plan: p, model: newModel(p), book: newBook(p), client: c, options: o,
		reader: &reader{client: c, batch: o.Batch, limit: 10*(len(p.Accounts)+len(p.Tweets)+len(p.Comments)) + 1_000},
	}
	d := newDoorman(c, o.SignUps)
	for _, a := range p.Accounts {
		v.sessions = append(v.sessions, newSession(d, a, identity{}))
	}
	return v
}

// check looks at one part of the server and returns how it differs. It may be
// repeated. Its error ends the whole verification.
type check func(ctx context.Context) ([]string, error)

// run makes all checks in three rounds: who is who and which tweet is which
// line, as all else is told in ids; then what anybody sees; then what each
// viewer sees. The log-ins, which cost the server most, go on beside the first
// two. The result has the differences of each check that differs.
func (v *verifier) run(ctx context.Context) ([][]string, error) {
	v.progress = startProgress(v.options.Progress, isTerminal(v.options.Progress), &v.client.waits)
	defer v.progress.stop()

	ctx, cancel := context.WithCancel(ctx)
	var logIns sync.WaitGroup
	defer logIns.Wait()
	defer cancel()
	v.logIn(ctx, &logIns)

	accounts := chunks(len(v.plan.Accounts), v.reader.batch)
	tweets := chunks(len(v.plan.Tweets), v.reader.batch)
	var authors, public, personal []check
	for _, c := range accounts {
		authors = append(authors, func(ctx context.Context) ([]string, error) { return v.checkAuthors(ctx, c) })
		public = append(public, func(ctx context.Context) ([]string, error) { return v.checkProfiles(ctx, c) })
	}
	for _, c := range tweets {
		public = append(public, func(ctx context.Context) ([]string, error) { return v.checkTweets(ctx, c) })
	}
	for n := range v.plan.Accounts {
		personal = append(personal, func(ctx context.Context) ([]string, error) { return v.checkViewer(ctx, n) })
	}

	first, err := v.settle(ctx, "authors", authors)
	if err != nil {
		return nil, err
	}
	if shared := v.book.freeze(); len(shared) > 0 {
		first = append(first, shared)
	}
	second, err := v.settle(ctx, "profiles and tweets", public)
	if err != nil {
		return nil, err
	}
	third, err := v.settle(ctx, "viewers", personal)
	if err != nil {
		return nil, err
	}
	return append(append(first, second...), third...), nil
}

// logIn logs every account in ahead of its need. Whatever goes wrong goes wrong
// again, and is reported, where the session is needed.
func (v *verifier) logIn(ctx context.Context, wg *sync.WaitGroup) {
	var next atomic.Int64
	for range v.options.SignUps {
		wg.Go(func() {
			for n := int(next.Add(1)) - 1; n < len(v.sessions) && ctx.Err() == nil; n = int(next.Add(1)) - 1 {
				_, _ = v.sessions[n].bearer(ctx)
			}
		})
	}
}

// settle makes the checks, and repeats those that differ until none does or
// the number of differences has not fallen for Options.Settle.
func (v *verifier) settle(ctx context.Context, name string, checks []check) ([][]string, error) {
	meter := v.progress.meter(name, len(checks))
	results := make([][]string, len(checks))
	pending := make([]int, len(checks))
	for i := range pending {
		pending[i] = i
	}
	fewest, since := math.MaxInt, time.Now()
	for {
		if err := v.round(ctx, checks, pending, results, meter); err != nil {
			return nil, err
		}
		differences := 0
		var differing []int
		for _, i := range pending {
			if len(results[i]) > 0 {
				differing = append(differing, i)
				differences += len(results[i])
			}
		}
		pending = differing
		if differences < fewest {
			fewest, since = differences, time.Now()
		}
		if differences == 0 || time.Since(since) >= v.options.Settle {
			return pickDiffering(results, pending), nil
		}
		if err := sleep(ctx, settlePause); err != nil {
			return nil, err
		}
	}
}

func pickDiffering(results [][]string, indexes []int) [][]string {
	var out [][]string
	for _, i := range indexes {
		out = append(out, results[i])
	}
	return out
}

// round makes the given checks once, Options.Concurrency of them at a time. The
// meter counts those that find no difference.
func (v *verifier) round(ctx context.Context, checks []check, indexes []int, results [][]string, meter *meter) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var workers sync.WaitGroup
	var next atomic.Int64
	for range min(v.options.Concurrency, len(indexes)) {
		workers.Go(func() {
			for n := int(next.Add(1)) - 1; n < len(indexes) && ctx.Err() == nil; n = int(next.Add(1)) - 1 {
				differences, err := checks[indexes[n]](ctx)
				if err != nil {
					cancel(err)
					return
				}
				results[indexes[n]] = differences
				if len(differences) == 0 {
					meter.done.Add(1)
				}
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

func (v *verifier) report(differences [][]string) Report {
	r := Report{
		Accounts: len(v.plan.Accounts), Tweets: len(v.plan.Tweets), Feeds: len(v.plan.Accounts),
		Followers: len(v.plan.Follows), Followees: len(v.plan.Follows), Likes: len(v.plan.Likes), Comments: len(v.plan.Comments),
		Requests: v.client.waits.requests.Load(), Waits: v.client.waits.String(),
	}
	for n := range v.plan.Accounts {
		r.FeedEntries += len(v.model.feed(n))
	}
	for _, d := range differences {
		r.Differences += len(d)
		shown := min(len(d), shownPerCheck, v.options.MaxDifferences-len(r.First))
		r.First = append(r.First, d[:shown]...)
	}
	return r
}

// chunks cuts 0 to n-1 into runs of up to size.
func chunks(n, size int) [][]int {
	var out [][]int
	for from := 0; from < n; from += size {
		var c []int
		for i := from; i < min(from+size, n); i++ {
			c = append(c, i)
		}
		out = append(out, c)
	}
	return out
}

// expect compares a listing, unless reading it failed: that is its difference.
func (v *verifier) expect(l listing, e expectation) []string {
	if l.fault != "" {
		return []string{e.subject + " " + l.fault}
	}
	return e.compare(l.items())
}
