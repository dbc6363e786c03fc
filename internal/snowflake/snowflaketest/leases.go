// Package snowflaketest brings a lease table in memory, for tests that need ids and no store.
package snowflaketest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/snowflake"
)

// Open is a generator over a table of its own.
func Open(t testing.TB) *snowflake.Generator {
	t.Helper()
	g := snowflake.New(snowflake.Config{Leases: &Leases{}})
	if err := g.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	return g
}

// SkipToEpoch lets the time of a synctest bubble, which begins in 2000, pass to 2025: there are no ids before 2024. Call it
// before anything that ticks is started.
func SkipToEpoch() { <-time.After(time.Until(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC))) }

// Leases is a table of node numbers shared by the generators of one test.
type Leases struct {
	// Nodes is how many numbers there are; 0 is all of them.
	Nodes int

	// Embedded hands a number out again before its reservation has passed, as a store with one process does.
	Embedded bool

	mu   sync.Mutex
	rows []snowflake.Lease // guarded by mu
}

var _ snowflake.Leases = (*Leases)(nil)

// Take is snowflake.Leases.
func (l *Leases) Take(_ context.Context, now, until snowflake.Millis) (snowflake.Lease, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.rows {
		row := &l.rows[i]
		if row.Until >= now && !l.Embedded {
			continue
		}
		var from snowflake.Millis
		if l.Embedded {
			from = max(now, row.Until+1)
		}
		*row = snowflake.Lease{Node: i, From: from, Until: max(row.Until, until), Token: row.Token + 1}
		return *row, nil
	}
	most := l.Nodes
	if most == 0 {
		most = snowflake.Nodes
	}
	if len(l.rows) >= most {
		return snowflake.Lease{}, snowflake.ErrNoNode
	}
	l.rows = append(l.rows, snowflake.Lease{Node: len(l.rows), Until: until, Token: 1})
	return l.rows[len(l.rows)-1], nil
}

// Extend is snowflake.Leases.
func (l *Leases) Extend(_ context.Context, held snowflake.Lease, until snowflake.Millis) (snowflake.Lease, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if held.Node < 0 || held.Node >= len(l.rows) || l.rows[held.Node].Token != held.Token {
		return snowflake.Lease{}, snowflake.ErrLeaseLost
	}
	row := &l.rows[held.Node]
	row.Until = max(row.Until, until)
	return *row, nil
}

// Steal gives the number to nobody in particular, as a process with a fast clock would take it.
func (l *Leases) Steal(node int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows[node].Token++
}

// Until is how far the number is reserved; 0 where nobody took it yet.
func (l *Leases) Until(node int) snowflake.Millis {
	l.mu.Lock()
	defer l.mu.Unlock()
	if node >= len(l.rows) {
		return 0
	}
	return l.rows[node].Until
}
