package importer

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// How often progress is shown.
const (
	barInterval  = 200 * time.Millisecond
	lineInterval = 3 * time.Second
	barWidth     = 20
)

// waits counts what the server was asked and what had to be waited for.
type waits struct {
	requests    atomic.Int64
	overloaded  atomic.Int64 // fields refused with OVERLOADED
	rateLimited atomic.Int64 // fields refused with RATE_LIMITED
	timeouts    atomic.Int64 // fields that may have been applied
	broken      atomic.Int64 // attempts without any answer
	waiting     atomic.Int64 // asks that sleep at this moment
}

// String names what is not zero; it is empty when all went well.
func (w *waits) String() string {
	var parts []string
	for _, p := range []struct {
		name string
		n    int64
	}{
		{"overloaded", w.overloaded.Load()},
		{"rate limited", w.rateLimited.Load()},
		{"timeouts", w.timeouts.Load()},
		{"no answer", w.broken.Load()},
		{"waiting now", w.waiting.Load()},
	} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", p.name, p.n))
		}
	}
	return strings.Join(parts, ", ")
}

// meter counts one kind of work.
type meter struct {
	name  string
	total int
	done  atomic.Int64
}

// progress shows meters while they move.
type progress struct {
	w        io.Writer
	terminal bool
	waits    *waits
	start    time.Time

	mu     sync.Mutex // guards meters and the writer
	meters []*meter

	quit chan struct{}
	gone sync.WaitGroup
}

// startProgress shows a bar on a terminal and lines elsewhere, until stop.
func startProgress(w io.Writer, terminal bool, waits *waits) *progress {
	p := &progress{w: w, terminal: terminal, waits: waits, start: time.Now(), quit: make(chan struct{})}
	p.gone.Go(p.run)
	return p
}

// meter adds a kind of work to what is shown.
func (p *progress) meter(name string, total int) *meter {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := &meter{name: name, total: total}
	p.meters = append(p.meters, m)
	return m
}

// stop shows the last state and returns when nothing more will be written.
func (p *progress) stop() {
	close(p.quit)
	p.gone.Wait()
	p.show()
	if p.terminal {
		fmt.Fprintln(p.w)
	}
}

func (p *progress) run() {
	interval := lineInterval
	if p.terminal {
		interval = barInterval
	}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			p.show()
		case <-p.quit:
			return
		}
	}
}

func (p *progress) show() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.terminal {
		fmt.Fprintf(p.w, "\r%s\x1b[K", p.line())
		return
	}
	fmt.Fprintln(p.w, p.line())
}

// line renders the state; the caller holds mu.
func (p *progress) line() string {
	var done, total int64
	var counts []string
	for _, m := range p.meters {
		n := m.done.Load()
		done += n
		total += int64(m.total)
		counts = append(counts, fmt.Sprintf("%s %d/%d", m.name, n, m.total))
	}
	share := 0.0
	if total > 0 {
		share = float64(done) / float64(total)
	}
	full := min(int(share*barWidth), barWidth)
	line := fmt.Sprintf("%5.1fs [%s%s] %3d%%  %s", time.Since(p.start).Seconds(),
		strings.Repeat("#", full), strings.Repeat("-", barWidth-full), int(100*share), strings.Join(counts, "  "))
	if waits := p.waits.String(); waits != "" {
		line += "  (" + waits + ")"
	}
	return line
}

// isTerminal says whether w shows a bar: a character device that is no sink.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
