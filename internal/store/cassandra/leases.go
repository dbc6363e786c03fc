package storecassandra

import (
	"context"
	"fmt"
	"math/rand/v2"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/starlinghq/starling/internal/snowflake"
)

// leaseRow is how far a node number is reserved, and for whom. Token 0 is a
// number nobody ever took.
type leaseRow struct {
	node         int
	until, token int64
}

// Take implements [snowflake.Leases]. It tries free numbers in no order, so that
// processes which start together do not meet at each.
func (s *Store) Take(ctx context.Context, now, until snowflake.Millis) (snowflake.Lease, error) {
	free, err := s.freeNodes(ctx, now)
	if err != nil {
		return snowflake.Lease{}, fmt.Errorf("store: take a node number: %w", err)
	}
	rand.Shuffle(len(free), func(i, j int) { free[i], free[j] = free[j], free[i] })
	for _, row := range free {
		l := snowflake.Lease{Node: row.node, From: now, Until: until, Token: 1 + rand.Int64N(1<<62)}
		won, err := s.takeNode(ctx, row, l)
		if err != nil {
			return snowflake.Lease{}, fmt.Errorf("store: take node number %d: %w", row.node, err)
		}
		if won {
			return l, nil
		}
	}
	return snowflake.Lease{}, fmt.Errorf("store: take a node number: %w", snowflake.ErrNoNode)
}

// freeNodes returns the numbers whose reservation has passed at now.
func (s *Store) freeNodes(ctx context.Context, now snowflake.Millis) (free []leaseRow, err error) {
	var (
		all [snowflake.Nodes]leaseRow
		row leaseRow
	)
	err = s.all(ctx, s.cql.leases, nil,
		func() {
			for node := range all {
				all[node] = leaseRow{node: node}
			}
		},
		func() {
			if row.node >= 0 && row.node < snowflake.Nodes {
				all[row.node] = row
			}
		},
		&row.node, &row.until, &row.token)
	if err != nil {
		return nil, err
	}
	for _, row := range all {
		if row.token == 0 || row.until < int64(now) {
			free = append(free, row)
		}
	}
	return free, nil
}

// takeNode takes a number if it is as it was read.
func (s *Store) takeNode(ctx context.Context, was leaseRow, l snowflake.Lease) (won bool, err error) {
	cql, args := s.cql.takeLease, []any{int64(l.Until), l.Token, l.Node, was.token, was.until}
	if was.token == 0 {
		cql, args = s.cql.firstLease, args[:3]
	}
	err = s.decide(ctx, func(ctx context.Context, g *gocql.Session) error {
		applied, row, err := s.apply(ctx, g, cql, args)
		won = applied || column[int64](row, "holder") == l.Token
		return err
	}, func(ctx context.Context, g *gocql.Session) (known bool, err error) {
		var until, token int64
		_, err = s.serial(ctx, g, s.cql.lease, []any{l.Node}, &until, &token)
		won = token == l.Token
		return err == nil && token != was.token, err
	})
	return won, err
}

// Extend implements [snowflake.Leases].
func (s *Store) Extend(ctx context.Context, l snowflake.Lease, until snowflake.Millis) (snowflake.Lease, error) {
	lost := false
	err := s.decide(ctx, func(ctx context.Context, g *gocql.Session) error {
		applied, row, err := s.apply(ctx, g, s.cql.extendLease, []any{int64(until), l.Node, l.Token, int64(until)})
		switch {
		case err != nil:
			return err
		case applied:
			l.Until = until
		case column[int64](row, "holder") != l.Token:
			lost = true
		default: // it reaches as far already
			l.Until = snowflake.Millis(column[int64](row, "until_ms"))
		}
		return nil
	}, func(ctx context.Context, g *gocql.Session) (known bool, err error) {
		var reached, token int64
		_, err = s.serial(ctx, g, s.cql.lease, []any{l.Node}, &reached, &token)
		lost = err == nil && token != l.Token
		if reached >= int64(until) {
			l.Until = snowflake.Millis(reached)
		}
		return err == nil && (lost || reached >= int64(until)), err
	})
	if err == nil && lost {
		err = snowflake.ErrLeaseLost
	}
	if err != nil {
		return snowflake.Lease{}, fmt.Errorf("store: extend node number %d: %w", l.Node, err)
	}
	return l, nil
}
