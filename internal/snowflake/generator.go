package snowflake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// MaxAhead bounds the hybrid clock: no id is made further ahead of the wall clock than this.
	MaxAhead = 2 * time.Second

	// MaxStep is how far ahead of the wall clock a reservation is made. Only a parent ahead of the wall clock makes one
	// reach further, by no more than it needs.
	MaxStep = time.Second

	// keptFor is how long after the last id Run keeps a reservation.
	keptFor = time.Minute
	// headroom is reserved past an id that a parent drove ahead, so that not each of the next ids costs a reservation.
	headroom = 50 * time.Millisecond

	// maxSkew is how far the clock may be from that of the store when a process starts.
	maxSkew = time.Second

	// nodeWait is how long a start waits for a free node number: longer than any reservation that nobody extends.
	nodeWait = MaxAhead + MaxStep + headroom

	callTimeout = 2 * time.Second
	retryEvery  = 100 * time.Millisecond
)

var (
	// ErrClockAhead says that the id would be more than [MaxAhead] ahead of the wall clock: a parent comes from a machine
	// whose clock is wrong, or this one's was set back. Nothing was made or moved; retry later.
	ErrClockAhead = errors.New("the clock is too far ahead")

	// ErrClockBehind says that the wall clock is before [Epoch]: it is not set.
	ErrClockBehind = errors.New("the clock is not set: it is before 2024")

	// ErrUnavailable says that no reservation could be had, so no id was made. It wraps the reason. Retry later.
	ErrUnavailable = errors.New("no node lease")

	// ErrClockSkew says that this machine's clock is more than a second from the store's. Set the clock.
	ErrClockSkew = errors.New("the clock differs from the store's by more than a second")
)

// Config says what a generator works with. Leases is required.
type Config struct {
	Leases Leases

	// Now is the wall clock; nil is time.Now.
	Now func() time.Time

	// Offset is added to Now. It is for tests of several processes whose clocks differ (setting clock.offset).
	Offset time.Duration

	// StoreClock, where set, is asked once by Open for the store's time; beyond a second Open refuses (ErrClockSkew).
	StoreClock func(context.Context) (time.Time, error)

	// Logger hears of lost leases and of failures to extend one; nil is silence.
	Logger *slog.Logger
}

// Stats counts what an operator wants to see, since the generator was made.
type Stats struct {
	Minted     int64
	ClockAhead int64 // answers of ErrClockAhead
	Extended   int64 // reservations moved forward
	Lost       int64 // leases that somebody else took
	Failed     int64 // calls to the lease table that failed otherwise
}

// Generator makes ids. It is safe for use by many goroutines.
type Generator struct {
	leases Leases
	now    func() time.Time
	offset time.Duration
	store  func(context.Context) (time.Time, error)
	log    *slog.Logger
	sleep  func(context.Context, time.Duration) error

	minted, ahead, extended, lost, failed atomic.Int64

	// turn is held by the one goroutine that talks to the lease table. It is a channel so that waiting ends with a context.
	turn chan struct{}

	mu    sync.Mutex
	held  bool   // guarded by mu, written only with turn held
	lease Lease  // guarded by mu, written only with turn held
	last  Millis // guarded by mu: the millisecond of the last id
	seq   int    // guarded by mu: the sequence of the last id
}

// New makes a generator. It does no I/O: call Open before Mint.
func New(cfg Config) *Generator {
	g := &Generator{
		leases: cfg.Leases,
		now:    cfg.Now,
		offset: cfg.Offset,
		store:  cfg.StoreClock,
		log:    cfg.Logger,
		sleep:  sleep,
		turn:   make(chan struct{}, 1),
	}
	if g.now == nil {
		g.now = time.Now
	}
	if g.log == nil {
		g.log = slog.New(slog.DiscardHandler)
	}
	return g
}

// Open compares the clock with the store's and takes a node number. It waits up to three seconds for a free one, and while
// the number it got begins more than MaxStep ahead of the wall clock.
func (g *Generator) Open(ctx context.Context) error {
	if g.leases == nil {
		return errors.New("snowflake: open: no lease table")
	}
	if err := g.compareClocks(ctx); err != nil {
		return err
	}
	return g.reserve(ctx, 0)
}

