package difftest

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"time"
)

// trace is what the subgraphs of a harness were asked in the operation under
// way, and what they saw of it.
type trace struct {
	mu    sync.Mutex
	r     *rand.Rand
	asked int
	open  map[int]bool
	// overtaken is set when an answer came before that of an earlier request.
	overtaken bool
	// seen are the rows of the coverage table that the requests belong to.
	seen map[string]bool
	// joins are the entities that were asked for.
	joins []joined
	// arguments are those of required fields, by coordinate.
	arguments map[string]string
}

// joined is an entity that a subgraph was asked for by a key.
type joined struct {
	subgraph string
	obj      object
	key      string
	as       string // the type in the representation
}

func (t *trace) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asked, t.open, t.overtaken, t.seen, t.joins, t.arguments = 0, make(map[int]bool), false, make(map[string]bool), nil, nil
}

// see marks a row.
func (t *trace) see(row string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.seen == nil {
		t.seen = make(map[string]bool)
	}
	t.seen[row] = true
}

func (t *trace) join(j joined) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.joins = append(t.joins, j)
}

// begin notes a request.
func (t *trace) begin() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asked++
	if t.open == nil {
		t.open = make(map[int]bool)
	}
	t.open[t.asked] = true
	return t.asked
}

// end holds an answer back for a while, so that answers come in random order.
func (t *trace) end(n int) {
	t.mu.Lock()
	turns, wait := 0, time.Duration(0)
	if t.r != nil && len(t.open) > 1 {
		turns = t.r.IntN(40)
		if t.r.IntN(3) == 0 {
			wait = time.Duration(t.r.IntN(200)) * time.Microsecond
		}
	}
	t.mu.Unlock()
	for range turns {
		runtime.Gosched()
	}
	if wait > 0 {
		<-time.After(wait)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.open, n)
	for earlier := range t.open {
		t.overtaken = t.overtaken || earlier < n
	}
}
