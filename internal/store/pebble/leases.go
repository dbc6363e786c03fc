package storepebble

import (
	"context"
	"fmt"
	"sync"

	"github.com/starlinghq/starling/internal/snowflake"
)

// leaseRow is how far a node number is reserved, and for whom.
type leaseRow struct {
	until snowflake.Millis
	token int64
}

// leases knows which numbers were handed out since the database was opened.
// The holders of all others are dead: the folder has one process.
type leases struct {
	mu   sync.Mutex   // one call at a time
	held map[int]bool // guarded by mu
}

// Take implements [snowflake.Leases]. The number of a dead holder is handed out
// before its reservation has passed, to go on behind it, so that a restart
// waits for nothing; one that was reserved more than a step ahead, by a clock
// that was set back since, is passed over while there is another.
func (s *Store) Take(ctx context.Context, now, until snowflake.Millis) (snowflake.Lease, error) {
	if err := s.alive(ctx); err != nil {
		return snowflake.Lease{}, fmt.Errorf("store: take a node number: %w", err)
	}
	s.leases.mu.Lock()
	defer s.leases.mu.Unlock()
	best, err := s.freeNode(now)
	if err != nil {
		return snowflake.Lease{}, fmt.Errorf("store: take a node number: %w", err)
	}
	best.Until = max(best.Until, until)
	best.Token++
	if err := s.putLease(best); err != nil {
		return snowflake.Lease{}, fmt.Errorf("store: take node number %d: %w", best.Node, err)
	}
	s.leases.held[best.Node] = true
	return best, nil
}

// freeNode returns the first number that may be handed out and begins at most a
// step ahead of now, else the one that begins first. It bears the token and the
// reservation of its former holder.
func (s *Store) freeNode(now snowflake.Millis) (snowflake.Lease, error) {
	var best *snowflake.Lease
	key := s.key()
	for node := range snowflake.Nodes {
		row, found, err := read(s, leaseKey(key, node), decodeLease)
		if err != nil {
			return snowflake.Lease{}, err
		}
		l := snowflake.Lease{Node: node, From: now, Until: row.until, Token: row.token}
		if found && row.until >= now {
			if s.leases.held[node] {
				continue
			}
			l.From = row.until + 1
		}
		if l.From <= now+snowflake.Millis(snowflake.MaxStep.Milliseconds()) {
			return l, nil
		}
		if best == nil || l.From < best.From {
			best = &l
		}
	}
	if best == nil {
		return snowflake.Lease{}, snowflake.ErrNoNode
	}
	return *best, nil
}

// Extend implements [snowflake.Leases].
func (s *Store) Extend(ctx context.Context, l snowflake.Lease, until snowflake.Millis) (snowflake.Lease, error) {
	if err := s.alive(ctx); err != nil {
		return snowflake.Lease{}, fmt.Errorf("store: extend node number %d: %w", l.Node, err)
	}
	s.leases.mu.Lock()
	defer s.leases.mu.Unlock()
	row, found, err := read(s, leaseKey(s.key(), l.Node), decodeLease)
	if err == nil && (!found || row.token != l.Token) {
		err = snowflake.ErrLeaseLost
	}
	if err != nil {
		return snowflake.Lease{}, fmt.Errorf("store: extend node number %d: %w", l.Node, err)
	}
	l.Until = max(row.until, until)
	if l.Until == row.until {
		return l, nil
	}
	if err := s.putLease(l); err != nil {
		return snowflake.Lease{}, fmt.Errorf("store: extend node number %d: %w", l.Node, err)
	}
	return l, nil
}

// putLease writes a row. The caller holds leases.mu.
func (s *Store) putLease(l snowflake.Lease) error {
	b := s.newBatch()
	defer b.Close()
	b.set(leaseKey(s.key(), l.Node), encodeLease(nil, leaseRow{until: l.Until, token: l.Token}))
	return s.commit(b)
}
