package snowflake_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/snowflake/snowflaketest"
)

// action is one step of a history; which of the numbers count depends on kind.
type action struct {
	kind, who, n int
	ms           snowflake.Millis
}

const (
	actMint    = iota // n ids with the newest id of anybody as parent, or none
	actAdvance        // true time passes by ms
	actCrash          // the process dies and starts again
	actPause          // at its n-th next look at clock or table the process stops, and the rest of the world does n steps
	actSkew           // the process's clock is set to ms off
	actFail           // its next call to the table fails, after having been applied where n is odd
	actKeep           // one round of Run
	actForged         // mint with an id of the far future as parent
	actKinds
)

func actions() *rapid.Generator[[]action] {
	one := rapid.Custom(func(t *rapid.T) action {
		return action{
			kind: rapid.SampledFrom([]int{
				actMint, actMint, actMint, actMint, actAdvance, actAdvance, actAdvance, actCrash, actPause, actPause, actSkew, actFail, actKeep, actForged,
			}).Draw(t, "kind"),
			who: rapid.IntRange(0, processes-1).Draw(t, "who"),
			n:   rapid.IntRange(0, 5).Draw(t, "n"),
			// Few values, so that clocks of different processes meet in one millisecond.
			ms: rapid.SampledFrom([]snowflake.Millis{0, 1, 2, 400, 500, 1000, 1500, 2500, 5000}).Draw(t, "ms"),
		}
	})
	return rapid.SliceOfN(one, 100, 300)
}

const (
	processes = 3
	nodes     = 3
)

var errTable = errors.New("the table is away")

// world runs a history on several generators over one lease table, in its own time and in one goroutine: a pause is a nested
// run of the steps that follow, in the middle of a call.
type world struct {
	steps  []action
	now    snowflake.Millis
	table  *snowflaketest.Leases
	procs  [processes]*process
	ids    map[snowflake.ID]int
	newest snowflake.ID
	depth  int
	err    error
	ignore bool // the control: leases never end
}

type process struct {
	w       *world
	name    int
	gen     *snowflake.Generator
	skew    snowflake.Millis
	last    snowflake.ID
	stopped bool
	pauseIn int // looks until it stops; 0: it does not
	steps   int // steps of the others meanwhile
	fail    int // 0 no, 1 after, 2 before being applied
}

func run(steps []action, ignore bool) error {
	w := &world{
		steps: steps, now: snowflake.Epoch + 1_000_000, ids: map[snowflake.ID]int{},
		table: &snowflaketest.Leases{Nodes: nodes}, ignore: ignore,
	}
	for i := range w.procs {
		w.procs[i] = &process{w: w, name: i}
		w.procs[i].start()
	}
	for w.err == nil && len(w.steps) > 0 {
		w.step()
	}
	return w.err
}

func (w *world) step() {
	a := w.steps[0]
	w.steps = w.steps[1:]
	p := w.procs[a.who]
	if a.kind == actAdvance {
		w.now += a.ms
		return
	}
	if p.stopped {
		return
	}
	switch a.kind {
	case actMint:
		for range a.n {
			p.mint(w.newest * snowflake.ID(a.ms&1))
		}
	case actCrash:
		p.start()
	case actPause:
		p.pauseIn, p.steps = a.n+1, 2*a.n+1
	case actSkew:
		p.skew = a.ms - 1000
	case actFail:
		p.fail = 1 + a.n%2
	case actKeep:
		_ = p.gen.Keep(context.Background()) // tried again by the next round, as Run does
	case actForged:
		p.forged()
	}
}

// look is called wherever the process looks outside; there it may be stopped.
func (p *process) look() {
	if p.pauseIn == 0 {
		return
	}
	p.pauseIn--
	if p.pauseIn > 0 || p.w.depth > 3 {
		return
	}
	p.stopped = true
	p.w.depth++
	for range p.steps {
		if len(p.w.steps) == 0 || p.w.err != nil {
			break
		}
		p.w.step()
	}
	p.w.depth--
	p.stopped = false
}

