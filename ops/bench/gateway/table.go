package gateway

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// aim is a bound on our CPU for a request as a multiple of a peer's.
type aim struct{ ratio float64 }

// The other aims.
const (
	aimMemory = 100 << 20
	aimStart  = 500 * time.Millisecond
)

func median[T cmp.Ordered](list []T) T {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}

func (c *contender) cpu() time.Duration {
	var all []time.Duration
	for _, r := range c.rounds {
		all = append(all, r.cpu)
	}
	return median(all)
}

func (c *contender) rate() float64 {
	var all []float64
	for _, r := range c.rounds {
		all = append(all, r.rate)
	}
	return median(all)
}

// ratio is our CPU for a request as a multiple of a peer's: the median over
// the rounds.
func (c *contender) ratio(peer *contender) float64 {
	var all []float64
	for i, r := range peer.rounds {
		all = append(all, float64(c.rounds[i].cpu)/float64(r.cpu))
	}
	return median(all)
}

// table writes what was measured, and which aims are met.
func (b *bench) table(out io.Writer) error {
	us := b.all[0]
	fmt.Fprintf(out, "One operation over 4 subgraphs, an answer of %d kB, %d clients, rounds of %s in turn, %d for each gateway; every answer checked.\n\n",
		(len(b.data)+len(`{"data":}`)+500)/1000, b.cfg.Clients, b.cfg.Length, b.cfg.Rounds)
	w := tabwriter.NewWriter(out, 0, 8, 1, ' ', 0)
	fmt.Fprintln(w, "| gateway\t| CPU for a request\t| ours to it\t| requests/s\t| subgraph requests\t| peak memory\t| first right answer\t|")
	fmt.Fprintln(w, "| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t|")
	for _, c := range b.all {
		if c.absent != nil {
			fmt.Fprintf(w, "| %s\t| not measured: %v\t|\t|\t|\t|\t|\t|\n", c.name, c.absent)
			continue
		}
		fmt.Fprintf(w, "| %s\t| %.2f ms\t| %.2f\t| %.0f\t| %g\t| %d MB\t| %.2f s\t|\n",
			c.name, ms(c.cpu()), us.ratio(c), c.rate(), c.calls, c.highest>>20, median(c.starts).Seconds())
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("gateway: %w", err)
	}
	fmt.Fprintln(out)
	for _, v := range b.verdicts() {
		fmt.Fprintln(out, v)
	}
	return nil
}

// verdicts says which aims are met.
func (b *bench) verdicts() []string {
	us := b.all[0]
	var out []string
	say := func(met bool, format string, args ...any) {
		word := "met:    "
		if !met {
			word = "missed: "
		}
		out = append(out, word+fmt.Sprintf(format, args...))
	}
	fewest, by := us.calls, us
	for _, c := range b.all[1:] {
		if c.absent != nil {
			continue
		}
		if c.calls < fewest {
			fewest, by = c.calls, c
		}
		for _, a := range c.aims {
			r := us.ratio(c)
			say(r <= a.ratio, "CPU %.2f times that of %s, at most %.1f", r, c.name, a.ratio)
		}
	}
	say(us.calls <= fewest, "%g subgraph requests, the fewest are %g (%s)", us.calls, fewest, by.name)
	say(us.highest <= aimMemory, "peak memory %d MB, at most %d", us.highest>>20, aimMemory>>20)
	say(median(us.starts) <= aimStart, "first right answer after %s, at most %s", median(us.starts).Round(time.Millisecond), aimStart)
	return out
}