// Run keeps the reservation ahead of the clock, so that Mint does not have to wait for it, until ctx is done; then it
// returns nil. Where nothing was minted for a minute it lets the reservation lapse, and the next Mint waits: a lease is
// written several times in a second, and most processes never mint. A failure is logged and tried again: ids are made until the reservation is used up.
func (g *Generator) Run(ctx context.Context) error {
	tick := time.NewTicker(MaxStep / 4)
	defer tick.Stop()
	healthy := true
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if !g.busy() || !g.short() {
			continue
		}
		err := g.keep(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil && healthy {
			g.log.WarnContext(ctx, "cannot extend the node lease, trying on", "error", err)
		}
		if err == nil && !healthy {
			g.log.InfoContext(ctx, "node lease extended again")
		}
		healthy = err == nil
	}
}

// Mint makes an id that is at least one millisecond past every parent. Parents are ids that the caller found (an id that
// only a client named must not move the clock); 0 is skipped. It waits only for a reservation or for the next millisecond.
// Errors: ErrClockAhead, ErrClockBehind, ErrUnavailable, the
// context's. After an error nothing was made.
func (g *Generator) Mint(ctx context.Context, parents ...ID) (ID, error) {
	var need Millis
	for _, p := range parents {
		if p > 0 {
			need = max(need, Millis(p.Millis())+1)
		}
	}
	for {
		id, missing, err := g.next(need)
		switch {
		case err != nil:
			return 0, err
		case id != 0:
			g.minted.Add(1)
			return id, nil
		case missing == 0: // this millisecond is full
			err = g.sleep(ctx, time.Millisecond)
		default:
			err = g.reserve(ctx, missing)
		}
		if err != nil {
			return 0, err
		}
	}
}

// Stats answers the counters.
func (g *Generator) Stats() Stats {
	return Stats{
		Minted:     g.minted.Load(),
		ClockAhead: g.ahead.Load(),
		Extended:   g.extended.Load(),
		Lost:       g.lost.Load(),
		Failed:     g.failed.Load(),
	}
}

// next makes the next id not before need. Where the lease does not reach that far it answers the millisecond that is
// missing and moves nothing; 0 and 0 means that the present millisecond is full.
func (g *Generator) next(need Millis) (id ID, missing Millis, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()

	wall := g.wall()
	if wall <= Epoch {
		return 0, 0, fmt.Errorf("snowflake: mint at %s: %w", wall.Time().Format(time.DateOnly), ErrClockBehind)
	}
	ms := max(wall, g.last, g.lease.From, need)
	seq := 0
	if ms == g.last {
		seq = g.seq + 1
	}
	if seq == PerMilli {
		// Only parents may move the clock: a burst waits for the wall clock. One that is ahead already, because of a parent,
		// steps on, or a thousand ids would have to last for seconds.
		if ms <= wall {
			return 0, 0, nil
		}
		ms, seq = ms+1, 0
	}
	if ms > wall+Millis(MaxAhead.Milliseconds()) {
		g.ahead.Add(1)
		return 0, 0, fmt.Errorf("snowflake: mint %d ms ahead of the wall clock: %w", ms-wall, ErrClockAhead)
	}
	if !g.held || ms > g.lease.Until {
		return 0, ms, nil
	}
	g.last, g.seq = ms, seq
	return Make(ms, g.lease.Node, seq), 0, nil
}

func (g *Generator) wall() Millis { return MillisOf(g.now().Add(g.offset)) }

// compareClocks refuses a clock that is surely more than maxSkew off; the time the question took counts for this process.
func (g *Generator) compareClocks(ctx context.Context) error {
	if g.store == nil {
		return nil
	}
	before := g.now().Add(g.offset)
	at, err := g.store(ctx)
	if err != nil {
		return fmt.Errorf("snowflake: read the store's clock: %w", err)
	}
	after := g.now().Add(g.offset)
	if off := before.Sub(at); off > maxSkew {
		return fmt.Errorf("snowflake: ahead by %s: %w", off.Round(time.Millisecond), ErrClockSkew)
	}
	if off := at.Sub(after); off > maxSkew {
		return fmt.Errorf("snowflake: behind by %s: %w", off.Round(time.Millisecond), ErrClockSkew)
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