func (p *process) start() {
	p.last, p.pauseIn = 0, 0
	p.gen = snowflake.New(snowflake.Config{Leases: p, Now: p.clock})
	p.gen.SetSleep(func(_ context.Context, d time.Duration) error {
		p.w.now += max(1, snowflake.Millis(d.Milliseconds()))
		return nil
	})
	err := p.gen.Open(context.Background())
	if err != nil && !errors.Is(err, snowflake.ErrUnavailable) {
		p.w.fail("open: %v", err)
	}
}

func (p *process) clock() time.Time {
	at := (p.w.now + p.skew).Time()
	p.look()
	return at
}

func (p *process) Take(ctx context.Context, now, until snowflake.Millis) (snowflake.Lease, error) {
	return p.call(func() (snowflake.Lease, error) { return p.w.table.Take(ctx, now, until) })
}

func (p *process) Extend(ctx context.Context, l snowflake.Lease, until snowflake.Millis) (snowflake.Lease, error) {
	return p.call(func() (snowflake.Lease, error) { return p.w.table.Extend(ctx, l, until) })
}

func (p *process) call(f func() (snowflake.Lease, error)) (snowflake.Lease, error) {
	p.look()
	fail := p.fail
	p.fail = 0
	if fail == 2 {
		return snowflake.Lease{}, errTable
	}
	lease, err := f()
	p.look()
	if fail == 1 {
		return snowflake.Lease{}, errTable
	}
	if p.w.ignore {
		lease.Until += 3_600_000
	}
	return lease, err
}

func (p *process) mint(parent snowflake.ID) {
	gen := p.gen
	id, err := gen.Mint(context.Background(), parent)
	if err != nil {
		if !errors.Is(err, snowflake.ErrClockAhead) && !errors.Is(err, snowflake.ErrUnavailable) {
			p.w.fail("mint: %v", err)
		}
		return
	}
	w := p.w
	if by, dup := w.ids[id]; dup {
		w.fail("process %d made %d (node %d), which process %d made", p.name, id, id.Node(), by)
	}
	if id <= p.last {
		w.fail("process %d made %d after %d", p.name, id, p.last)
	}
	if parent != 0 && id.Millis() <= parent.Millis() {
		w.fail("%d is not past its parent %d", id, parent)
	}
	if ahead := snowflake.Millis(id.Millis()) - (w.now + max(p.skew, 4000)); ahead > 2000 {
		w.fail("%d is %d ms ahead", id, ahead)
	}
	if until := w.table.Until(id.Node()); !w.ignore && snowflake.Millis(id.Millis()) > until {
		w.fail("%d is past the reservation %d of node %d", id, until, id.Node())
	}
	w.ids[id] = p.name
	w.newest = max(w.newest, id)
	p.last = id
}

// forged mints with a parent of the far future, after which nothing may have moved.
func (p *process) forged() {
	var before [nodes]snowflake.Millis
	for i := range before {
		before[i] = p.w.table.Until(i)
	}
	p.pauseIn = 0
	if _, err := p.gen.Mint(context.Background(), 1<<63-1); !errors.Is(err, snowflake.ErrClockAhead) {
		p.w.fail("a forged parent is answered with %v", err)
	}
	for i := range before {
		if now := p.w.table.Until(i); now != before[i] {
			p.w.fail("a forged parent moved the reservation of node %d by %d ms", i, now-before[i])
		}
	}
}

func (w *world) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf(format, args...)
	}
}

func TestNeverTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		if err := run(actions().Draw(t, "actions"), false); err != nil {
			t.Fatal(err)
		}
	})
	for seed := range 1500 { // breadth, without shrinking
		if err := run(actions().Example(seed), false); err != nil {
			t.Fatalf("history %d: %v", seed, err)
		}
	}
}

// The model must be able to fail: generators that do not heed the end of their lease make the same id sooner or later.
func TestNeverTwiceCatchesOneThatIgnoresItsLease(t *testing.T) {
	for seed := range 5000 {
		if err := run(actions().Example(seed), true); err != nil {
			t.Logf("caught at history %d: %v", seed, err)
			return
		}
	}
	t.Fatal("5000 histories of generators that ignore their lease, and the model found nothing")
}
