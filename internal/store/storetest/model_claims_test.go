package storetest

import (
	"bytes"
	"context"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

func (m *model) ClaimHandle(ctx context.Context, a social.Account) (holder social.Account, won bool, err error) {
	err = m.do(ctx, func() {
		var taken bool
		if holder, taken = m.handles[m.fold(a.Handle)]; !taken {
			holder = a
			m.handles[m.fold(a.Handle)] = a
		}
	})
	return holder, err == nil && holder == a, err
}

func (m *model) Account(ctx context.Context, handle string) (a social.Account, err error) {
	found := false
	err = m.do(ctx, func() { a, found = m.handles[m.fold(handle)] })
	if err == nil && !found {
		err = store.ErrNotFound
	}
	return a, err
}

func (m *model) ClaimKey(ctx context.Context, actor social.UserID, key string, c store.Claim) (holder store.Claim, won bool, err error) {
	err = m.do(ctx, func() {
		row, taken := m.keys[keyOf{actor, key}]
		if !taken || !row.ends.After(m.clock) {
			row = keyRow{c, m.clock.Add(store.KeyTTL)}
			m.keys[keyOf{actor, key}] = row
		}
		holder = row.Claim
	})
	return holder, err == nil && sameClaim(holder, c), err
}

func (m *model) Key(ctx context.Context, actor social.UserID, key string) (c store.Claim, err error) {
	found := false
	err = m.do(ctx, func() {
		row := m.keys[keyOf{actor, key}]
		c, found = row.Claim, row.ends.After(m.clock)
	})
	if err == nil && !found {
		err = store.ErrNotFound
	}
	return c, err
}

func sameClaim(a, b store.Claim) bool {
	return a.InputHash == b.InputHash && bytes.Equal(a.Event, b.Event)
}

func (m *model) Settle(ctx context.Context) error { return m.do(ctx, func() {}) }
func (m *model) Ping(ctx context.Context) error   { return m.do(ctx, func() {}) }

func (m *model) Epoch(ctx context.Context, s store.Shard) (e store.Epoch, err error) {
	err = m.do(ctx, func() { e = m.epochs[s] })
	return e, err
}

func (m *model) TakeEpoch(ctx context.Context, s store.Shard, read store.Epoch) (e store.Epoch, err error) {
	err = m.do(ctx, func() {
		if m.epochs[s] == read {
			e = read + 1
			m.epochs[s] = e
		}
	})
	if err == nil && e == 0 {
		err = store.ErrStale
	}
	return e, err
}

func (m *model) Take(ctx context.Context, now, until snowflake.Millis) (l snowflake.Lease, err error) {
	found := false
	err = m.do(ctx, func() {
		for node := range m.leases {
			row := &m.leases[node]
			if row.Token != 0 && row.Until >= now {
				continue
			}
			*row = snowflake.Lease{Node: node, From: now, Until: until, Token: row.Token + 1}
			l, found = *row, true
			return
		}
	})
	if err == nil && !found {
		err = snowflake.ErrNoNode
	}
	return l, err
}

func (m *model) Extend(ctx context.Context, l snowflake.Lease, until snowflake.Millis) (out snowflake.Lease, err error) {
	lost := false
	err = m.do(ctx, func() {
		row := &m.leases[l.Node]
		if lost = row.Token != l.Token; !lost {
			row.Until = max(row.Until, until)
			out = *row
		}
	})
	if lost {
		err = snowflake.ErrLeaseLost
	}
	return out, err
}

// crashed returns what is there after the crash of m: all of it.
func crashed(m *model) *model {
	m.mu.Lock()
	defer m.mu.Unlock()
	next := newModel()
	next.strict, next.clock = m.strict, m.clock
	next.tweets, next.logs, next.users = m.tweets, m.logs, m.users
	next.members, next.counts, next.likes, next.comments = m.members, m.counts, m.likes, m.comments
	next.handles, next.keys, next.epochs, next.leases = m.handles, m.keys, m.epochs, m.leases
	return next
}
